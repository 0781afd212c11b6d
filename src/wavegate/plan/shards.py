"""How the runs of smoke packs are divided among jobs."""

from collections.abc import Sequence
from math import ceil

from wavegate.errors import InputError
from wavegate.plan.values import Shard
from wavegate.release.pack import Pack
from wavegate.statistics.power import planned_runs

MAX_JOBS = 256
"""Jobs of one matrix, GitHub's limit."""
RUNS_A_JOB = 20
"""Runs that one job has, where that makes few enough jobs: a run takes about a minute, and a job one to start."""


def divide(packs: Sequence[Pack], environment: str, *, most: int = MAX_JOBS) -> tuple[Shard, ...]:
    """The shards of the packs, at most so many; each pack is divided evenly. InputError for more packs than that."""
    if len(packs) > most:
        raise InputError(f"There are {len(packs)} smoke packs, and at most {most} jobs.", fix="Put tests together.")
    runs = [sum(planned_runs(pack, test) for test in pack.tests) for pack in packs]
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
