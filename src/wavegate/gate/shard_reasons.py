"""Which shards a decision lacks: a lost, cut short or repeated one is never a pass, and is called by its name."""

from collections.abc import Iterator, Sequence

from wavegate.gate.decision import Reason
from wavegate.gate.tally import Tally
from wavegate.plan.values import Shard
from wavegate.smoke.runs import Selection, plan_runs
from wavegate.smoke.values import Runner


def shard_reasons(shards: Sequence[Shard], result: str, tally: Tally) -> Iterator[Reason]:
    """What shards left too little or too much behind. result: how their jobs ended, '' where that is not known."""
    for shard in shards:
        yield from _of_shard(shard, tally)
    if shards and result not in ("", "success"):
        yield Reason(
            code="shards-ended",
            weight="inconclusive",
            text=f"The jobs that ran the shards ended as {result}.",
            fix="Run those that did not succeed again; their evidence then takes the place of what they left.",
        )


def _of_shard(shard: Shard, tally: Tally) -> Iterator[Reason]:
    name = f"Shard {shard.part}/{shard.of} of {shard.pack.suite}"
    # which runs are a shard's does not depend on what runs them
    planned = plan_runs(shard.pack, Selection(shard=shard.part, shards=shard.of), runner=Runner.TESTING_CENTER)
    lost = [run for run in planned if not tally.tests[run.suite, run.test].saw(run.run)]
    if lost:
        what = "left nothing behind" if len(lost) == len(planned) else f"lacks {len(lost)} of its {len(planned)} runs"
        yield Reason(
            code="lost-shard",
            weight="inconclusive",
            text=f"{name} {what}; the first is {lost[0]}.",
            fix="Run its job again, or find out where its observations went.",
        )
    runs = {(run.test, run.run) for run in planned}
    tests = {run.test: tally.tests[run.suite, run.test].duplicates for run in planned}
    if any(seen.count and (test, seen.first[1]) in runs for test, seen in tests.items()):
        yield Reason(
            code="repeated-shard",
            weight="inconclusive",
            text=f"{name} was run twice.",
            fix="Give the gate the observations of one of the two.",
        )
