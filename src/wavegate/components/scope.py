"""The scope of a release: its components, why each is part of it, and what could not be found."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wavegate.components.component import Component, ComponentId, Contents
from wavegate.findings.finding import Finding, Location
from wavegate.release.manifest import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """One reason why target is in the scope: source needs it, or it lets people use source, or tests it.

    location: where the reference is written.
    """

    source: ComponentId
    target: ComponentId
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseScope:
    """What a release ships to one environment.

    components: sorted by id; those inside another's file included. external: what the platform or a managed package
    has. names: the components that each prompt and action of the manifest means. agents: likewise for its agents.
    contents: what each component's files say.
    """

    environment: str
    components: tuple[Component, ...] = ()
    edges: tuple[Edge, ...] = ()
    external: tuple[ComponentId, ...] = ()
    names: Mapping[tuple[Kind, str], tuple[ComponentId, ...]] = field(default_factory=dict)
    agents: Mapping[str, tuple[ComponentId, ...]] = field(default_factory=dict)
    contents: Mapping[ComponentId, Contents] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def paths(self) -> frozenset[str]:
        """Every file of the scope's components. The manifest and its packs are not among them."""
        return frozenset(path for component in self.components for path in component.paths)

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds that the release ships."""
        return frozenset(each.kind for each in self.components if each.kind)
