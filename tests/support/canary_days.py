"""Daily sums of a pilot and of everybody else, and the questions about them."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from math import exp, log
from statistics import NormalDist
from typing import Any

from wavegate.canary.values import CanaryQuestion, HealthQuestion
from wavegate.evidence.resource import Resource
from wavegate.release.manifest import Canary, HealthSettings
from wavegate.statistics.latency import latency_bucket
from wavegate.telemetry.values import OTHERS, DaySum, Lane, TelemetryLook, ViolationSum

AGENT, COPY, COHORT = "Support", "Support_Pilot", "supervisors"
START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MEDIAN, SPREAD = 1500.0, 0.6
"""Of latencies in milliseconds, lognormal: the p95 is 4 s."""
ALL_SIGNALS = frozenset({"taskSuccess", "escalationRate", "latencyP95", "violations"})


@cache
def histogram(sessions: int, factor: float = 1.0) -> dict[int, int]:
    """That many lognormal latencies by bucket, at their quantiles. factor: by which every one is slower."""
    normal = NormalDist(log(MEDIAN * factor), SPREAD)
    return dict(Counter(latency_bucket(exp(normal.inv_cdf((rank + 0.5) / sessions))) for rank in range(sessions)))


def day_sum(
    day: date,
    cohort: str,
    agent: str,
    sessions: int,
    *,
    success: float = 0.86,
    escalated: float = 0.08,
    slower: float = 1.0,
    **more: Any,
) -> DaySum:
    """One day's sum at the given rates, rounded."""
    return DaySum(
        day=day,
        cohort=cohort,
        agent=agent,
        sessions=sessions,
        good=round(sessions * success),
        escalated=round(sessions * escalated),
        latency=histogram(sessions, slower),
        **more,
    )


def days_before(count: int = 56, *, sessions: int = 100, others: int = 900, cohort: str = COHORT) -> list[DaySum]:
    """The days before the start, all alike."""
    days = [START.date() - DAY * number for number in range(1, count + 1)]
    own = [day_sum(day, cohort, AGENT, sessions) for day in days] if sessions else []
    return own + ([day_sum(day, OTHERS, AGENT, others) for day in days] if others else [])


def days_after(
    count: int = 7, *, sessions: int = 100, others: int = 900, cohort: str = COHORT, agent: str = COPY, **rates: Any
) -> list[DaySum]:
    """The full days after the start, all alike. rates: of the pilot, as `day_sum` has them."""
    days = [START.date() + DAY * number for number in range(1, count + 1)]
    own = [day_sum(day, cohort, agent, sessions, **rates) for day in days] if sessions else []
    return own + ([day_sum(day, OTHERS, AGENT, others) for day in days] if others else [])


def violations(confirmed: int = 0, unconfirmed: int = 0, severity: str = "critical") -> dict[str, ViolationSum]:
    """Violations of one severity."""
    return {severity: ViolationSum(confirmed=confirmed, unconfirmed=unconfirmed)}


def look_at(days: Iterable[DaySum], *, now: datetime, **more: Any) -> TelemetryLook:
    """A look whose lanes are complete until an hour before now."""
    mark = now - timedelta(hours=1)
    values: dict[str, Any] = {
        "watermarks": {Lane.FAST: mark, Lane.SLOW: mark},
        "has": ALL_SIGNALS,
        "schema": "columns",
        **more,
    }
    return TelemetryLook(taken=now, source="files of a test", days=tuple(days), **values)


def question_about(days: Iterable[DaySum], *, now: datetime | None = None, **more: Any) -> CanaryQuestion:
    """The question about these days. more: fields of the question; fields of the look under `look`."""
    days = list(days)
    newest = max((each.day for each in days), default=START.date())
    now = now or datetime(newest.year, newest.month, newest.day, 8, tzinfo=UTC) + DAY
    look = more.pop("look", {})
    values: dict[str, Any] = {
        "settings": Canary(steps=()),
        "starts": {COHORT: START},
        "agents": {AGENT: COPY},
        **more,
    }
    return CanaryQuestion(
        release="wave-3",
        content="c" * 64,
        environment="production",
        manifest=Resource(name="agentforce/release.yml", digest={"sha256": "a" * 64}),
        commit="b" * 40,
        look=look_at(days, now=now, **look),
        now=now,
        **values,
    )


def health_question(days: Iterable[DaySum], settings: HealthSettings, **more: Any) -> HealthQuestion:
    """The question about the health of a live release with these days."""
    asked = question_about(days, **{key: more[key] for key in ("look", "now") if key in more})
    return HealthQuestion(
        release=asked.release,
        content=asked.content,
        environment=asked.environment,
        manifest=asked.manifest,
        agents={AGENT: AGENT},
        look=asked.look,
        now=asked.now,
        settings=settings,
        since=more.get("since", START - 30 * DAY),
    )
