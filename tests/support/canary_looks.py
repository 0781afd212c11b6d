"""Looks at a canary, as the page about releases shows them."""

import random
from datetime import date, timedelta

from tests.support.ledger_story import hours

from wavegate.canary.decision import CanaryDecision, CanaryReason, MetricRow
from wavegate.canary.values import CanaryVerdict
from wavegate.evidence.resource import Resource
from wavegate.telemetry.kept.as_json import kept_json
from wavegate.telemetry.kept.values import KeptSums
from wavegate.telemetry.mapping.values import SourceKind
from wavegate.telemetry.values import OTHERS, DaySum, ViolationSum

FIRST_DAY = date(2026, 3, 2)


def look(
    number: int, verdict: CanaryVerdict, *, evidence: float, text: str = "too little evidence"
) -> CanaryDecision:
    return CanaryDecision(
        verdict=verdict,
        stage="canary",
        environment="production",
        release="wave-4",
        claim=f"look {number}",
        reasons=(CanaryReason(rule="canary/burn-in", weight="hold", text=text),),
        confidence=0.95,
        proof=20.0,
        evidence=evidence,
        content="d" * 64,
        commit="a" * 40,
        manifest=Resource(name="agentforce/release.yml", digest={"sha256": "b" * 64}),
        agents={"Support_Agent": "Support_Agent_Pilot"},
        time=hours(210) + timedelta(days=number),
        telemetry="files",
        metrics=(
            MetricRow(
                name="taskSuccess",
                direction="decrease",
                margin=0.05,
                observed=0.84,
                baseline=0.86,
                roll_back=evidence,
                expand=1.5 * number,
            ),
        ),
        looks=number,
    )


def sums(number: int, seed: int = 1) -> bytes:
    """The file of so many days of sums."""
    kept = KeptSums(
        source=SourceKind.FILES,
        mapping="0" * 64,
        agents=("Support_Agent", "Support_Agent_Pilot"),
        users="0" * 64,
        since=FIRST_DAY,
        closed=FIRST_DAY + timedelta(days=number),
        schema="0" * 64,
        has=frozenset({"taskSuccess", "escalationRate", "latencyP95"}),
        days=days(number, seed),
        files=(),
    )
    return kept_json(kept)


def days(number: int, seed: int = 1) -> tuple[DaySum, ...]:
    """Sums of so many days: a pilot of some 40 sessions a day, and everybody else with ten times as many."""
    luck = random.Random(seed)  # noqa: S311
    found = []
    for index in range(number):
        day = FIRST_DAY + timedelta(days=index)
        for cohort, agent, mean in ((OTHERS, "Support_Agent", 400), ("tier2-support", "Support_Agent_Pilot", 40)):
            sessions = round(luck.gauss(mean, mean / 8))
            latency = dict.fromkeys(range(350, 480), 0)
            for _ in range(sessions):
                latency[min(max(round(luck.gauss(395, 25)), 350), 479)] += 1
            good = round(sessions * min(luck.gauss(0.86, 0.03), 1))
            found.append(
                DaySum(
                    day=day,
                    cohort=cohort,
                    agent=agent,
                    sessions=sessions,
                    good=good,
                    escalated=min(round(sessions * max(luck.gauss(0.08, 0.02), 0)), sessions - good),
                    violations={"high": ViolationSum(confirmed=int(luck.random() < 0.1))},
                    latency=latency,
                )
            )
    return tuple(found)
