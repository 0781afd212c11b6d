"""Which components a pilot copies: the agents, what the release changes, and everything on the way between them."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from wavegate.components.component import AGENT_TYPES, ApexRole, ComponentId, Project, kind_of
from wavegate.components.scope import ReleaseScope
from wavegate.pilot.agent_shells import OF_AGENTS, AgentShell, AgentShells
from wavegate.pilot.graph import Arrows, arrows_of, between, reachable, reversed_arrows
from wavegate.pilot.separable import COPYABLE, TESTING, why_never
from wavegate.pilot.values import NotSeparable

_BESIDE = {"GenAiPromptTemplate": "GenAiPromptTemplateActv"}
_TEST_SIDE = (ApexRole.TEST, ApexRole.SUPPORT, ApexRole.PLAIN, ApexRole.TYPE)
NO_USER = "is used by no agent of the release, so that nobody would meet its copy"
_OTHER_FORM = "belongs to an agent whose copy is made of something else"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseChanges:
    """What a release does to components with files. everything: whether to copy all that the agents need."""

    changed: frozenset[ComponentId]
    added: frozenset[ComponentId]
    everything: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CopySelection:
    """What to copy. shells: the copied agents.

    arrows: what needs what. required: without a copy of each, the agents would differ from the release. optional:
    copied along where that is possible. tests: those of them that serve tests alone. shared: new components that
    nothing live refers to.
    """

    shells: tuple[AgentShell, ...]
    arrows: Arrows
    required: frozenset[ComponentId]
    optional: frozenset[ComponentId] = frozenset()
    tests: frozenset[ComponentId] = frozenset()
    shared: frozenset[ComponentId] = frozenset()
    not_separable: tuple[NotSeparable, ...] = ()

    def without(self, components: AbstractSet[ComponentId]) -> "CopySelection":
        """The selection without those of the optional ones.

        Without a class, its own classes are not copied either: their copies would be types that it does not know.
        """
        dropped = components & self.optional
        classes = {each for each in dropped if each.type == "ApexClass" and each not in self.tests}
        below = {each for each in reachable(classes, self.arrows) if each.type == "ApexClass"}
        return replace(self, optional=self.optional - dropped - below)


def select(
    project: Project, scope: ReleaseScope, shells: AgentShells, agents: Iterable[str], changes: ReleaseChanges
) -> CopySelection:
    """What to copy of a release. agents: API names of those that it ships."""
    return _Selecting(project, scope, shells, changes).select([shells.of(each) for each in agents])


class _Selecting:
    """One choice for one release."""

    def __init__(self, project: Project, scope: ReleaseScope, shells: AgentShells, changes: ReleaseChanges) -> None:
        self._project = project
        self._scope = scope
        self._shells = shells
        self._changes = changes
        self._arrows = arrows_of(project, scope, shells)

    def select(self, own: list[AgentShell]) -> CopySelection:
        start = {member for each in own for member in each.members}
        needed = reachable(start, self._arrows)
        modified = self._changes.changed - self._changes.added
        on_path = between(start, {each for each in modified if not why_never(each)}, self._arrows)
        shells = self._copied_agents(own, on_path)
        required = on_path | {member for each in shells for member in each.members}
        optional = {each for each in needed if each.type in COPYABLE} if self._changes.everything else set()
        required |= self._beside(required)
        tests = self._tests(needed, required | optional)
        refused = [
            *(each for shell in shells for each in shell.refused),
            *(NotSeparable(component=each, why=why) for each in sorted(required) if (why := why_never(each))),
            *self._never_met(modified - required, needed, shells),
        ]
        copied = required | optional | tests
        return CopySelection(
            shells=tuple(shells),
            arrows=self._arrows,
            required=frozenset(each for each in required if each.type in COPYABLE),
            optional=frozenset((optional | tests | self._definitions(shells)) - required),
            tests=frozenset(tests),
            shared=frozenset(self._shared(copied)),
            not_separable=tuple(refused),
        )

    def _copied_agents(self, own: list[AgentShell], on_path: AbstractSet[ComponentId]) -> list[AgentShell]:
        """The release's agents, and those on the way to a change that they hand over to."""
        others = (self._shells.holding(each) for each in sorted(on_path) if each.type in OF_AGENTS)
        found = {each.name: each for each in (*own, *others) if each}
        return [found[name] for name in sorted(found)]

    def _beside(self, copied: AbstractSet[ComponentId]) -> set[ComponentId]:
        """The activations of copied prompt templates."""
        names = [ComponentId(type=_BESIDE[each.type], name=each.name) for each in copied if each.type in _BESIDE]
        return {found.id for each in names if (found := self._project.find(each))}

    def _tests(self, needed: AbstractSet[ComponentId], copied: AbstractSet[ComponentId]) -> set[ComponentId]:
        """The tests that name a copied class, with the data factories between the two that name it as well."""
        classes = {each for each in copied if each.type == "ApexClass"}
        tests = {each for each in self._roles(ApexRole.TEST) if self._arrows.get(each, frozenset()) & classes}
        side = self._roles(*_TEST_SIDE) - needed
        return between(tests, classes, _within(self._arrows, side)) & side

    def _roles(self, *roles: ApexRole) -> set[ComponentId]:
        return {each for each, contents in self._scope.contents.items() if contents.apex in roles}

    def _definitions(self, shells: list[AgentShell]) -> set[ComponentId]:
        """The test definitions of the copied agents."""
        names = {each.name.casefold() for each in shells}
        return {
            each.id
            for each in self._scope.components
            if each.id.type in TESTING
            for reference in self._scope.contents[each.id].references
            if reference.targets[0].type in AGENT_TYPES and reference.targets[0].name.casefold() in names
        }

    def _never_met(
        self, changed: AbstractSet[ComponentId], needed: AbstractSet[ComponentId], shells: list[AgentShell]
    ) -> Iterator[NotSeparable]:
        """Changes that no copy shows. A test definition and an Apex test reach nobody anyway."""
        tested = reachable(self._roles(ApexRole.TEST), self._arrows) - needed
        for each in sorted(changed):
            if kind_of(each.type) is None or (each.type == "ApexClass" and each in tested):
                continue
            if each.type in OF_AGENTS:
                yield from self._other_form(each, shells)
            else:
                yield NotSeparable(component=each, why=why_never(each) or NO_USER)

    def _other_form(self, component: ComponentId, shells: list[AgentShell]) -> Iterator[NotSeparable]:
        """A changed part of an agent that is not copied. A draft beside the version that ships reaches nobody."""
        shell = self._shells.holding(component)
        if shell is None or shell not in shells:
            yield NotSeparable(component=component, why=NO_USER)
        elif component.type != "AiAuthoringBundle" and not shell.refused:
            yield NotSeparable(component=component, why=_OTHER_FORM)

    def _shared(self, copied: AbstractSet[ComponentId]) -> set[ComponentId]:
        """The new components to ship under their own names.

        One that needs a new component that is copied has to wait: the org does not have the original yet.
        """
        new = {each for each in self._changes.added - copied if kind_of(each.type) and each.type not in OF_AGENTS}
        missing = self._changes.added & copied
        return new - reachable(missing, reversed_arrows(self._arrows))


def _within(arrows: Arrows, sources: AbstractSet[ComponentId]) -> Arrows:
    return {source: targets for source, targets in arrows.items() if source in sources}
