"""What holds an environment, after acts in any order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest

from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.acts.holds import Holds, holds_of
from wavegate.ledger.acts.order import newest_first

GOOD = ReleaseId(name="wave-2", commit="a" * 40, content="a" * 64)
BAD = ReleaseId(name="wave-3", commit="b" * 40, content="b" * 64)
WORSE = ReleaseId(name="wave-4", commit="c" * 40, content="c" * 64)
MANIFEST = "agentforce/release.yml"


def act(kind: ActKind, number: int = 1, **more: object) -> Act:
    made = Act(kind=kind, time=datetime(2026, 3, 1, tzinfo=UTC), actor="ada", reason="x", id=f"DE_{number}")
    return replace(made, manifest=MANIFEST, **more)  # type: ignore[arg-type]


def stop(number: int, **agents: int | None) -> Act:
    return act(ActKind.STOP, number, agents=agents)


def restart(number: int, **agents: int | None) -> Act:
    return act(ActKind.RESTART, number, agents=agents)


def rollback(number: int, release: ReleaseId | None = BAD) -> Act:
    return act(ActKind.ROLLBACK, number, release=release, target=GOOD)


def done(number: int) -> Act:
    return act(ActKind.ROLLBACK_DONE, number, release=BAD)


def withdrawn(number: int, release: ReleaseId | None = BAD) -> Act:
    return act(ActKind.ROLLBACK_WITHDRAWN, number, release=release)


def after(*acts: Act, manifest: str | None = None) -> Holds:
    """The holds after acts, oldest first."""
    return holds_of(tuple(reversed(acts)), manifest=manifest)


def stops(holds: Holds) -> list[tuple[str, int | None, str]]:
    return [(each.agent, each.version, each.act.id) for each in holds.stops]


def test_nothing_holds_an_environment_without_acts() -> None:
    assert after() == Holds()


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ([stop(1, A=None)], [("A", None, "DE_1")]),
        ([stop(1, A=None, B=2)], [("A", None, "DE_1"), ("B", 2, "DE_1")]),
        # the first who stopped it
        ([stop(1, A=None), stop(2, A=None)], [("A", None, "DE_1")]),
        ([stop(1, A=None), stop(2, a=None)], [("A", None, "DE_1")]),
        # but the newest state, as the newest stop
        ([stop(1, A=2), stop(2, B=None), stop(3, a=None)], [("B", None, "DE_2"), ("a", None, "DE_3")]),
        ([stop(1, A=None), stop(2, A=2), stop(3, A=None)], [("A", None, "DE_3")]),
        ([stop(1, A=None), restart(2, a=3)], []),
        ([stop(1, A=None, B=None), restart(2, A=3)], [("B", None, "DE_1")]),
        ([stop(1, A=None), restart(2, A=3), stop(3, A=None)], [("A", None, "DE_3")]),
        ([restart(1, A=3), stop(2, A=None)], [("A", None, "DE_2")]),
        ([stop(1), restart(2, A=3)], []),
    ],
)
def test_stops(acts: Sequence[Act], expected: list[tuple[str, int | None, str]]) -> None:
    assert stops(after(*acts)) == expected


def test_who_stopped_an_agent_is_known_as_soon_as_a_stop_says_it() -> None:
    found = replace(stop(1, A=None), actor="")
    assert stops(after(found, stop(2, A=None), stop(3, A=None))) == [("A", None, "DE_2")]
    assert stops(after(stop(1, A=None), replace(stop(2, A=None), actor=""))) == [("A", None, "DE_1")]
    assert stops(after(found, replace(stop(2, A=None), actor=""))) == [("A", None, "DE_1")]


def test_a_stop_counts_whichever_manifest_ships_the_agent_and_however_its_name_is_written() -> None:
    holds = after(stop(1, Support_Agent=None), manifest="agentforce/other.yml")
    found = holds.stop_of("support_AGENT")
    assert found is not None
    assert found.agent == "Support_Agent"
    assert holds.stop_of("Support_Agen") is None


@pytest.mark.parametrize(
    ("acts", "locked"),
    [
        ([act(ActKind.LOCK, 1)], "DE_1"),
        ([act(ActKind.LOCK, 1), act(ActKind.LOCK, 2)], "DE_2"),
        ([act(ActKind.LOCK, 1), act(ActKind.UNLOCK, 2)], None),
        ([act(ActKind.UNLOCK, 1), act(ActKind.LOCK, 2), stop(3, A=None)], "DE_2"),
    ],
)
def test_a_lock(acts: Sequence[Act], locked: str | None) -> None:
    lock = after(*acts, manifest="agentforce/other.yml").lock
    assert (lock.id if lock else None) == locked


SECOND = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("listed", list(permutations(range(2))))
@pytest.mark.parametrize(
    "pair",
    [
        (stop(2, A=None), restart(3, A=3)),
        (act(ActKind.LOCK, 2), act(ActKind.UNLOCK, 3)),
        (rollback(2), withdrawn(3)),
        (rollback(2), done(3)),
    ],
)
@pytest.mark.parametrize("is_over", [True, False])
def test_of_two_acts_of_the_same_second_the_one_that_names_the_other_is_later(
    pair: tuple[Act, Act], listed: tuple[int, int], *, is_over: bool
) -> None:
    first, second = pair if is_over else pair[::-1]
    written = [replace(each, recorded=SECOND) for each in (first, replace(second, after=first.id))]
    holds = holds_of([written[number] for number in listed])
    assert (not (holds.stops or holds.lock or holds.rollback)) is is_over


def test_without_a_link_acts_of_the_same_second_stay_as_they_are_listed_and_a_circle_of_links_ends() -> None:
    listed = [replace(act(ActKind.LOCK, number), recorded=SECOND) for number in range(3)]
    assert newest_first(listed) == tuple(listed)
    circle = [replace(each, after=f"DE_{(number + 1) % 3}") for number, each in enumerate(listed)]
    assert sorted(each.id for each in newest_first(circle)) == ["DE_0", "DE_1", "DE_2"]
    later = replace(listed[0], recorded=datetime(2026, 3, 2, tzinfo=UTC), id="DE_9")
    linked = replace(listed[1], after="DE_9")
    assert newest_first([later, linked]) == (later, linked)


OTHER = "agentforce/other.yml"


@pytest.mark.parametrize(
    ("acts", "banned"),
    [
        ([rollback(1)], True),
        ([rollback(1), done(2)], True),
        ([rollback(1), withdrawn(2)], False),
        ([rollback(1), withdrawn(2, WORSE)], True),
        ([rollback(1, WORSE)], False),
        ([rollback(1, replace(BAD, content=""))], False),
    ],
)
def test_what_another_manifest_rolled_back_is_refused_by_its_content(acts: Sequence[Act], *, banned: bool) -> None:
    holds = after(*acts, manifest=OTHER)
    assert (holds.rollback, holds.rolled_back) == (None, ())
    assert (holds.rollback_of(BAD.content) is not None) is banned
    assert holds.rollback_of("") is None


def test_the_end_of_one_manifests_rollback_does_not_end_that_of_another() -> None:
    theirs = replace(withdrawn(2), manifest=OTHER)
    holds = after(rollback(1), theirs, manifest=MANIFEST)
    assert [each.id for each in holds.rolled_back] == ["DE_1"]


@pytest.mark.parametrize(
    ("acts", "current", "kept"),
    [
        ([rollback(1)], "DE_1", ["DE_1"]),
        # a later rollback supersedes the open one, and both contents stay out
        ([rollback(1), rollback(2, WORSE)], "DE_2", ["DE_2", "DE_1"]),
        ([rollback(1), rollback(2)], "DE_2", ["DE_2", "DE_1"]),
        ([rollback(1), done(2)], None, ["DE_1"]),
        ([rollback(1), done(2), rollback(3, WORSE)], "DE_3", ["DE_3", "DE_1"]),
        ([rollback(1), withdrawn(2)], None, []),
        ([rollback(1), rollback(2), withdrawn(3)], None, []),
        # withdrawing one release says nothing about another
        ([rollback(1), rollback(2, WORSE), withdrawn(3)], "DE_2", ["DE_2"]),
        ([rollback(1), done(2), withdrawn(3)], None, []),
        ([rollback(1), withdrawn(2, WORSE)], "DE_1", ["DE_1"]),
        ([rollback(1), withdrawn(2), rollback(3)], "DE_3", ["DE_3"]),
        ([withdrawn(1), rollback(2)], "DE_2", ["DE_2"]),
        # without a content, the commit decides
        ([rollback(1, replace(BAD, content="")), withdrawn(2)], None, []),
        ([rollback(1, replace(BAD, content="")), withdrawn(2, replace(WORSE, content=""))], "DE_1", ["DE_1"]),
        # the same content from another commit is the same release
        ([rollback(1), withdrawn(2, replace(BAD, commit="d" * 40))], None, []),
        ([rollback(1, None), withdrawn(2, None)], None, []),
        ([rollback(1, None), withdrawn(2)], "DE_1", ["DE_1"]),
    ],
)
def test_rollbacks(acts: Sequence[Act], current: str | None, kept: list[str]) -> None:
    holds = after(*acts)
    assert (holds.rollback.id if holds.rollback else None) == current
    assert [each.id for each in holds.rolled_back] == kept


def test_only_the_rollbacks_of_the_manifest_count() -> None:
    other = replace(rollback(2, WORSE), manifest="agentforce/other.yml")
    holds = after(rollback(1), other, manifest=MANIFEST)
    assert holds.rollback == rollback(1)
    assert holds.rolled_back == (rollback(1),)
    assert after(rollback(1), other).rollback == other


def test_the_newest_rollback_of_a_content() -> None:
    holds = after(rollback(1), done(2), rollback(3), rollback(4, replace(WORSE, content="")))
    found = holds.rollback_of(BAD.content)
    assert found is not None
    assert found.id == "DE_3"
    assert holds.rollback_of("") is None
    assert holds.rollback_of(GOOD.content) is None


def test_acts_about_different_things_do_not_disturb_each_other() -> None:
    acts = [stop(1, A=None), act(ActKind.LOCK, 2), rollback(3)]
    found = [after(*order) for order in permutations(acts)]
    assert all(each == found[0] for each in found)
