"""The scope of a release: its components, why each one is included, and what is missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wavegate.components.component import Component, ComponentId, Contents
from wavegate.findings.finding import Finding, Location
from wavegate.release.manifest import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """A reference between two components of the scope: source needs target, tests it, or grants access to it.

    location: where the reference is written.
    """

    source: ComponentId
    target: ComponentId
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseScope:
    """What a release ships to one environment.

    components: sorted by id, including those inside another's file. outside: the references to components that the
    project has and the release does not ship, by source. external: referenced components that the platform
    or a managed package provides. names: the components behind each prompt and action of the manifest. agents: the
    same for its agents. contents: the contents of each component's files.
    """

    environment: str
    components: tuple[Component, ...] = ()
    edges: tuple[Edge, ...] = ()
    outside: tuple[Edge, ...] = ()
    external: tuple[ComponentId, ...] = ()
    names: Mapping[tuple[Kind, str], tuple[ComponentId, ...]] = field(default_factory=dict)
    agents: Mapping[str, tuple[ComponentId, ...]] = field(default_factory=dict)
    contents: Mapping[ComponentId, Contents] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def paths(self) -> frozenset[str]:
        """All files of the scope's components, without the manifest and its packs."""
        return frozenset(path for component in self.components for path in component.paths)

    def file_edges(self) -> Iterator[Edge]:
        """The edges between components that have files; one of a component inside another's file is that other's."""
        parents = {each.id: each.parent for each in self.components if each.parent}

        def outermost(component: ComponentId) -> ComponentId:
            while component in parents:
                component = parents[component]
            return component

        for edge in self.edges:
            source, target = outermost(edge.source), outermost(edge.target)
            if source != target:
                yield Edge(source=source, target=target, location=edge.location)

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds that the release ships."""
        return frozenset(each.kind for each in self.components if each.kind)
