"""What a release consists of: the components its manifest names, and everything they need.

The closure follows references: agent → version → planner → topic → action → flow, Apex class, prompt template,
external service → their own references. Some components belong to another one that does not refer to them: a prompt
template's activation, an agent's tests and permission sets, and a class's tests. A permission set is followed only to
credentials: its other grants serve other features too. A test is followed only to other tests and what serves tests
alone. An agent's other versions are not in the closure, nor is an agent that merely uses a named prompt or action.
"""

from collections.abc import Iterable

from wavegate.components.agent_versions import (
    agent_components,
    agent_findings,
    drafts,
    find_agent,
    script_agent,
    shipped_version,
)
from wavegate.components.apex_tests import TESTED, test_side, tests_of
from wavegate.components.companions import companions, shared_permission_sets
from wavegate.components.component import AGENT_TYPES, Component, ComponentId, Contents, Project, Reference
from wavegate.components.manifest_names.included import included_components
from wavegate.components.manifest_names.names import at_file, listed_names, resolve_name
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.findings.finding import Finding, Locate, Location, warning
from wavegate.release.manifest import Agent, Environment, Kind, Manifest

_DEFINING = ("GenAiPlannerBundle", "AiAgentDefinitionVersion", "AiAuthoringBundle")
"""Types whose files may define topics and actions."""

_BESIDE = {"GenAiPromptTemplate": "GenAiPromptTemplateActv"}
_CREDENTIALS = {"ExternalCredential", "NamedCredential"}
_GRANTING = {"PermissionSet", "MutingPermissionSet", "Profile"}
"""Types that grant access to components, or take it away."""


def release_scope(
    manifest: Manifest, environment: str, project: Project, locate: Locate | None = None
) -> ReleaseScope:
    """The components that the release ships to an environment, with their paths. The module describes the rule.

    locate: finds the manifest's entries for findings; without it, findings point at the file. An unknown or ambiguous
    name is an error. A reference to a component outside the project is a warning, since the org may have it.
    Raises KeyError if the manifest does not have the environment.
    """
    target = manifest.environment(environment)
    if target is None:
        raise KeyError(environment)
    places = locate or at_file(manifest.path)
    walk = _Walk(project, {each.name.casefold(): each.version_in(environment) for each in manifest.agents})
    agents = _follow_agents(walk, manifest.agents_in(environment), places)
    names = _follow_names(walk, manifest, target, places)
    for index, included in enumerate(manifest.include):
        found = included_components(project, included, places("include", index))
        walk.findings += found.findings
        walk.follow(found.components)
    for cohort in manifest.cohorts:
        if cohort.permission_set:
            walk.follow([project.find(ComponentId(type="PermissionSet", name=cohort.permission_set))])
    walk.follow_companions()
    walk.follow_tests()
    return walk.scope(environment, names, agents)


def _follow_agents(walk: "_Walk", agents: Iterable[Agent], locate: Locate) -> dict[str, tuple[ComponentId, ...]]:
    by_name = {}
    for index, agent in enumerate(agents):
        components = agent_components(walk.project, agent)
        walk.findings += agent_findings(walk.project, agent, components, locate("agents", index))
        walk.follow(components)
        by_name[agent.name] = tuple(each.id for each in components)
    return by_name


def _follow_names(
    walk: "_Walk", manifest: Manifest, environment: Environment, locate: Locate
) -> dict[tuple[Kind, str], tuple[ComponentId, ...]]:
    resolved = {}
    shipped = frozenset(walk.inline)
    for name in listed_names(manifest, environment):
        named = resolve_name(manifest, name, locate, (*walk.project.components, *shipped), shipped)
        if named.unknown:
            # reading every agent is expensive and rarely needed: most named components have their own file
            walk.learn_inline()
            named = resolve_name(manifest, name, locate, (*walk.project.components, *walk.inline), shipped)
        if named.finding:
            walk.findings.append(named.finding)
        resolved[name.kind, name.text] = named.components
        walk.follow(walk.find(each) for each in named.components)
    return resolved


_Edges = dict[tuple[ComponentId, ComponentId], Edge]


