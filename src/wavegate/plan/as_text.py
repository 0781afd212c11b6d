"""A plan as readable text."""

from collections import Counter
from collections.abc import Iterator

from wavegate.census.report import census_sentences
from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.outside import names_outside
from wavegate.findings.as_text import text_report
from wavegate.pilot.shown.words import pilot_sentences
from wavegate.plan.values import Plan, Shard
from wavegate.statistics.canary.power_report import canary_power_text
from wavegate.statistics.power_report import power_text
from wavegate.text import one_line, pluralize

_MAX_OUTSIDE = 20


def plan_text(plan: Plan) -> str:
    """The plan: changes, steps, tests, the power of the packs, and the findings with their fixes."""
    return "\n".join(_lines(plan))


def headline(plan: Plan) -> str:
    """What the release changes in the environment, in one sentence. Names are not escaped."""
    plan = plan.as_released
    total = len([each for each in plan.scope.components if each.parent is None])
    counts = ", ".join(f"{len(plan.of_kind(kind))} {kind.value}" for kind in ChangeKind if plan.of_kind(kind))
    since = f"since {plan.since[:12]}" if plan.since else "live release unknown"
    return (
        f"{plan.release} to {plan.environment}: {pluralize(total, 'component')}; {counts or 'no changes'} ({since})."
    )


def change_words(change: ComponentChange) -> str:
    """A changed component, and why it is left in the org if it is. Names are not escaped."""
    return f"{change.component.id}" + (f" ({change.reason})" if change.reason else "")


def _lines(plan: Plan) -> Iterator[str]:
    yield one_line(headline(plan))
    yield f"Content: sha256 {plan.content}"
    yield from (one_line(f"  {each.kind.value:8} {change_words(each)}") for each in plan.as_released.changes)
    if plan.pilot:
        yield "Pilot:"
        yield from (f"  {one_line(each)}" for each in pilot_sentences(plan.pilot))
    if names := names_outside(plan.used_outside):
        yield "Used, but not shipped:"
        yield from (f"  {one_line(each)}" for each in names[:_MAX_OUTSIDE])
        yield from [f"  {len(names) - _MAX_OUTSIDE:,} more in plan.json"] if len(names) > _MAX_OUTSIDE else []
    yield "Steps:"
    yield from (f"  {number}. {one_line(step)}" for number, step in enumerate(plan.steps, 1))
    yield from (one_line(each) for each in shard_sentences(plan))
    if plan.powers:
        yield power_text(plan.powers)
    if plan.canary_powers:
        yield canary_power_text(plan.canary_powers)
    yield ""
    yield text_report(plan.findings, lambda _: None, files=len(plan.scope.paths))


def shard_sentences(plan: Plan) -> Iterator[str]:
    """How the tests are divided among jobs, and who declares their cases. Names are not escaped."""
    for purpose, shards in (("Before", plan.shards), ("After", plan.verify_shards)):
        if shards:
            yield f"{purpose} the deployment, in {shards[0].environment}: {_jobs(shards)}."
    packs = {shard.pack.suite: shard.pack for shard in (*plan.shards, *plan.verify_shards)}
    yield from census_sentences(plan.census, tuple(packs.values()))


def _jobs(shards: tuple[Shard, ...]) -> str:
    runs: Counter[str] = Counter()
    conversations: Counter[str] = Counter()
    for each in shards:
        runs[each.pack.suite] += each.runs
        conversations[each.pack.suite] += each.conversations
    amounts = {
        suite: f"{pluralize(number, 'run')}, {pluralize(conversations[suite], 'conversation')}"
        for suite, number in runs.items()
    }
    amounts |= {each.pack.suite: "until settled" for each in shards if each.pack.runs == "until-settled"}
    packs = ", ".join(f"{suite} ({amount})" for suite, amount in amounts.items())
    return f"{packs} in {pluralize(len(shards), 'job')}"
