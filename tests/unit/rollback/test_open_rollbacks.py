"""Which rollback is the open one, and which others may still have an open page."""

from datetime import UTC, datetime, timedelta

from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.rollback.record import open_rollbacks, says_the_same

START = datetime(2026, 11, 27, tzinfo=UTC)
MANIFEST = "agentforce/release.yml"


def act(number: int, kind: ActKind = ActKind.ROLLBACK, *, release: str = "b", manifest: str = MANIFEST) -> Act:
    return Act(
        kind=kind,
        time=START,
        actor="ada",
        reason="Wrong answers",
        manifest=manifest,
        number=number,
        release=ReleaseId(name="wave-3", commit=release * 40, content=release * 64),
    )


def numbers(*newest_first: Act) -> tuple[int | None, list[int]]:
    found = open_rollbacks(newest_first, manifest=MANIFEST)
    return found.current.number if found.current else None, [each.number for each in found.older]


def test_the_newest_is_open_and_the_others_are_older() -> None:
    assert numbers() == (None, [])
    assert numbers(act(1)) == (1, [])
    assert numbers(act(3), act(2), act(1), act(2)) == (3, [2, 1])


def test_another_manifests_rollback_is_left_alone() -> None:
    assert numbers(act(2, manifest="other.yml"), act(1)) == (1, [])


def test_of_the_rollbacks_before_one_that_is_done_only_the_newest_may_still_be_open() -> None:
    done = act(0, ActKind.ROLLBACK_DONE)
    # a fix went live instead of it, and nobody closed its pull request
    assert numbers(act(3), done, act(2), act(1)) == (3, [2])
    assert numbers(done, act(2)) == (None, [])


def test_an_older_one_stays_known_beyond_a_withdrawal_of_another_release() -> None:
    withdrawn = act(2, ActKind.ROLLBACK_WITHDRAWN, release="c")
    assert numbers(act(3), withdrawn, act(2, release="c"), act(1)) == (3, [2, 1])
    assert numbers(withdrawn, act(2, release="c"), act(1)) == (None, [])


def test_a_page_without_a_number_cannot_be_closed() -> None:
    assert numbers(act(2), act(0)) == (2, [])


def test_the_same_rollback_by_another_run_says_the_same() -> None:
    from dataclasses import replace

    later = replace(act(1), time=START + timedelta(hours=1), actor="bo", run="https://github.com/a/b/actions/runs/2")
    assert says_the_same(act(1), later)
    assert says_the_same(replace(act(1), id="DE_1", after="DE_0"), later)
    for changed in ({"reason": "Wrong prices"}, {"incident": "INC-1"}, {"number": 2}, {"target": act(1).release}):
        assert not says_the_same(act(1), replace(later, **changed))