class _Walk:
    """One walk over a project. pins: pinned version by case-folded agent name."""

    def __init__(self, project: Project, pins: dict[str, int | None]) -> None:
        self.project = project
        self.inline: dict[ComponentId, tuple[Component, Contents]] = {}
        self.findings: list[Finding] = list(project.findings)
        self._pins = pins
        self._components: dict[ComponentId, Component] = {}
        self._contents: dict[ComponentId, Contents] = {}
        self._edges: _Edges = {}
        self._uses: _Edges = {}
        self._external: set[ComponentId] = set()
        self._missing: set[tuple[ComponentId, ComponentId]] = set()
        self._test_side: frozenset[ComponentId] = frozenset()

    def find(self, component: ComponentId) -> Component | None:
        """The component with that id, in its own file or inside another's."""
        return self.inline[component][0] if component in self.inline else find_agent(self.project, component)

    def follow(self, roots: Iterable[Component | None]) -> None:
        """Add these components, and everything they need, to the scope. Reads one generation at a time."""
        frontier = [each for each in roots if each]
        while frontier:
            new = {each.id: each for each in frontier if each.id not in self._components}
            self._components.update(new)
            read = self.project.read(each for each in new.values() if each.parent is None)
            frontier = []
            for component in new.values():
                contents = read[component.id] if component.parent is None else self.inline[component.id][1]
                frontier += self._visit(component, contents)

    def follow_companions(self) -> None:
        """Add the tests of the scope's agents, and the permission sets that serve them."""
        found = companions(self.project, self._components.keys(), self._edges.values())
        self.findings += shared_permission_sets(found.shared)
        self.follow(found.components)

    def follow_tests(self) -> None:
        """Add the tests of the scope's classes and flows, and the data factories and mocks that they use."""
        shipped = {each for each in self._components if each.type in TESTED}
        if shipped:
            contents = self.project.read(self.project.of_type("ApexClass"))
            self._test_side = test_side(contents, shipped)
            tests = tests_of(shipped, contents, self._test_side)
            self.follow(self.project.components[each] for each in sorted(tests))

    def learn_inline(self) -> None:
        """Read the topics and actions inside every agent of the project, without adding them to the scope."""
        for contents in self.project.read(self.project.of_type(*_DEFINING)).values():
            self._register(contents)

    def scope(
        self,
        environment: str,
        names: dict[tuple[Kind, str], tuple[ComponentId, ...]],
        agents: dict[str, tuple[ComponentId, ...]],
    ) -> ReleaseScope:
        """Everything the walk found."""
        edges = sorted(self._edges.values(), key=lambda each: (each.source, each.target))
        used = {**self._uses, **self._edges}
        outside = [used[each] for each in sorted(used) if each[1] not in self._components]
        return ReleaseScope(
            environment=environment,
            components=tuple(self._components[each] for each in sorted(self._components)),
            edges=tuple(each for each in edges if each.target in self._components),
            outside=tuple(outside),
            external=tuple(sorted(self._external)),
            names=names,
            agents=agents,
            contents=self._contents,
            findings=tuple(self.findings),
        )

    def _visit(self, component: Component, contents: Contents) -> list[Component]:
        """Record a component's contents; return the components it needs."""
        self._contents[component.id] = contents
        self.findings += contents.findings
        self._register(contents)
        needed = [*contents.inline, *self._owned(component, contents), *self._holder(component)]
        for each in needed:
            self._connect(component, each, Location(file=each.path))
        for reference in contents.references:
            target = self._target(component, reference)
            if target:
                self._connect(component, target, reference.location)
                if self._follows(component, target):
                    needed.append(target)
        for use in contents.uses:
            used = next(filter(None, map(self.find, use.targets)), None)
            if used:
                self._connect(component, used, use.location, self._uses)
        return needed

    def _follows(self, component: Component, target: Component) -> bool:
        if component.id.type in _GRANTING:
            return target.id.type in _CREDENTIALS
        return component.id not in self._test_side or target.id in self._test_side

    def _register(self, contents: Contents) -> None:
        for component, inner in contents.inline.items():
            self.inline[component.id] = (component, inner)
            self._register(inner)

    def _owned(self, component: Component, contents: Contents) -> list[Component]:
        """The components that belong to this one although it does not refer to them."""
        name = (
            script_agent(component, contents) if drafts([component], {component.id: contents}) else component.id.name
        )
        version = self._pins.get(name.casefold())
        owned: list[Component | None] = [shipped_version(self.project, component.id, version)]
        if component.id.type in AGENT_TYPES:
            owned += agent_components(self.project, Agent(name=name, version=version))
        if beside := _BESIDE.get(component.id.type):
            owned.append(self.project.find(ComponentId(type=beside, name=component.id.name)))
        if contents.target:
            owned.append(self.project.find(ComponentId(type="BotVersion", name=contents.target)))
        return [each for each in owned if each]

    def _holder(self, component: Component) -> list[Component]:
        """The component whose file defines this topic or action, unless it is in the scope already."""
        holder = component.parent and self.find(component.parent)
        return [holder] if holder and holder.id not in self._components else []

    def _connect(self, source: Component, target: Component, location: Location, edges: _Edges | None = None) -> None:
        key = (source.id, target.id)
        if source.id != target.id:
            edges = self._edges if edges is None else edges
            edges.setdefault(key, Edge(source=source.id, target=target.id, location=location))

    def _target(self, component: Component, reference: Reference) -> Component | None:
        """The component that a reference points to; None, after recording it, if the project does not have it."""
        known = next((each for target in reference.targets if (each := self.find(target))), None)
        if known:
            return known
        missing = reference.targets[-1] if "/" in reference.targets[0].name else reference.targets[0]
        if reference.external:
            self._external.add(missing)
        elif component.id.type not in _GRANTING and (component.id, missing) not in self._missing:
            self._missing.add((component.id, missing))
            message = f"{component.id} refers to {missing}, which is not in the project."
            fix = "Retrieve it into the project; leave it out only if every org of this release has it."
            self.findings.append(warning("component/missing-target", reference.location, message, fix))
        return None
