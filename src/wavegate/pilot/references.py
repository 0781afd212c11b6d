"""Whether a copy refers to what its original refers to, with the copy of everything that is copied.

It reads the finished copies as the index reads any component, so it does not depend on the places that were edited.
"""

from collections.abc import Callable, Iterator, Mapping

from wavegate.components.component import AGENT_TYPES, Component, ComponentId, Contents, Project, Reference
from wavegate.pilot.sites.new_names import NewNames

_AGENT = "agent"


def wrong_references(
    original: tuple[Component, Contents],
    copy: tuple[Component, Contents],
    project: Project,
    names: NewNames,
) -> tuple[str, ...]:
    """What the copy refers to and should not, else what it should refer to and does not, as names; sorted."""
    copies = set(names.components.values())

    def exists(component: ComponentId) -> ComponentId | None:
        if component in copies:
            return component
        found = project.find(component)
        return found.id if found else None

    def renamed(component: ComponentId) -> ComponentId:
        if component.type == _AGENT:
            return ComponentId(type=_AGENT, name=names.agents.get(component.name, component.name))
        return names.components.get(component) or _inside(component, original[0].id, copy[0].id, names.local)

    expected = {renamed(each) for each in _referred(original[1], exists)}
    found = set(_referred(copy[1], exists))
    return tuple(sorted({each.name for each in (found - expected or expected - found)}))


def _inside(component: ComponentId, old: ComponentId, new: ComponentId, local: Mapping[str, str]) -> ComponentId:
    """A topic or action that is defined in the copied component itself: `Planner/Topic/Action`."""
    first, *others = component.name.split("/")
    if not others or first != old.name:
        return component
    return ComponentId(type=component.type, name="/".join((new.name, *(local.get(each, each) for each in others))))


def _referred(contents: Contents, exists: Callable[[ComponentId], ComponentId | None]) -> Iterator[ComponentId]:
    own = {component.id for component, _ in _inline(contents)}
    yield from own
    for each in (contents, *(inner for _, inner in _inline(contents))):
        bound = (use for use in each.uses if use.targets[0].type == "GenAiPromptTemplate")
        for reference in (*each.references, *bound):
            yield _target(reference, own, exists)


def _target(
    reference: Reference, own: set[ComponentId], exists: Callable[[ComponentId], ComponentId | None]
) -> ComponentId:
    """What a reference means: an agent by its name, whatever defines it; else the first component that exists."""
    if reference.targets[0].type in AGENT_TYPES:
        return ComponentId(type=_AGENT, name=reference.targets[0].name)
    known = (each if each in own else exists(each) for each in reference.targets)
    return next((each for each in known if each), reference.targets[-1])


def _inline(contents: Contents) -> Iterator[tuple[Component, Contents]]:
    for component, inner in contents.inline.items():
        yield component, inner
        yield from _inline(inner)
