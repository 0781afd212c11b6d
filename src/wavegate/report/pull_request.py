"""A rollback as people read it: the pull request's body, the step summary, the lines of a log."""

from collections.abc import Iterable, Sequence

from wavegate.model.proposal import Outcome, Proposed
from wavegate.model.rollback import Rollback, RollbackPlan, Side
from wavegate.text import code, markdown, one_line, plain

BODY_LIMIT = 60_000
"""Characters of the body's section; GitHub takes 65,536 for a body, and people add to it."""
_ROWS = 200
_CONFLICTS = 50

NO_CHECKS = (
    "No checks run on this pull request, because it was opened with `GITHUB_TOKEN`. "
    "Close it and open it again to start them, or give the workflow a GitHub App's token: then they start at once."
)
ISSUE_INTRODUCTION = (
    "The rollback branch is pushed, but GitHub Actions may not open pull requests in this repository.\n\n"
    "**[Open the pull request]({link})**, then close this issue. To have it opened next time, switch on "
    "Settings → Actions → General → *Allow GitHub Actions to create and approve pull requests*."
)


def title(rollback: Rollback) -> str:
    """The pull request's title: plain words on one line, no mention, no reference."""
    return f"Roll back {plain(rollback.environment, 80)} to {plain(rollback.good.name, 100)}"


def body(rollback: Rollback, *, checks_run: bool) -> str:
    """The section of the pull request's body that wavegate keeps up to date; Markdown within GitHub's limit.

    checks_run: whether the pull request, as it is opened, starts workflows.
    """
    parts = [
        _facts(rollback),
        _conflicts(rollback),
        _listed("After the merge, in this order", rollback.order, "1."),
        _listed("Git cannot restore this: check it by hand", rollback.checklist, "- [ ]"),
        _listed("Note", rollback.notes, "-"),
        "" if checks_run else f"> [!NOTE]\n> {NO_CHECKS}",
        f"For review: {', '.join(rollback.owners)}" if rollback.owners else "",
    ]
    text = "\n\n".join(part for part in parts if part)
    return _within(text, _files(rollback))


def summary(rollback: Rollback, *, result: str, proposed: Proposed | None, kept: Sequence[str] = ()) -> str:
    """The step summary."""
    place = f"[#{proposed.number}]({proposed.url})" if proposed else code(rollback.branch)
    parts = [
        f"## Rollback of {code(rollback.environment)}: {result.replace('-', ' ')} {place}",
        _facts(rollback),
        _conflicts(rollback),
        _listed("Kept as edited on the branch", kept, "-"),
        _listed("Note", [*rollback.notes, *(proposed.notes if proposed else ())], "-"),
        _listed("After the merge, in this order", rollback.order, "1."),
        _listed("Git cannot restore this: check it by hand", rollback.checklist, "- [ ]"),
    ]
    return _within("\n\n".join(part for part in parts if part), _files(rollback))


def lines(rollback: Rollback, *, result: str, proposed: Proposed | None, kept: Sequence[str] = ()) -> list[str]:
    """What the log says."""
    plan = rollback.plan
    told = [
        f"{one_line(rollback.environment, 100)}: {rollback.bad.title} -> {rollback.good.title}",
        _counts(plan),
    ]
    told += [f"  conflict, left alone: {one_line(path, 300)}" for path in plan.conflicts[:_CONFLICTS]]
    told += [f"  kept as edited on the branch: {one_line(path, 300)}" for path in kept[:_CONFLICTS]]
    notes = (*rollback.notes, *(proposed.notes if proposed else ()))
    told += [f"note: {one_line(note)}" for note in notes]
    where = f"{proposed.url} ({rollback.branch})" if proposed else rollback.branch
    return [*told, f"{'issue opened' if result == Outcome.ISSUE else result}: {where}"]


def _facts(rollback: Rollback) -> str:
    plan = rollback.plan
    rows = [
        ("Environment", code(rollback.environment)),
        ("Rolled back", _cell(rollback.bad)),
        ("Restored", _cell(rollback.good)),
        ("Reason", markdown(rollback.reason, 2000) or "not given"),
        ("Incident", markdown(rollback.incident, 500) or "not given"),
        (
            "Files",
            _counts(plan),
        ),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _conflicts(rollback: Rollback) -> str:
    paths = rollback.plan.conflicts
    if not paths:
        return ""
    base = code(rollback.base)
    head = (
        f"> [!WARNING]\n> {_count(len(paths), 'path')} changed on {base} after the bad release, and stay as they are:"
    )
    return "\n".join(
        [head, *(f"> - {code(path, 300)}" for path in paths[:_CONFLICTS]), *_more(paths, _CONFLICTS, "> - ")]
    )


def _listed(heading: str, items: Sequence[str], bullet: str) -> str:
    return "\n".join([f"**{heading}**", "", *(f"{bullet} {markdown(item, 1000)}" for item in items)]) if items else ""


def _files(rollback: Rollback) -> list[str]:
    """Rows of the table of files, most important first."""
    plan = rollback.plan
    return [
        *(f"| deleted | {code(path, 300)} |" for path in plan.deleted),
        *(f"| restored | {code(path, 300)} |" for path in plan.restored),
    ]


def _within(text: str, rows: Sequence[str]) -> str:
    """The text with as many rows as the limits allow, the rest counted."""
    if not rows:
        return text[:BODY_LIMIT]
    room = BODY_LIMIT - len(text) - 500
    shown: list[str] = []
    for row in rows[:_ROWS]:
        room -= len(row) + 1
        if room < 0:
            break
        shown.append(row)
    table = ["| | File |", "|---|---|", *shown, *_more(rows, len(shown), "| | ", " |")]
    return "\n".join(
        [
            text[:BODY_LIMIT],
            "",
            f"<details><summary>{_count(len(rows), 'file')}</summary>",
            "",
            *table,
            "",
            "</details>",
        ]
    )


def _more(items: Sequence[str], shown: int, before: str, after: str = "") -> Iterable[str]:
    return [f"{before}… and {len(items) - shown} more{after}"] if len(items) > shown else []


def _counts(plan: RollbackPlan) -> str:
    told = (f"{len(plan.restored)} restored", f"{len(plan.deleted)} deleted", f"{plan.unchanged} as they were")
    return ", ".join((*told, _count(len(plan.conflicts), "conflict")))


def _cell(side: Side) -> str:
    deployment = f", deployment {side.deployment}" if side.deployment else ""
    return f"{markdown(side.name, 200)} at {side.commit}{deployment}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
