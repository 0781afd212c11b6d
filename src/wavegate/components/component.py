"""Components of a Salesforce project: what a release ships, and how components refer to each other."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from wavegate.findings.finding import Finding, Location
from wavegate.release.manifest import Kind

DEFAULT_API_VERSION = "67.0"
"""Metadata API version for a project that does not set one."""

KINDS: Mapping[str, Kind] = {
    "GenAiPromptTemplate": Kind.PROMPTS,
    "GenAiPromptTemplateActv": Kind.PROMPTS,
    "GenAiFunction": Kind.ACTIONS,
    "ExternalServiceRegistration": Kind.ACTIONS,
    "Flow": Kind.FLOWS,
    "FlowDefinition": Kind.FLOWS,
    "ApexClass": Kind.APEX,
    "ApexTrigger": Kind.APEX,
    "McpServerDefinition": Kind.ACTIONS,
    "ApiNamedQuery": Kind.ACTIONS,
    "PermissionSet": Kind.PERMISSIONS,
    "PermissionSetGroup": Kind.PERMISSIONS,
    "MutingPermissionSet": Kind.PERMISSIONS,
    "CustomPermission": Kind.PERMISSIONS,
    "Profile": Kind.PERMISSIONS,
    "NamedCredential": Kind.CREDENTIALS,
    "ExternalCredential": Kind.CREDENTIALS,
    "Bot": Kind.AGENTS,
    "BotVersion": Kind.AGENTS,
    "GenAiPlannerBundle": Kind.AGENTS,
    "GenAiPlanner": Kind.AGENTS,
    "GenAiPlugin": Kind.AGENTS,
    "AiAuthoringBundle": Kind.AGENTS,
    "AiAgentDefinition": Kind.AGENTS,
    "AiAgentDefinitionVersion": Kind.AGENTS,
}
"""Metadata type to the manifest's kind; `metadata` for any other type, which git restores as a whole."""

_TESTS = frozenset({"AiEvaluationDefinition", "AiTestingDefinition", "AiAgentScorerDefinition", "FlowTest"})
"""Types of test definitions. They have no kind: nothing live depends on them."""


def kind_of(type_: str) -> Kind | None:
    """The manifest's kind of a metadata type, or None for a test definition."""
    return None if type_ in _TESTS else KINDS.get(type_, Kind.METADATA)


COPY_SUFFIX = "_Pilot"
"""What the name of a pilot's copy ends in. It is fixed, so that the next pilot reuses what an earlier one left."""

AGENT_TYPES = ("Bot", "AiAgentDefinition", "AiAuthoringBundle")
"""The types that an agent's API name can refer to, in both metadata generations."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class ComponentId:
    """A component's metadata type and full name, as in a package manifest.

    The name of a topic or action defined inside another component starts with that component's name and a slash.
    """

    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.type}:{self.name}"


_ORG_SUFFIX = re.compile(r"_(?:16j|179)[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$")


def without_org_suffix(name: str) -> str:
    """A topic's or action's name without the id, of 15 or 18 characters, that an org appends inside an agent.

    `16j` and `179` are the key prefixes of GenAiPluginDefinition and GenAiFunctionDefinition.
    """
    return _ORG_SUFFIX.sub("", name)


def at_or_below(paths: Sequence[str], path: str) -> Sequence[str]:
    """Those of the sorted paths that are this file, or are in this folder. Path '' or '.': all of them."""
    folder = "".join(f"{part}/" for part in path.split("/") if part not in ("", "."))
    if not folder:
        return paths
    file = bisect_left(paths, folder[:-1])
    found = paths[file : file + 1] if folder[:-1] in paths[file : file + 1] else ()
    # `0` is the character after `/`
    return (*found, *paths[bisect_left(paths, folder) : bisect_left(paths, folder[:-1] + "0")])


def own_local_name(name: str, namespace: str) -> str:
    """A name without the project's own namespace: `Facade` for `acme__Facade` and the namespace `acme`.

    Any other name stays as it is: another prefix belongs to a managed package. Case is ignored, as on the platform.
    """
    prefix = f"{namespace}__"
    own = namespace and name[: len(prefix)].casefold() == prefix.casefold()
    return name[len(prefix) :] if own else name


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """One reference to another component.

    targets: the possible components, most likely first; the first one in the project wins.
    external: the platform or a managed package provides it, so the project need not have it.
    """

    targets: tuple[ComponentId, ...]
    location: Location
    external: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """A component and its files.

    path: the file that defines it. paths: all of its files, sorted; empty for a component inside another's file.
    parent: the component whose file defines it; None if it has its own file.
    """

    id: ComponentId
    path: str
    paths: tuple[str, ...] = ()
    parent: ComponentId | None = None

    @property
    def kind(self) -> Kind | None:
        """The manifest's kind, or None for a test definition."""
        return kind_of(self.id.type)


