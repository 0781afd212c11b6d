"""Divide the runs of smoke packs among jobs."""

from collections.abc import Sequence
from datetime import date
from math import ceil

from wavegate.census.values import NOTHING_KNOWN, Census
from wavegate.errors import InputError
from wavegate.plan.values import Shard
from wavegate.release.pack import Pack
from wavegate.statistics.power import planned_runs

MAX_JOBS = 256
"""GitHub's limit of jobs per matrix."""
MINUTES_A_JOB = 20
"""Minutes of runs per job, unless that makes too many jobs. Starting a job takes about a minute."""
_MINUTES_A_CASE = 0.1
"""A run of one case takes about a minute, and one of 34 took 4.4."""


def divide(
    packs: Sequence[Pack],
    environment: str,
    *,
    census: Census = NOTHING_KNOWN,
    today: date | None = None,
    most: int = MAX_JOBS,
) -> tuple[Shard, ...]:
    """The shards of the packs, at most `most`; every pack is divided evenly. InputError: there are more packs.

    census: the expected cases, which every run has. today: as for `power_of`.
    """
    if len(packs) > most:
        raise InputError(f"There are {len(packs)} smoke packs, but at most {most} jobs.", fix="Merge smoke packs.")
    runs = [_cases_of_runs(pack, census, today) for pack in packs]
    minutes: float = MINUTES_A_JOB
    while sum(_parts(each, minutes) for each in runs) > most:
        minutes *= 1.25
    return tuple(
        Shard(
            environment=environment,
            pack=pack,
            part=part,
            of=of,
            runs=len(cases[part - 1 :: of]),
            conversations=sum(cases[part - 1 :: of]),
        )
        for pack, cases in zip(packs, runs, strict=True)
        for of in (_parts(cases, minutes),)
        for part in range(1, of + 1)
    )


def _cases_of_runs(pack: Pack, census: Census, today: date | None) -> list[int]:
    """The number of cases of every planned run, in the order of `plan_runs`."""
    cases = census.counts(pack.suite)
    if pack.runs == "until-settled":
        # it is looked at as a whole, so it stays in one job
        return [sum(cases.get(test.name, 1) for test in pack.tests)]
    runs = planned_runs(pack, cases, today)
    return [cases.get(test.name, 1) for test in pack.tests for _ in range(runs[test.name])]


def _parts(cases: Sequence[int], minutes: float) -> int:
    total = len(cases) + _MINUTES_A_CASE * (sum(cases) - len(cases))
    return min(len(cases), ceil(total / minutes)) or 1
