"""Divide the runs of smoke packs among jobs."""

from collections.abc import Sequence
from math import ceil

from wavegate.errors import InputError
from wavegate.plan.values import Shard
from wavegate.release.pack import Pack
from wavegate.statistics.power import planned_runs

MAX_JOBS = 256
"""GitHub's limit of jobs per matrix."""
RUNS_A_JOB = 20
"""Runs per job, unless that makes too many jobs. A run takes about a minute, and so does starting a job."""


def divide(packs: Sequence[Pack], environment: str, *, most: int = MAX_JOBS) -> tuple[Shard, ...]:
    """The shards of the packs, at most `most`; every pack is divided evenly. InputError: there are more packs."""
    if len(packs) > most:
        raise InputError(f"There are {len(packs)} smoke packs, but at most {most} jobs.", fix="Merge smoke packs.")
    # a pack that runs until it is settled is looked at as a whole, so it stays in one job
    runs = [
        1 if pack.runs == "until-settled" else sum(planned_runs(pack, test) for test in pack.tests) for pack in packs
    ]
    size = RUNS_A_JOB
    while sum(_parts(each, size) for each in runs) > most:
        size = ceil(size * 1.25)
    return tuple(
        Shard(environment=environment, pack=pack, part=part, of=of, runs=len(range(part - 1, total, of)))
        for pack, total in zip(packs, runs, strict=True)
        for of in (_parts(total, size),)
        for part in range(1, of + 1)
    )


def _parts(runs: int, size: int) -> int:
    return max(1, ceil(runs / size))
