"""The search for the smallest sets of changes that fail, with an agent that answers without noise."""

from collections.abc import Callable, Sequence
from itertools import combinations, permutations
from math import ceil, log2

import pytest

from wavegate.bisect.search import CulpritSearch, in_order
from wavegate.bisect.values import ChangeUnit, ProbePurpose, UnitKind


def unit(name: str, *requires: str, weight: float = 1.0) -> ChangeUnit:
    return ChangeUnit(
        id=name, kind=UnitKind.COMPONENTS, members=(), files={}, requires=frozenset(requires), weight=weight
    )


def units(number: int) -> list[ChangeUnit]:
    return [unit(f"u{index:03}") for index in range(number)]


class Trials:
    """Counts the probes, and checks that each of them is consistent."""

    def __init__(self, known: Sequence[ChangeUnit], fails: Callable[[frozenset[str]], bool]) -> None:
        self._known = {each.id: each for each in known}
        self._fails = fails
        self.probes: list[tuple[frozenset[str], ProbePurpose]] = []

    def __call__(self, changes: frozenset[str], purpose: ProbePurpose) -> bool:
        assert all(self._known[each].requires <= changes for each in changes)
        self.probes.append((changes, purpose))
        return self._fails(changes)


def search(known: Sequence[ChangeUnit], fails: Callable[[frozenset[str]], bool]) -> tuple[CulpritSearch, Trials]:
    trials = Trials(known, fails)
    found = CulpritSearch(known, trials)
    found.run()
    return found, trials


@pytest.mark.parametrize("number", [1, 2, 3, 8, 31, 100])
def test_every_single_culprit_is_found_in_about_log2_probes(number: int) -> None:
    known = units(number)
    for each in known:
        found, trials = search(known, lambda changes, name=each.id: name in changes)  # type: ignore[misc]
        assert [one.culprits for one in found.found] == [(each.id,)]
        assert found.complete
        assert not found.suspects
        assert len(trials.probes) <= ceil(log2(number)) + 2


def test_every_pair_that_only_fails_together_is_found_as_a_pair() -> None:
    known = units(9)
    for pair in combinations([each.id for each in known], 2):
        found, trials = search(known, lambda changes, both=frozenset(pair): both <= changes)  # type: ignore[misc]
        assert [set(one.culprits) for one in found.found] == [set(pair)]
        assert len(trials.probes) <= 2 * (ceil(log2(9)) + 1) + 1


def test_four_that_only_fail_together_among_two_hundred() -> None:
    known = units(200)
    four = frozenset({"u003", "u050", "u051", "u199"})
    found, trials = search(known, lambda changes: four <= changes)
    assert [set(one.culprits) for one in found.found] == [four]
    assert len(trials.probes) <= 4 * (8 + 1) + 1


def test_two_causes_that_each_suffice_are_both_named() -> None:
    found, trials = search(units(20), lambda changes: "u004" in changes or {"u010", "u011"} <= changes)
    assert sorted(sorted(one.culprits) for one in found.found) == [["u004"], ["u010", "u011"]]
    # after each cause without those that are known, and then each one without the other
    assert [purpose for _, purpose in trials.probes].count(ProbePurpose.WITHOUT) == 4
    assert found.complete


def test_a_change_that_another_one_repairs_is_not_blamed_wherever_the_changes_stand_in_the_order() -> None:
    names = [each.id for each in units(6)]
    for alone, repair, always in permutations(names, 3):

        def fails(changes: frozenset[str], a: str = alone, r: str = repair, c: str = always) -> bool:
            return c in changes or (a in changes and r not in changes)

        found, _ = search(units(6), fails)
        assert [each.culprits for each in found.found] == [(always,)]
        assert found.complete


def test_a_change_that_another_one_repairs_is_not_blamed_for_the_bad_release() -> None:
    # u001 fails alone, but not with u002; u005 fails always
    found, _ = search(units(8), lambda changes: "u005" in changes or ("u001" in changes and "u002" not in changes))
    named = [one.culprits for one in found.found]
    assert ("u005",) in named


def test_a_new_component_comes_with_the_change_that_refers_to_it() -> None:
    known = [unit("agent", "new-flow"), unit("new-flow"), unit("old-flow", "agent"), unit("other")]
    found, _ = search(known, lambda changes: "agent" in changes)
    (cause,) = found.found
    assert (cause.culprits, cause.along, cause.dropped) == (("agent",), ("new-flow",), ("old-flow",))


def test_the_new_component_is_the_culprit_if_it_fails_by_itself() -> None:
    known = [unit("agent", "new-flow"), unit("new-flow"), unit("other")]
    found, _ = search(known, lambda changes: "new-flow" in changes)
    (cause,) = found.found
    assert (cause.culprits, cause.along, cause.dropped) == (("new-flow",), (), ("agent",))


def test_what_is_required_comes_first_and_else_the_most_suspicious() -> None:
    known = [unit("a"), unit("b", weight=2), unit("c", "d", weight=8), unit("d"), unit("e", "c")]
    assert [each.id for each in in_order(known)] == ["d", "c", "b", "a", "e"]


def test_a_suspicion_that_is_right_saves_probes_and_one_that_is_wrong_costs_few() -> None:
    right, wrong = ([unit(f"u{index:03}", weight=8 if index == at else 1) for index in range(64)] for at in (40, 2))
    plain, guided, misled = (
        len(search(known, lambda changes: "u040" in changes)[1].probes) for known in (units(64), right, wrong)
    )
    assert guided < plain
    assert misled <= plain + 2


def test_the_suspects_that_are_left_hold_a_culprit_at_every_moment() -> None:
    known = units(40)
    seen: list[int] = []

    def fails(changes: frozenset[str], purpose: ProbePurpose) -> bool:
        if purpose is not ProbePurpose.WITHOUT:
            assert {"u007", "u033"} & set(found.suspects)
            seen.append(len(found.suspects))
        return {"u007", "u033"} <= changes

    found = CulpritSearch(known, fails)
    found.run()
    assert seen[0] == 40
    assert min(seen) <= 3
