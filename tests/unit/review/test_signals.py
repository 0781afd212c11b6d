"""Signals against the period before: what is more than noise, and what is not known."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from wavegate.report.values import Signals
from wavegate.review.period import ReviewPeriod
from wavegate.review.signals import _quantile, newest_sums, signal_sections
from wavegate.review.values import ReviewSection
from wavegate.telemetry.kept.values import KeptSums
from wavegate.telemetry.mapping.values import SourceKind
from wavegate.telemetry.values import BusinessSum, DaySum, ViolationSum

FIRST = date(2026, 3, 2)
START = datetime(2026, 3, 9, tzinfo=UTC)
PERIOD = ReviewPeriod(since=START, until=START + timedelta(days=7), due=START + timedelta(days=14))
HAS = frozenset({"taskSuccess", "escalationRate", "latencyP95", "violations"})


def kept(days: Sequence[DaySum], *, has: frozenset[str] = HAS, length: int = 14, mapping: str = "0" * 64) -> Signals:
    sums = KeptSums(
        source=SourceKind.FILES,
        mapping=mapping,
        agents=("A",),
        users="0" * 64,
        since=FIRST,
        closed=FIRST + timedelta(days=length),
        schema="0" * 64,
        has=has,
        days=tuple(days),
        files=(),
    )
    return Signals(path="sums.json", kept=sums)


def day(number: int, *, sessions: int = 400, good: float = 0.9, escalated: float = 0.05, bucket: int = 300) -> DaySum:
    return DaySum(
        day=FIRST + timedelta(days=number),
        cohort="",
        agent="A",
        sessions=sessions,
        good=round(sessions * good),
        escalated=round(sessions * escalated),
        latency={bucket: sessions},
        violations={"high": ViolationSum(unconfirmed=1)},
        business={"reopened": BusinessSum(good=9, n=10)},
    )


def lines(signals: Sequence[Signals], period: ReviewPeriod = PERIOD) -> dict[str, str]:
    found = [line for each in signal_sections(signals, (), period) for line in each.lines]
    return {line.partition(":")[0]: line for line in found}


def missing(sections: Sequence[ReviewSection]) -> list[str]:
    return [each for section in sections for each in section.missing]


def test_a_quiet_week_is_noise_and_a_bad_one_is_more() -> None:
    luck = random.Random(1)  # noqa: S311
    quiet = [day(number, good=luck.gauss(0.9, 0.02), sessions=round(luck.gauss(400, 20))) for number in range(14)]
    shown = lines([kept(quiet)])
    assert "noise explains up to" in shown["Task success"]
    assert "noise explains up to" in shown["Sessions"]
    bad = [*quiet[:7], *(replace(each, good=round(each.sessions * 0.7), escalated=80) for each in quiet[7:])]
    shown = lines([kept(bad)])
    assert "**more than noise explains**" in shown["Task success"]
    assert "**more than noise explains**" in shown["Escalations"]
    assert "noise explains up to" in shown["Violations, high"]


def test_days_that_vary_much_explain_more() -> None:
    wild = [day(number, good=(0.95, 0.75)[number % 2] - 0.08 * (number >= 7)) for number in range(14)]
    assert "noise explains up to" in lines([kept(wild)])["Task success"]


def test_noise_alone_is_rarely_taken_for_more() -> None:
    luck, alarms = random.Random(2), 0  # noqa: S311
    for _ in range(200):
        weeks = [day(number, good=luck.gauss(0.8, 0.03)) for number in range(14)]
        alarms += "more than noise" in lines([kept(weeks)])["Task success"]
    assert alarms <= 20


def test_half_the_sessions_and_a_slower_tail_are_found() -> None:
    weeks = [
        day(number, sessions=400 if number < 7 else 200, bucket=300 if number < 7 else 340) for number in range(14)
    ]
    shown = lines([kept(weeks)])
    assert "(−50 %): **more than noise explains**" in shown["Sessions"]
    latency = next(line for name, line in shown.items() if name.startswith("Latency"))
    assert "100 %, 1,400 of 1,400 sessions were slower than that" in latency
    assert "**more than noise explains**" in latency


def test_business_metrics_come_from_the_same_sums() -> None:
    shown = lines([kept([day(number) for number in range(14)])])
    assert shown["reopened"].startswith("reopened: 90 %, 63 of 70; before 90 %, 63 of 70")


@pytest.mark.parametrize(
    ("days", "length", "period", "said"),
    [
        (7, 7, PERIOD, "The daily sums cover 0 of 7 days of the period."),
        (10, 10, PERIOD, "The daily sums cover 3 of 7 days of the period."),
        (
            14,
            14,
            replace(PERIOD, until=START + timedelta(hours=5)),
            "The period has no whole day, and sums are by day.",
        ),
        (
            14,
            14,
            replace(PERIOD, since=START - timedelta(days=7), until=START),
            "The daily sums cover 0 of 7 days of the period before.",
        ),
    ],
)
def test_days_that_are_not_covered_are_said(days: int, length: int, period: ReviewPeriod, said: str) -> None:
    found = kept([day(number) for number in range(days)], length=length)
    assert said in missing(list(signal_sections([found], (), period)))


def test_what_is_missing_is_said_and_never_zero() -> None:
    sections = list(signal_sections((), ("cut.json holds no usable daily sums",), PERIOD))
    assert [each.title for each in sections] == ["Signals", "Business metrics"]
    assert missing(sections)[0] == "cut.json holds no usable daily sums"
    assert all("No daily sums were given" in each for each in missing(sections)[1:])
    shown = lines([kept([day(number) for number in range(14)], has=frozenset())])
    for title in ("Task success", "Escalations", "Latency", "Violations of policies"):
        assert shown[title] == f"{title}: missing, the source does not supply it"
    empty = lines([kept([])])
    assert empty["Task success"] == "Task success: unknown, none counted"


def test_a_day_or_two_say_nothing_about_noise() -> None:
    period = replace(PERIOD, until=START + timedelta(days=2))
    shown = lines([kept([day(number) for number in range(14)])], period)
    assert "with so few days, a change and noise look the same" in shown["Task success"]
    assert "a change and noise look the same" in shown["Sessions"]


def test_of_several_files_about_the_same_the_one_that_reaches_furthest_counts() -> None:
    short, long, other = kept([], length=7), kept([], length=14), kept([], mapping="1" * 64)
    assert newest_sums([short, replace(long, path="b"), replace(other, path="a")]) == (
        replace(other, path="a"),
        replace(long, path="b"),
    )


@pytest.mark.parametrize(("freedom", "expected"), [(4, 2.776), (10, 2.228), (12, 2.179), (100, 1.984)])
def test_the_quantile_is_students(freedom: int, expected: float) -> None:
    # Source: tables of Student's t, two-sided 95 %
    assert _quantile(freedom) == pytest.approx(expected, abs=5e-4)
