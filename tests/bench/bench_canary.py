"""The canary's judge on simulated pilots: how often it is wrong, and how soon it decides; seeded, standard library.

    python tests/bench/bench_canary.py [--seeds N] [TABLE …]

Prints `name | ours | expected | ratio | budget` for tables A to F, and for days that depend on each other. Expected
are the rates of a reference simulation with 300 to 2,000 seeds; with N seeds, a rate p is off by up to 2 √(p(1-p)/N)
by chance. Success is 86 %, alpha 5 %, the margin 5 points, and everybody else has nine times the pilot's sessions,
unless a row says otherwise. Rates are: rolled back / expanded, at any look.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, log, sqrt
from pathlib import Path
from random import Random
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

from wavegate.canary.judge import judge
from wavegate.canary.values import CanaryQuestion, CanaryVerdict
from wavegate.evidence.resource import Resource
from wavegate.release.manifest import Canary, CanaryMetric
from wavegate.statistics.canary.days import DayCounts, change, rate_variance
from wavegate.statistics.canary.mixture import log_evidence
from wavegate.statistics.canary.volume import DayVolume, log_volume_evidence, volume_change
from wavegate.telemetry.values import OTHERS, BusinessSum, DaySum, Lane, TelemetryLook

PROOF = log(20)
SUCCESS, MARGIN = 0.86, 0.05
START = datetime(2026, 11, 1, tzinfo=UTC)


def seeded(seed: int) -> Random:
    """The randomness of one simulated pilot."""
    return Random(f"pilot {seed}")  # noqa: S311 - a simulation


def binomial(random: Random, trials: int, rate: float) -> int:
    """A binomial count: by inversion, or by the normal approximation where that is exact to a count."""
    rate = min(1.0, max(0.0, rate))
    if rate > 0.5:
        return trials - binomial(random, trials, 1 - rate)
    if trials * rate > 30:
        drawn = round(random.gauss(trials * rate, sqrt(trials * rate * (1 - rate))))
        return min(trials, max(0, drawn))
    left, chance, odds = random.random(), (1 - rate) ** trials, rate / (1 - rate)
    count = 0
    while left > chance and count < trials:
        left -= chance
        count += 1
        chance *= (trials - count + 1) / count * odds
    return count


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """How days vary. own, common: standard deviations of a day's rate. cohort: the pilot's rate less the others'.

    drop: what the release changes; shift: what changes for everybody at the same time. memory: of an own day effect,
    from one day to the next.
    """

    sessions: int = 50
    before: int = 14
    days: int = 28
    own: float = 0.0
    common: float = 0.0
    cohort: float = 0.0
    drop: float = 0.0
    shift: float = 0.0
    memory: float = 0.0
    rate: float = SUCCESS


def simulate(random: Random, world: World, *, concurrent: bool = False) -> list[DayCounts]:
    """Days before and after. concurrent: the days before are left out."""
    effect, days = random.gauss(0, world.own), []
    for number in range(-world.before, world.days):
        after = number >= 0
        fresh = random.gauss(0, world.own * sqrt(1 - world.memory**2))
        effect = world.memory * effect + fresh
        base = world.rate + random.gauss(0, world.common) + world.shift * after
        own = base + world.cohort + effect + world.drop * after
        if after or not concurrent:
            good, others = binomial(random, world.sessions, own), binomial(random, 9 * world.sessions, base)
            days.append(
                DayCounts(
                    after=after, events=good, total=world.sessions, others=others, others_total=9 * world.sessions
                )
            )
    return days


def outcome(days: Sequence[DayCounts], line: float, margin: float = MARGIN) -> tuple[bool, bool]:
    """Whether any look rolls back, and whether any expands. line: the share of the margin that is tolerated."""
    before = [day for day in days if not day.after]
    after = [day for day in days if day.after]
    rolled = expanded = False
    for look in range(1, len(after) + 1):
        found = change([*before, *after[:look]])
        assert found
        loss = -found.difference
        rolled = rolled or log_evidence(loss - line * margin, found.variance, margin) >= PROOF
        expanded = expanded or (look >= 3 and log_evidence(margin - loss, found.variance, margin) >= PROOF)
    return rolled, expanded


def share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)


def row(name: str, ours: str, expected: str, budget: str = "") -> None:
    print(f"{name} | {ours} | {expected} | | {budget}", flush=True)


def table_a(seeds: int) -> None:
    """One metric without days: the mixture alone, against its error at 1, 5, 20, 100 and 1,000 looks."""
    looks = {1: 5000, 5: 1000, 20: 250, 100: 50, 1000: 5}
    for name, drop, against, expected in (
        ("A equal, false rollback", 0.0, False, ".001/.005/.010/.013/.017"),
        ("A at the margin, false expansion", -MARGIN, True, ".002/.007/.020/.034/.050"),
    ):
        found = [
            [_first_proof(seeded(seed), drop, step, expands=against) < 5001 for seed in range(seeds)]
            for step in looks.values()
        ]
        row(name, "/".join(f"{share(each):.3f}" for each in found), expected, "<= .05")
    for drop, expected in ((-0.03, "1,200"), (-0.05, "500"), (-0.10, "200"), (-0.20, "100")):
        times = [_first_proof(seeded(seed), drop, 50, expands=False) for seed in range(seeds)]
        row(f"A drop of {-drop:.0%}, sessions until found", f"{median(times):,.0f}", expected)
    times = [_first_proof(seeded(seed), 0.0, 50, expands=True) for seed in range(seeds)]
    row("A equal, sessions until expanded", f"{median(times):,.0f}", "350")


def _first_proof(random: Random, drop: float, step: int, *, expands: bool) -> int:
    """Sessions at the first proof, 5,001 without one."""
    good = others = 0
    for sessions in range(step, 5001, step):
        good += binomial(random, step, SUCCESS + drop)
        others += binomial(random, 9 * step, SUCCESS)
        variance = rate_variance(good, sessions) / sessions + rate_variance(others, 9 * sessions) / (9 * sessions)
        loss = others / (9 * sessions) - good / sessions
        if log_evidence(MARGIN - loss if expands else loss, variance, MARGIN) >= PROOF:
            return sessions
    return 5001


def table_b(seeds: int) -> None:
    """Baselines: the difference in differences with the variance between days keeps its errors."""
    for name, world, expected in (
        ("B 50 a day", World(), ".011/.008"),
        ("B 50 a day, cohort -5", World(cohort=-0.05), ".011/.007"),
        ("B 50 a day, cohort +5", World(cohort=0.05), ".012/.015"),
        ("B 50 a day, all -3", World(shift=-0.03), ".009/.011"),
        ("B 500 a day, own day 3", World(sessions=500, own=0.03), ".037/.033"),
        ("B 500 a day, common day 3", World(sessions=500, common=0.03), ".006/.015"),
        (
            "B 500 a day, all of it",
            World(sessions=500, own=0.03, common=0.03, cohort=-0.05, shift=-0.03),
            ".034/.037",
        ),
        ("B days that depend (AR .5), 500 a day", World(sessions=500, own=0.03, memory=0.5), ".135/.145"),
        ("B days that depend (AR .5), 50 a day", World(own=0.03, memory=0.5), ".043/.022"),
    ):
        equal = [outcome(simulate(seeded(seed), world), 0.0)[0] for seed in range(seeds)]
        worse = World(**{name: getattr(world, name) for name in World.__slots__} | {"drop": -MARGIN})
        at_margin = [outcome(simulate(seeded(seed), worse), 0.0)[1] for seed in range(seeds)]
        row(
            f"{name}: false rollback (r = 0) / expansion",
            f"{share(equal):.3f}/{share(at_margin):.3f}",
            expected,
            "<= .05",
        )


METRICS = (
    CanaryMetric(name="taskSuccess", direction="decrease", margin=0.05),
    CanaryMetric(name="escalationRate", direction="increase", margin=0.03),
    CanaryMetric(name="slow", direction="increase", margin=0.025),
)


def table_c(seeds: int) -> None:
    """The whole judge with three metrics. Of success, own days vary by 2 points, common by 3; cohort -5 points."""
    for window, sessions, drop, expected in (
        (14, 50, 0.0, "0/.13, not in 28 d"),
        (56, 50, 0.0, "0/.61, 24 d"),
        (14, 200, 0.0, "0/.89, 10 d"),
        (56, 200, 0.0, "0/1.0, 7 d"),
        (56, 50, -0.05, ".08/.010"),
        (56, 200, -0.05, ".48/.007"),
        (56, 50, -0.10, ".95, 10 d"),
        (56, 200, -0.10, "1.0, 3 d"),
        (56, 200, -0.20, "1.0, 1 d"),
    ):
        ends = [_whole(seeded(seed), window, sessions, drop) for seed in range(seeds)]
        wanted = CanaryVerdict.ROLLBACK if drop <= -0.1 else CanaryVerdict.EXPAND
        days = [day if verdict is wanted else 99 for verdict, day in ends]
        middle = f"{median(days):.0f} d" if median(days) < 99 else "not in 28 d"
        rates = "/".join(
            f"{share([verdict is each for verdict, _ in ends]):.2f}"
            for each in (CanaryVerdict.ROLLBACK, CanaryVerdict.EXPAND)
        )
        row(f"C {window}d, {sessions} a day, {drop:+.0%}", f"{rates}, {middle}", expected)


def _whole(random: Random, window: int, sessions: int, drop: float) -> tuple[CanaryVerdict, int]:
    """The first verdict that is not a hold, and on which day; a hold on day 28 if there is none."""
    sums: list[DaySum] = []
    for number in range(-window, 29):
        if number == 0:
            continue
        common = random.gauss(0, 0.03)
        for cohort, size, agent in (
            ("pilot", sessions, "A_Pilot" if number > 0 else "A"),
            (OTHERS, 9 * sessions, "A"),
        ):
            is_pilot = cohort != OTHERS
            effect = common + (random.gauss(0, 0.02) - 0.05 + drop * (number > 0)) * is_pilot
            rates = (SUCCESS + effect, 0.08, 0.05)
            good, escalated, slow = (binomial(random, size, rate) for rate in rates)
            sums.append(
                DaySum(
                    day=(START + timedelta(days=number)).date(),
                    cohort=cohort,
                    agent=agent,
                    sessions=size,
                    good=good,
                    escalated=escalated,
                    business={"slow": BusinessSum(good=slow, n=size)},
                )
            )
    for day in range(1, 29):
        decision = judge(
            _question([each for each in sums if each.day <= (START + timedelta(days=day)).date()], day, window)
        )
        if decision.verdict is not CanaryVerdict.HOLD:
            return decision.verdict, day
    return CanaryVerdict.HOLD, 28


def _question(sums: list[DaySum], day: int, window: int) -> CanaryQuestion:
    now = START + timedelta(days=day + 1)
    look = TelemetryLook(
        taken=now,
        source="simulation",
        watermarks={Lane.FAST: now, Lane.SLOW: now},
        days=tuple(sums),
        has=frozenset({"taskSuccess", "escalationRate", "slow", "violations"}),
    )
    return CanaryQuestion(
        release="r",
        content="",
        environment="e",
        manifest=Resource(name="m", digest={}),
        agents={"A": "A_Pilot"},
        look=look,
        now=now,
        settings=Canary(steps=(), metrics=METRICS, baseline_window=timedelta(days=window)),
        starts={"pilot": START},
    )


def table_d(seeds: int) -> None:
    """The volume guard: silent on healthy pilots whose days vary, and quick on a collapse."""
    for sessions, spread in ((50, 0.0), (50, 0.2), (500, 0.0), (500, 0.1), (500, 0.2)):
        fires = [_volume_fires(seeded(seed), sessions, spread, 1.0) for seed in range(seeds)]
        row(
            f"D {sessions} a day, CV {spread:.0%}: fires on day 1 / within 14",
            f"{share([each == 1 for each in fires]):.2f}/{share([each <= 14 for each in fires]):.2f}",
            "0/0",
        )
    for sessions, expected in ((50, ".52/.88/.97"), (500, ".72/.97/1.0")):
        fires = [_volume_fires(seeded(seed), sessions, 0.2, 0.3) for seed in range(seeds)]
        caught = "/".join(f"{share([each <= day for each in fires]):.2f}" for day in (1, 2, 3))
        row(f"D {sessions} a day, CV 20%, at 30 % of its volume: caught by day 1/2/3", caught, expected)


def _volume_fires(random: Random, sessions: int, spread: float, factor: float) -> int:
    """The first day on which the guard fails; 99 if none does."""

    def day(*, after: bool) -> DayVolume:
        mean = sessions * random.lognormvariate(-spread * spread / 2, spread) * (factor if after else 1)
        return DayVolume(after=after, sessions=max(0, round(random.gauss(mean, sqrt(mean)))))

    days = [day(after=False) for _ in range(14)]
    for number in range(1, 15):
        days.append(day(after=True))
        found = volume_change(days)
        if found and log_volume_evidence(*found) >= log(2 / 0.05):
            return number
    return 99


def table_e(seeds: int) -> None:
    """The burn-in: false expansions at the margin, looked at after every session to 3,000; baseline of 700."""
    for success, margin, expected in (
        (0.86, 0.05, ".073/.034/.035"),
        (0.95, 0.05, ".113/.056/.039"),
        (0.98, 0.03, ".095/.064/.031"),
        (0.99, 0.03, ".095/.073/.030"),
        (0.995, 0.02, ".102/.102/.014"),
    ):
        burn_in = max(100, ceil(15 / (1 - success + margin) - 1e-9))
        proofs = [list(_proofs_at_margin(seeded(seed), success, margin)) for seed in range(seeds)]
        rates = "/".join(
            f"{share([any(each >= least for each in found) for found in proofs]):.3f}" for least in (20, 100, burn_in)
        )
        row(
            f"E {success:.1%}, margin {margin:.0%}: from 20 / 100 / {burn_in}",
            rates,
            expected,
            "<= .05 with the burn-in",
        )


def _proofs_at_margin(random: Random, success: float, margin: float) -> Iterator[int]:
    """The numbers of sessions at which an expansion is proven, although the release is exactly at the margin."""
    before = binomial(random, 700, success)
    fixed, good = rate_variance(before, 700) / 700, 0
    for sessions in range(1, 3001):
        good += random.random() < success - margin
        if sessions >= 20:
            variance = rate_variance(good, sessions) / sessions + fixed
            if log_evidence(margin - (before / 700 - good / sessions), variance, margin) >= PROOF:
                yield sessions


def table_f(seeds: int) -> None:
    """Where the rollback line is: 50 a day, 60 looks, compared with everybody else on the same days."""
    expected = {
        0.0: (".011/.989", "0/1.0", "0/1.0"),
        -0.02: (".280/.720", ".005/.939", "0/.941"),
        -0.03: (".639/.361", ".042/.599", "0/.601"),
        -0.05: (".969/.031", ".752/.034", ".016/.034"),
        -0.07: (".996/0", ".995/0", ".495/0"),
        -0.10: ("1.0/0", "1.0/0", "1.0/0"),
    }
    for drop, facts in expected.items():
        for line, fact in zip((0.0, 0.5, 1.0), facts, strict=True):
            firsts = [_first(seeded(seed), drop, line) for seed in range(seeds)]
            rates = "/".join(f"{share([each == end for each in firsts]):.3f}" for end in ("rollback", "expand"))
            row(f"F {drop:+.0%}, line at {line:g} of the margin", rates, fact)


def _first(random: Random, drop: float, line: float) -> str:
    good = others = 0
    for look in range(1, 61):
        sessions = 50 * look
        good += binomial(random, 50, SUCCESS + drop)
        others += binomial(random, 450, SUCCESS)
        variance = rate_variance(good, sessions) / sessions + rate_variance(others, 9 * sessions) / (9 * sessions)
        loss = others / (9 * sessions) - good / sessions
        if log_evidence(loss - line * MARGIN, variance, MARGIN) >= PROOF:
            return "rollback"
        if sessions >= 100 and log_evidence(MARGIN - loss, variance, MARGIN) >= PROOF:
            return "expand"
    return "hold"


TABLES: dict[str, tuple[Callable[[int], None], int]] = {
    "A": (table_a, 300),
    "B": (table_b, 100),
    "C": (table_c, 20),
    "D": (table_d, 300),
    "E": (table_e, 200),
    "F": (table_f, 400),
}
"""Each table, and its number of seeds by default."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, help="Simulations of each row. Default: 20 to 400, by table.")
    parser.add_argument("tables", nargs="*", choices=[*TABLES, []], metavar="TABLE", help="A to F. Default: all.")
    options = parser.parse_args()
    for name in options.tables or TABLES:
        table, usual = TABLES[name]
        table(options.seeds or usual)


if __name__ == "__main__":
    main()
