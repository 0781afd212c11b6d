"""How likely each change is the cause, by its distance from what the test is about.

It only puts the suspects in an order.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from wavegate.bisect.side import ReleaseSide, UnitKey, key_of
from wavegate.bisect.values import ChangeUnit, UnitKind
from wavegate.components.action_names import folded_action
from wavegate.components.component import kind_of
from wavegate.guardrails.mutate.reach import TestAim

_FARTHEST = 3
_GUARDRAIL = 2.0
"""What the change of a guardrail makes of a weight: most regressions that a smoke test finds are of behaviour."""
_TESTS_ONLY = 0.25
_UNSHIPPED = 0.1


def weights(
    units: Iterable[ChangeUnit],
    good: ReleaseSide,
    bad: ReleaseSide,
    aim: TestAim,
    guarded: AbstractSet[str],
) -> Mapping[str, float]:
    """Weights over 0 by unit id: 8 for what the test names, half as much for each reference between, at least 1.

    guarded: the files in which a guardrail changed.
    """
    distances = _distances(_starts(aim, good, bad), good, bad)
    found = {}
    for unit in units:
        if unit.kind is UnitKind.UNSHIPPED:
            found[unit.id] = _UNSHIPPED
            continue
        keys = [_key(title) for title, _ in unit.members]
        distance = min(
            (distances.get(key, _FARTHEST) for key in keys), default=1 if unit.kind is UnitKind.PINS else _FARTHEST
        )
        weight = 2.0 ** (_FARTHEST - min(distance, _FARTHEST))
        if {kind_of(type_) for type_, _ in keys} == {None}:
            weight = _TESTS_ONLY
        found[unit.id] = weight * (_GUARDRAIL if guarded & unit.files.keys() else 1)
    return found


def _key(title: str) -> UnitKey:
    type_, _, name = title.partition(":")
    return type_, name.casefold()


def _starts(aim: TestAim, good: ReleaseSide, bad: ReleaseSide) -> set[UnitKey]:
    """What the test names: actions and topics; without any, its agent, or else all agents."""
    names = {folded_action(each) for each in (*aim.actions, *aim.topics)}
    found: set[UnitKey] = set()
    for side in (good, bad):
        for each in side.scope.components:
            if folded_action(each.id.name.rpartition("/")[2]) in names:
                found.add(key_of(each.parent or each.id))
    if not found:
        for side in (good, bad):
            for name, components in side.scope.agents.items():
                if not aim.agent or name.casefold() == aim.agent.casefold():
                    found.update(key_of(each) for each in components)
    return found


def _distances(starts: AbstractSet[UnitKey], good: ReleaseSide, bad: ReleaseSide) -> Mapping[UnitKey, int]:
    """References between each component and the nearest start, in either direction."""
    near: dict[UnitKey, set[UnitKey]] = {}
    for one, other in good.needs | bad.needs:
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    found = dict.fromkeys(starts, 0)
    frontier = set(starts)
    for distance in range(1, _FARTHEST + 1):
        frontier = {each for key in frontier for each in near.get(key, ())} - found.keys()
        found.update(dict.fromkeys(frontier, distance))
    return found