class ApexRole(StrEnum):
    """What a class is for.

    test: it has test methods. support: the data factory or mock of tests, which counts as a test for the platform.
    entry: the platform, a page or another package may call it, so Apex need not name it. type: an interface or enum,
    without a line that a test could cover.
    """

    TEST = "test"
    SUPPORT = "support"
    ENTRY = "entry"
    TYPE = "type"
    PLAIN = "plain"


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentScript:
    """What an Agent Script says of its agent.

    developer_name: the agent's API name, under which the CLI publishes it; '' if the script has none. location: of
    that name. org_ids: ids that hold in one org only, as written, with their locations. tools: the names in its
    `actions:` blocks, of actions and of the tools that call them, sorted. topics: the names of its topics, sorted.
    """

    developer_name: str
    location: Location
    org_ids: tuple[tuple[str, Location], ...] = ()
    tools: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """The contents of a component's files.

    references: to what it needs. uses: to what it needs as well, but other features share, so it is not followed.
    inline: the topics and actions they define, with their contents.
    apex: the role of a class, None for any other component.
    prompt_versions: digest of each published version of a prompt template, by version identifier.
    active_version: identifier of a prompt template's active version.
    target: the `Agent.vN` that an authoring bundle was published as. script: what its Agent Script says. status: of a
    flow, such as `Active` or `Draft`. constants: of a flow, by name: `number`, `text`, or '' for another kind.
    """

    references: tuple[Reference, ...] = ()
    uses: tuple[Reference, ...] = ()
    apex: ApexRole | None = None
    inline: Mapping[Component, "Contents"] = field(default_factory=dict)
    prompt_versions: Mapping[str, str] = field(default_factory=dict)
    active_version: str | None = None
    target: str | None = None
    script: AgentScript | None = None
    status: str | None = None
    constants: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Project:
    """The index of a Salesforce project. Files are read only when a component's contents are requested.

    file: path of its `sfdx-project.json`, None if there is none. read: reads the contents of several components.
    api_version_at: where the version is set. namespace: the project's own, '' if it has none. directories: its
    package directories, each ending in a slash; '' for the whole checkout. untyped: the files in them that belong to
    no component, sorted.
    """

    file: str | None
    components: Mapping[ComponentId, Component]
    read: Callable[[Iterable[Component]], Mapping[ComponentId, Contents]]
    api_version: str = DEFAULT_API_VERSION
    api_version_at: Location | None = None
    namespace: str = ""
    directories: tuple[str, ...] = ()
    untyped: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @cached_property
    def _folded(self) -> Mapping[tuple[str, str], ComponentId]:
        return {(each.type, each.name.casefold()): each for each in self.components}

    def find(self, component: ComponentId) -> Component | None:
        """The component with that type and name. Case in names is ignored, as on the platform."""
        exact = self.components.get(component)
        if exact:
            return exact
        folded = self._folded.get((component.type, component.name.casefold()))
        return self.components[folded] if folded else None

    @cached_property
    def _by_path(self) -> Mapping[str, Component]:
        owners = {path: component for component in self.components.values() for path in component.paths}
        return {path: owners[path] for path in sorted(owners)}

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(self._by_path)

    def at(self, path: str) -> tuple[Component, ...]:
        """The components with a file at that path or in that folder, by the path of their first one."""
        return tuple(
            {each.id: each for each in (self._by_path[file] for file in at_or_below(self._paths, path))}.values()
        )

    @cached_property
    def _by_type(self) -> Mapping[str, list[Component]]:
        groups: dict[str, list[Component]] = {}
        for each in sorted(self.components):
            groups.setdefault(each.type, []).append(self.components[each])
        return groups

    def of_type(self, *types: str) -> tuple[Component, ...]:
        """All components of those types, type by type, sorted by name."""
        return tuple(component for type_ in types for component in self._by_type.get(type_, ()))
