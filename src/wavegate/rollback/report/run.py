"""What one run of a rollback did, as step summary and log lines."""

from collections.abc import Sequence

from wavegate.github.proposed import ProposalOutcome, Proposed
from wavegate.ledger.acts.act import Act
from wavegate.rollback.report.numbered_steps import numbered_steps
from wavegate.rollback.report.sections import conflicts, counts, facts, listed, with_files
from wavegate.rollback.report.situation import MARKDOWN, PLAIN, Words, closing, live_now, releasing_again
from wavegate.rollback.values import Result, Rollback
from wavegate.text import code, one_line

_LINES = 50


def summary(result: Result) -> str:
    """The step summary."""
    rollback, proposed = result.rollback, result.proposed
    place = f"[#{proposed.number}]({proposed.url})" if proposed else _place(rollback, code(rollback.branch))
    parts = [
        f"## Rollback of {code(rollback.environment)}: {result.name.replace('-', ' ')}, {place}",
        *_paragraphs(result, MARKDOWN),
        listed("To do, since the promotion does not", rollback.checklist, "- [ ]"),
        conflicts(rollback),
        facts(rollback),
        listed("Kept as edited on the branch", result.kept, "-"),
        listed("Notes", _notes(result), "-"),
    ]
    return with_files("\n\n".join(part for part in parts if part), rollback)


def lines(result: Result) -> list[str]:
    """The log lines."""
    rollback, plan, proposed = result.rollback, result.rollback.plan, result.proposed
    log = [
        f"{one_line(rollback.environment, 100)}: {rollback.bad.title} -> {rollback.good.title}",
        counts(plan),
    ]
    log += _logged("conflict, not changed: ", plan.conflicts)
    log += _logged("kept as edited on the branch: ", result.kept)
    log += _logged("to delete: ", plan.deleted)
    log += _logged("to restore: ", plan.restored)
    log += _logged("to do: ", rollback.checklist)
    log += [f"note: {one_line(note, 1000)}" for note in _notes(result)]
    log += _paragraphs(result, PLAIN)
    where = f"{proposed.url} ({rollback.branch})" if proposed else _place(rollback, rollback.branch)
    return [*log, f"{'issue opened' if result.name == ProposalOutcome.ISSUE else result.name}: {where}"]


def _paragraphs(result: Result, say: Words) -> list[str]:
    """What is live, what to do next, and how to release again; none if there is nothing to restore."""
    rollback = result.rollback
    if result.superseded_by:
        return [_superseded(result.superseded_by, say)]
    if not rollback.plan.changes:
        return []
    proposal = _proposal(result.proposed, say)
    steps = numbered_steps(rollback, say, proposal=proposal)
    again = [releasing_again(rollback, say, proposal=proposal)]
    if _is_pull(result.proposed):
        again = [closing(rollback, say, proposal=proposal), *again]
    return [live_now(rollback, say, proposal=proposal), *(["\n".join(steps)] if say.is_markdown else steps), *again]


def _proposal(proposed: Proposed | None, say: Words) -> str:
    """What has to be merged, in words."""
    if proposed is None:
        return "the rollback"
    # the last line of a log has the URL
    number = f"[#{proposed.number}]({proposed.url})" if say.is_markdown else f"#{proposed.number}"
    if proposed.outcome is ProposalOutcome.ISSUE:
        return f"the pull request that issue {number} asks for"
    return f"pull request {number}"


def _is_pull(proposed: Proposed | None) -> bool:
    """Whether a pull request was made; closing an issue withdraws nothing."""
    return proposed is not None and proposed.outcome is not ProposalOutcome.ISSUE


def _superseded(current: Act, say: Words) -> str:
    page = say.link("another rollback", current.page)
    by = f" by {say.text(current.actor)}" if current.actor else ""
    return (
        f"{say.strong('Superseded:')} {page} was opened{by} at the same time and is the open one. This one is closed."
    )


def _notes(result: Result) -> Sequence[str]:
    return [*result.rollback.notes, *(result.proposed.notes if result.proposed else ())]


def _place(rollback: Rollback, branch: str) -> str:
    return branch if rollback.plan.changes else "there is nothing to restore"


def _logged(label: str, items: Sequence[str]) -> list[str]:
    more = [f"  {label}… and {len(items) - _LINES:,} more"] if len(items) > _LINES else []
    return [*(f"  {label}{one_line(item, 300)}" for item in items[:_LINES]), *more]
