"""What the clock and earlier looks make of the judge's answer, and when a look is skipped."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.support.releases import environment

from wavegate.canary.decision import CanaryDecision, CanaryReason
from wavegate.canary.values import CanaryVerdict
from wavegate.canary.watch.starts import CohortStart, RunningPilot
from wavegate.canary.watch.watching import WatchedRelease, held_reason, is_recent, standing, too_early
from wavegate.evidence.resource import Resource
from wavegate.ledger.canary_entry import CanaryLook
from wavegate.ledger.deployment import Deployment, Pilot, Release
from wavegate.release.manifest import Canary, HealthSettings, Manifest

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CANARY = Canary(steps=(), initial_delay=timedelta(minutes=30), interval=timedelta(hours=24))
RUN = "https://github.com/acme/agents/actions/runs/7/attempts/1"


def pilot(content: str = "c" * 64) -> RunningPilot:
    copies = {"Support_Agent": "Support_Agent_Pilot"}
    release = Release(
        name="wave-3", manifest="m.yml", content=content, pilot=Pilot(cohorts=("x", "y"), copies=copies)
    )
    return RunningPilot(
        deployment=Deployment(id="1", environment="production", commit="a" * 40, created_at=START, release=release),
        release="wave-3",
        content=content,
        cohorts=(CohortStart(name="y", since=START + timedelta(days=2)), CohortStart(name="x", since=START)),
        agents=copies,
    )


def watched(now: datetime, **values: Any) -> WatchedRelease:
    where = environment("production", canary=CANARY, rollout="canary")
    manifest = Manifest(release="wave-3", environments=(where,), path="m.yml")
    given: dict[str, Any] = {"manifest": manifest, "environment": where, "now": now, "pilot": pilot(), "run": RUN}
    return WatchedRelease(**given | values)


def decision(verdict: CanaryVerdict, *reasons: CanaryReason, **values: Any) -> CanaryDecision:
    given: dict[str, Any] = {
        "verdict": verdict,
        "stage": "canary",
        "environment": "production",
        "release": "wave-3",
        "claim": "a claim",
        "reasons": reasons,
        "confidence": 0.95,
        "proof": 20.0,
        "evidence": 1.0,
        "content": "c" * 64,
        "commit": "a" * 40,
        "manifest": Resource(name="m.yml", digest={"sha256": "b" * 64}),
        "agents": {},
        "time": START,
        "telemetry": "files",
    }
    return CanaryDecision(**given | values)


def look(verdict: Any = "hold", *, hours: float = 0, number: int = 1, **values: Any) -> CanaryLook:
    given: dict[str, Any] = {
        "release": "wave-3",
        "manifest": "m.yml",
        "content": "c" * 64,
        "verdict": verdict,
        "look": number,
        "decision": "d" * 64,
        "time": START + timedelta(hours=hours),
    }
    return CanaryLook(**given | values)


@pytest.mark.parametrize(
    ("minutes", "critical", "verdict"),
    [
        # a runner whose clock is behind GitHub's looks before the start
        (-600, False, CanaryVerdict.HOLD),
        (0, False, CanaryVerdict.HOLD),
        (29.9, False, CanaryVerdict.HOLD),
        (30, False, CanaryVerdict.EXPAND),
        (10, True, CanaryVerdict.EXPAND),
    ],
)
def test_before_the_initial_delay_nothing_follows(minutes: float, critical: bool, verdict: CanaryVerdict) -> None:
    judged = decision(CanaryVerdict.EXPAND, critical=critical)
    found = too_early(judged, watched(START + timedelta(minutes=minutes)))
    assert found.verdict is verdict
    assert [each.rule for each in found.reasons] == (["canary/too-early"] if found != judged else [])


def test_a_confirmed_critical_violation_does_not_wait() -> None:
    judged = decision(CanaryVerdict.ROLLBACK, critical=True)
    assert too_early(judged, watched(START)) == judged


def test_the_health_of_a_live_release_has_no_initial_delay() -> None:
    judged = decision(CanaryVerdict.HEALTHY, stage="health")
    assert too_early(judged, watched(START, pilot=None)) == judged


@pytest.mark.parametrize("verdict", [CanaryVerdict.EXPAND, CanaryVerdict.HOLD, CanaryVerdict.HEALTHY])
def test_a_rollback_that_was_decided_stands(verdict: CanaryVerdict) -> None:
    earlier = look("rollback", number=4, rules=("canary/loss",))
    found = standing(decision(verdict, CanaryReason(rule="canary/x", weight=None, text="t"), overdue=True), earlier)
    assert (found.verdict, found.overdue) == (CanaryVerdict.ROLLBACK, False)
    assert [each.rule for each in found.reasons] == ["canary/rollback-decided", "canary/x"]
    assert "Look 4" in found.claim
    assert "(canary/loss)" in found.claim


def test_a_rollback_needs_no_earlier_one_and_nothing_else_becomes_one() -> None:
    rollback = decision(CanaryVerdict.ROLLBACK)
    assert standing(rollback, look("rollback")) == rollback
    assert standing(rollback, None) == rollback
    assert standing(decision(CanaryVerdict.HOLD), None).verdict is CanaryVerdict.HOLD


@pytest.mark.parametrize(
    ("hours", "looks", "recent"),
    [
        (0, (), False),
        (1, (look(hours=0),), True),
        (21.5, (look(hours=0),), True),
        (22, (look(hours=0),), False),
        (30, (look(hours=29), look(hours=0)), True),
        # of this very attempt, which runs again
        (1, (look(hours=0, run=RUN),), False),
        # by GitHub's clock, whatever the look itself says
        (1, (look(hours=-99, recorded=START),), True),
    ],
)
def test_a_scheduled_look_keeps_the_interval(hours: float, looks: tuple[CanaryLook, ...], recent: bool) -> None:
    assert is_recent(watched(START + timedelta(hours=hours), earlier=looks)) == recent


def test_looks_are_counted_and_a_repeated_attempt_is_not_a_further_one() -> None:
    both = (look(number=2, run=RUN), look(number=1))
    assert watched(START, earlier=both).earlier_looks == 1
    assert watched(START, earlier=both, run="").earlier_looks == 2
    assert watched(START).earlier_looks == 0


def test_what_is_read_and_looked_at() -> None:
    found = watched(START + timedelta(days=3))
    assert found.read_since == (START - CANARY.baseline_window).date()
    assert found.agents == {"Support_Agent": "Support_Agent_Pilot"}
    live = Deployment(
        id="0",
        environment="production",
        commit="e" * 40,
        created_at=START,
        release=Release(name="wave-2", manifest="m.yml", content="f" * 64, agents={"Support_Agent": "v2"}),
    )
    assert watched(START, pilot=None, live=live).content == "", "no health is asked for"
    health = HealthSettings(thresholds=(), window=timedelta(days=7))
    where = environment("production", health=health)
    healthy = watched(START, pilot=None, live=live, environment=where)
    assert (healthy.content, healthy.agents) == ("f" * 64, {"Support_Agent": "Support_Agent"})
    assert healthy.read_since == (START - timedelta(days=7)).date()
    assert watched(START, live=live, environment=where).health is None, "a canary is judged as one"


HELD = CanaryReason(rule="canary/late-data", weight="hold", text="late by 7.1 hours")
NOTE = CanaryReason(rule="canary/note", weight=None, text="a note")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (decision(CanaryVerdict.EXPAND, HELD), ""),
        (decision(CanaryVerdict.ROLLBACK, HELD), ""),
        (decision(CanaryVerdict.HOLD, NOTE), ""),
        (
            decision(CanaryVerdict.HOLD, HELD, NOTE),
            "The canary cannot be judged (content cccccccccccc): canary/late-data.",
        ),
        (
            decision(CanaryVerdict.HOLD, HELD, overdue=True, deadline=START),
            "The canary is past its deadline of 2026-11-20 12:00 UTC (content cccccccccccc): a person decides.",
        ),
    ],
)
def test_why_a_person_has_to_look(found: CanaryDecision, words: str) -> None:
    assert held_reason(found) == words
    changed = msgspec.structs.replace(found, looks=9, evidence=7.0, claim="another")
    assert held_reason(changed) == words, "it is sent once, so it must not change with every look"
