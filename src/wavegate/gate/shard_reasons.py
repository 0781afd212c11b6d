"""Name the shards that are lost, incomplete or ran twice. A decision with such a shard is never a pass."""

from collections.abc import Iterator, Sequence

from wavegate.census.values import Census
from wavegate.gate.decision import Reason
from wavegate.gate.tally import Tally
from wavegate.plan.values import Shard
from wavegate.smoke.runs import Selection, plan_runs
from wavegate.smoke.values import Runner
from wavegate.text import one_line


def shard_reasons(shards: Sequence[Shard], result: str, tally: Tally, census: Census) -> Iterator[Reason]:
    """Reasons from shards with missing or duplicate runs. result: combined result of their jobs, '' if unknown."""
    for shard in shards:
        yield from _of_shard(shard, tally, census)
    if shards and result not in ("", "success"):
        yield Reason(
            code="shards-ended",
            weight="inconclusive",
            text=f"The shard jobs ended with result {result}.",
            fix="Rerun the shard jobs that did not succeed; their new evidence replaces the old.",
        )


def job_reasons(result: str) -> Iterator[Reason]:
    """A reason if the job that ran the tests did not succeed: some runners report such a failure in no file."""
    if result not in ("", "success"):
        yield Reason(
            code="job-ended",
            weight="inconclusive",
            text=f"The job that ran the tests ended with result {one_line(result, 40)}.",
            fix="Find out in its log what the result files do not show, and run it again.",
        )


def _of_shard(shard: Shard, tally: Tally, census: Census) -> Iterator[Reason]:
    name = f"Shard {shard.part}/{shard.of} of {shard.pack.suite}"
    # the runner does not affect which runs belong to a shard
    planned = plan_runs(
        shard.pack,
        Selection(shard=shard.part, shards=shard.of),
        runner=Runner.TESTING_CENTER,
        cases=census.counts(shard.pack.suite),
        today=tally.now.date(),
    )
    # what came and was rejected is not lost; it has a reason of its own
    lost = [
        run
        for run in planned
        if not tally.tests[run.suite, run.test].saw(run.run)
        and (run.suite, run.test, run.run) not in tally.rejected_runs
    ]
    if lost:
        what = "left no observations" if len(lost) == len(planned) else f"lost {len(lost)} of its {len(planned)} runs"
        yield Reason(
            code="lost-shard",
            weight="inconclusive",
            text=f"{name} {what}; first missing: {lost[0]}.",
            fix="Rerun its job, or find the missing observations.",
        )
    runs = {(run.test, run.run) for run in planned}
    tests = {run.test: tally.tests[run.suite, run.test].duplicates for run in planned}
    if any(duplicates.count and (test, duplicates.first[1]) in runs for test, duplicates in tests.items()):
        yield Reason(
            code="repeated-shard",
            weight="inconclusive",
            text=f"{name} ran twice.",
            fix="Pass the gate the observations of only one of the two runs.",
        )
