"""A copy of an agent beside the live one, made of what a release changes and what lies between it and the agent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wavegate.components.component import ComponentId


@dataclass(frozen=True, kw_only=True, slots=True)
class NotSeparable:
    """A changed component that no copy can keep from everybody. why: half a sentence, such as `is a trigger`."""

    component: ComponentId
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Residue:
    """Where a copied file still has the name of a copied component, as data or as words that the model reads.

    Also where a Lightning web component keeps calling the original of a copied class.
    """

    path: str
    line: int
    name: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PilotCopy:
    """The copies of a release's agents.

    agents: name of the copy by agent. names: the copy of each component that is copied. shared: new components that
    ship under their own names, because nothing live refers to them. files: bytes of each file of a copy by its path.
    originals: the path that each of those was copied from. not_separable: changes that reach everybody. residues:
    what a person should read. permission_set: the name of the generated one. local_names: the names in the copies of
    the topics and actions that planner bundles define themselves, by their original name. labelled: those of `files`
    with a label that says what they are. replaced: files of the project that a copy needs otherwise than the commit
    has them: its `sfdx-project.json`, with `replacements` that hold for the copies too.
    """

    agents: Mapping[str, str]
    names: Mapping[ComponentId, ComponentId]
    shared: tuple[ComponentId, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    originals: Mapping[str, str] = field(default_factory=dict)
    not_separable: tuple[NotSeparable, ...] = ()
    residues: tuple[Residue, ...] = ()
    permission_set: str = ""
    local_names: Mapping[str, str] = field(default_factory=dict)
    labelled: frozenset[str] = frozenset()
    replaced: Mapping[str, bytes] = field(default_factory=dict)
