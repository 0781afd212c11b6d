"""Components of a Salesforce project: what a release ships, and what refers to what."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from wavegate.findings.finding import Finding, Location
from wavegate.release.manifest import Kind

DEFAULT_API_VERSION = "67.0"
"""Metadata API version of a project that names none."""

KINDS: Mapping[str, Kind] = {
    "GenAiPromptTemplate": Kind.PROMPTS,
    "GenAiPromptTemplateActv": Kind.PROMPTS,
    "GenAiFunction": Kind.ACTIONS,
    "ExternalServiceRegistration": Kind.ACTIONS,
    "Flow": Kind.FLOWS,
    "FlowDefinition": Kind.FLOWS,
    "ApexClass": Kind.APEX,
    "PermissionSet": Kind.PERMISSIONS,
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
"""The manifest's kind of a metadata type. Test definitions have none: nothing live depends on them."""

AGENT_TYPES = ("Bot", "AiAgentDefinition", "AiAuthoringBundle")
"""The types that an agent's API name may name, of both generations."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class ComponentId:
    """A component's metadata type and full name, as in a package manifest.

    A topic or action that is written inside its planner has the planner's name and a slash before its own.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """One place that names another component.

    targets: what is meant, best first; the first one that the project has counts.
    external: the platform or a managed package has it, the project need not.
    """

    targets: tuple[ComponentId, ...]
    location: Location
    external: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """A component and its files.

    path: the file that defines it. paths: all of its files, sorted; none for a component inside another's file.
    parent: the component whose file holds it.
    """

    id: ComponentId
    path: str
    paths: tuple[str, ...] = ()
    parent: ComponentId | None = None

    @property
    def kind(self) -> Kind | None:
        """The manifest's kind, or None for a test definition."""
        return KINDS.get(self.id.type)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What a component's files say.

    inline: topics and actions that they define, with what each of those says.
    prompt_versions: a digest of what each version of a prompt template holds, by version identifier.
    active_version: of a prompt template. target: the `Agent.vN` that an authoring bundle was published as.
    """

    references: tuple[Reference, ...] = ()
    inline: Mapping[Component, "Contents"] = field(default_factory=dict)
    prompt_versions: Mapping[str, str] = field(default_factory=dict)
    active_version: str | None = None
    target: str | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Project:
    """The index of a Salesforce project. Files are read only when a component's contents are asked for.

    file: path of its `sfdx-project.json`, None where there is none. read: contents by component, read together.
    """

    file: str | None
    components: Mapping[ComponentId, Component]
    read: Callable[[Iterable[Component]], Mapping[ComponentId, Contents]]
    api_version: str = DEFAULT_API_VERSION
    findings: tuple[Finding, ...] = ()

    @cached_property
    def _folded(self) -> Mapping[tuple[str, str], ComponentId]:
        return {(each.type, each.name.casefold()): each for each in self.components}

    def find(self, wanted: ComponentId) -> Component | None:
        """The component of that type and name; the platform ignores the case of a name, and so does this."""
        found = self.components.get(wanted)
        if found is None:
            folded = self._folded.get((wanted.type, wanted.name.casefold()))
            found = self.components[folded] if folded else None
        return found

    @cached_property
    def _by_type(self) -> Mapping[str, list[Component]]:
        groups: dict[str, list[Component]] = {}
        for each in sorted(self.components):
            groups.setdefault(each.type, []).append(self.components[each])
        return groups

    def of_type(self, *types: str) -> tuple[Component, ...]:
        """All components of those types, type by type, sorted by name."""
        return tuple(component for each in types for component in self._by_type.get(each, ()))
