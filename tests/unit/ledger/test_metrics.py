"""The numbers that release engineers count, against tables computed by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.deployment import Adoption, Deployment, Release, State, Status
from wavegate.ledger.gate_entry import GateEntry, GateVerdict, digest_of
from wavegate.ledger.trail.metrics import metrics_of
from wavegate.ledger.trail.values import LedgerRecord, ReleaseMetrics
from wavegate.ledger.trail.words import duration_text, metric_rows

START = datetime(2026, 3, 2, tzinfo=UTC)
ACTS = {
    "stop": ActKind.STOP,
    "restart": ActKind.RESTART,
    "rollback": ActKind.ROLLBACK,
    "withdrawn": ActKind.ROLLBACK_WITHDRAWN,
    "done": ActKind.ROLLBACK_DONE,
}


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def records(story: str) -> list[LedgerRecord]:
    """Records, newest first, from words `HOUR:WHAT[:RELEASE[:MORE]]`, oldest first.

    live:a:2 went live, 2 hours after its commit (? for an unknown one); failed:a; marked:a is live, and marked as
    failed 5 hours later; adopted:a was found in the org; stop:a:A,B and restart::A,B with agents; rollback:a;
    withdrawn:a; done:a; bad:a and good:a are verifications.
    """
    found = [_record(number, *word.split(":")) for number, word in enumerate(story.split())]
    return found[::-1]


def _record(number: int, hour: str, what: str, letter: str = "", more: str = "") -> LedgerRecord:
    moment, content = at(float(hour)), letter * 64 if letter.islower() else ""
    commit = f"{number:040x}"
    release = ReleaseId(name=letter, commit=commit, content=content) if letter else None
    deployment: Deployment | None = None
    act: Act | None = None
    decision: GateEntry | None = None
    if what in ("live", "failed", "marked", "adopted"):
        deployment = _deployment(str(number), commit, moment, what, content)
    elif what in ACTS:
        agents: Mapping[str, int | None] = dict.fromkeys(more.split(","), 1) if more else {}
        act = Act(kind=ACTS[what], time=moment, actor="bo", reason="", id=str(number), release=release, agents=agents)
    else:
        decision = _decision(content, "fail" if what == "bad" else "pass", moment)
    return LedgerRecord(
        id=str(number),
        environment="production",
        task="",
        commit=commit,
        recorded=moment,
        committed=moment - timedelta(hours=float(more)) if deployment and more not in ("", "?") else None,
        deployment=deployment,
        act=act,
        decision=decision,
    )


def _states(what: str) -> list[tuple[State, float]]:
    if what == "failed":
        return [(State.FAILURE, 0)]
    return [(State.SUCCESS, 0), *([(State.FAILURE, 5)] if what == "marked" else [])]


def _deployment(identity: str, commit: str, moment: datetime, what: str, content: str) -> Deployment:
    return Deployment(
        id=identity,
        environment="production",
        commit=commit,
        created_at=moment,
        statuses=tuple(
            Status(state=state, created_at=moment + timedelta(hours=hours)) for state, hours in _states(what)
        ),
        release=Release(
            name="wave",
            manifest="m.yml",
            content=content,
            adoption=Adoption(reason="it runs") if what == "adopted" else None,
        ),
    )


def _decision(content: str, verdict: GateVerdict, moment: datetime) -> GateEntry:
    return GateEntry(
        stage="verify",
        release="wave",
        content=content,
        question="1" * 64,
        verdict=verdict,
        attempt=1,
        decision="2" * 64,
        time=moment,
        evidence_digest=digest_of(()),
    )


def counted(story: str, *, since: float | None = None, until: float = 24 * 14) -> ReleaseMetrics:
    return metrics_of(records(story), "production", since=None if since is None else at(since), until=at(until))


@pytest.mark.parametrize(
    ("story", "since", "live", "per_week"),
    [
        ("", None, 0, None),
        ("0:live:a 48:live:b 96:live:c", None, 3, 1.5),
        ("0:live:a 48:failed:b 96:live:c", None, 2, 1.0),
        ("0:live:a 48:live:b 96:live:c", 72, 1, 1 / (264 / 168)),
        ("0:failed:a", None, 0, 0.0),
        # what the org already ran was not promoted
        ("0:adopted:a 48:live:b", None, 1, 0.5),
        # nothing in a period that was read completely is a number, not a gap
        ("", 0, 0, 0.0),
        # less than a week says nothing about a week
        ("300:live:a 310:live:b", None, 2, None),
    ],
)
def test_how_often_it_was_deployed(story: str, since: float | None, live: int, per_week: float | None) -> None:
    found = counted(story, since=since)
    assert (found.live, found.per_week) == (live, pytest.approx(per_week) if per_week else per_week)


@pytest.mark.parametrize(
    ("story", "hours"),
    [
        ("0:live:a:2 48:live:b:10", [2, 10]),
        ("0:live:a:? 48:live:b:10", [10]),
        # a rollback and a second deployment of the same content are not changes
        ("0:live:a:2 48:live:b:10 50:live:a:1 60:live:b:30", [2, 10]),
        # without a content, the commit tells releases apart
        ("0:live:A:2 48:live:B:10", [2, 10]),
        # the committer's clock was ahead
        ("0:live:a:-1 48:live:b:10", [10]),
        ("0:failed:a:2", []),
        ("0:adopted:a:99 48:live:b:10 50:live:a:1", [10]),
    ],
)
def test_how_long_a_change_took(story: str, hours: list[float]) -> None:
    assert [each / timedelta(hours=1) for each in counted(story).lead_times] == hours


@pytest.mark.parametrize(
    ("story", "failed", "of"),
    [
        ("", 0, 0),
        ("0:live:a 48:live:b", 0, 2),
        # one failure, however many entries say so
        ("0:live:a 48:live:b 50:bad:b 51:stop:b:A 52:rollback:b 60:live:a", 1, 3),
        ("0:live:a 48:marked:b", 1, 2),
        # never live, so it changed nothing
        ("0:live:a 48:failed:b", 0, 1),
        # a stop that names no release is about the one that was live
        ("0:live:a 10:stop::A 48:live:b", 1, 2),
        ("0:live:a 48:live:b 50:rollback:b 51:withdrawn:b", 0, 2),
        ("0:live:a 48:live:b 50:stop:b:A 50:rollback:b 51:withdrawn:b", 1, 2),
        # the release of that content that was live at the time
        ("0:live:a 48:live:b 96:live:a 97:bad:a", 1, 3),
        # before anything was live
        ("0:stop:a:A 48:live:b", 0, 1),
        # a promotion before the period
        ("0:live:a 48:live:b 50:stop:a:A", 1, 2),
    ],
)
def test_how_many_promotions_failed(story: str, failed: int, of: int) -> None:
    found = counted(story)
    assert (len(found.failures), found.live) == (failed, of)
    assert found.failure_rate == (failed / of if of else None)


@pytest.mark.parametrize(
    ("story", "hours", "open_failures"),
    [
        # from the first sign to the next good release
        ("0:live:a 48:live:b 50:bad:b 52:rollback:b 60:live:a", [10], 0),
        # a release that fails too restores nothing
        ("0:live:a 48:live:b 50:rollback:b 60:live:c 61:bad:c 70:live:d", [20, 9], 0),
        # a stop ends when its last agent was restarted
        ("0:live:a 10:stop:a:A,B 12:restart::a 13:restart::B", [3], 0),
        ("0:live:a 10:stop:a:A,B 12:restart::A", [], 1),
        # a good release is live, and its agents are still stopped
        ("0:live:a 48:live:b 50:stop:b:A 51:rollback:b 60:live:a", [], 1),
        ("0:live:a 48:live:b 50:stop:b:A 51:rollback:b 60:live:a 61:restart::A", [11], 0),
        # its agents are restarted, and the bad release is still live
        ("0:live:a 48:live:b 50:stop:b:A 51:rollback:b 52:restart::A", [], 1),
        # the verification passed after all
        ("0:live:a 50:bad:a 53:good:a", [3], 0),
        ("0:live:a 50:bad:a 53:good:a 54:rollback:a", [], 1),
        ("0:live:a 49:good:a 50:bad:a", [], 1),
        # the same content again is not a good release
        ("0:live:a 50:rollback:a 60:live:a", [], 1),
        ("0:live:a 48:marked:b 60:live:c", [7], 0),
        ("0:live:a", [], 0),
    ],
)
def test_how_long_it_took_to_restore(story: str, hours: list[float], open_failures: int) -> None:
    found = counted(story)
    assert [each / timedelta(hours=1) for each in found.restore_times] == hours
    assert len(found.failures) - len(found.restore_times) == open_failures


def test_another_environments_entries_do_not_count() -> None:
    assert metrics_of(records("0:live:a 1:stop:a:A"), "uat", since=None, until=at(200)).start is None


def test_what_the_ledger_lacks_is_unknown_and_never_zero() -> None:
    assert all(value.startswith("unknown") for _, value in metric_rows(counted("")))
    words = dict(metric_rows(counted("0:live:a:? 10:stop:a:A")))
    assert words["lead time for changes"].startswith("unknown")
    assert words["time to restore"] == "unknown: 1 failure not yet restored"
    assert words["change failure rate"] == "100 % (1 of 1)"


def test_the_numbers_in_words() -> None:
    story = "0:live:a:2 48:live:b:10 50:bad:b 52:rollback:b 60:live:a 96:live:c:3"
    assert metric_rows(counted(story)) == [
        ("deployment frequency", "2 per week (4 went live in 14 days)"),
        ("lead time for changes", "median 3 h, commit to live (3 changes)"),
        ("change failure rate", "25 % (1 of 4)"),
        ("time to restore", "median 10 h (1 failure)"),
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "1 h"), (3600, "1 h"), (7500, "2 h 5 min")),
        *((86_400, "1 d"), (90_000, "1 d 1 h"), (86_460, "1 d"), (8_640_000, "100 d")),
    ],
)
def test_a_duration_in_two_units(seconds: int, text: str) -> None:
    assert duration_text(timedelta(seconds=seconds)) == text
