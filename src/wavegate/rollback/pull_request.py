"""A rollback as people read it: the pull request's body, the step summary, the lines of a log."""

from collections.abc import Sequence

from wavegate.github.proposed import ProposalOutcome, Proposed
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.values import Rollback, RollbackPlan
from wavegate.text import code, markdown, one_line, plain, pluralize

BODY_LIMIT = 50_000
"""Characters of the body's section; GitHub takes 65,536 for a body, an issue has a long link too, and people add."""
_ROOM = 6_000
"""Characters of one list."""
_ROWS = 200
_LINES = 50
_OWNERS = 50

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
    good = rollback.good
    name = good.title if good.commit.startswith(good.name) else plain(good.name, 100)
    return f"Roll back {plain(rollback.environment, 80)} to {name}"


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
        f"For review: {', '.join(rollback.owners[:_OWNERS])}" if rollback.owners else "",
    ]
    text = "\n\n".join(part for part in parts if part)
    return _with_files(text, rollback)


def brief(rollback: Rollback) -> str:
    """The section in short, for a link that opens the pull request with its body filled in."""
    more = "wavegate fills in the rest when the rollback is run again."
    return "\n\n".join(part for part in (_facts(rollback), _conflicts(rollback, room=500), more) if part)


def summary(rollback: Rollback, *, result: str, proposed: Proposed | None, kept: Sequence[str] = ()) -> str:
    """The step summary."""
    place = f"[#{proposed.number}]({proposed.url})" if proposed else _place(rollback, code(rollback.branch))
    parts = [
        f"## Rollback of {code(rollback.environment)}: {result.replace('-', ' ')}, {place}",
        _facts(rollback),
        _conflicts(rollback),
        _listed("Kept as edited on the branch", kept, "-"),
        _listed("Note", [*rollback.notes, *(proposed.notes if proposed else ())], "-"),
        _listed("After the merge, in this order", rollback.order, "1."),
        _listed("Git cannot restore this: check it by hand", rollback.checklist, "- [ ]"),
    ]
    return _with_files("\n\n".join(part for part in parts if part), rollback)


def lines(rollback: Rollback, *, result: str, proposed: Proposed | None, kept: Sequence[str] = ()) -> list[str]:
    """What the log says."""
    plan = rollback.plan
    told = [
        f"{one_line(rollback.environment, 100)}: {rollback.bad.title} -> {rollback.good.title}",
        _counts(plan),
    ]
    told += _logged("conflict, left alone: ", plan.conflicts)
    told += _logged("kept as edited on the branch: ", kept)
    told += _logged("deleted: ", plan.deleted)
    told += _logged("restored: ", plan.restored)
    told += _logged("after the merge: ", rollback.order)
    told += _logged("git cannot restore this, check it by hand: ", rollback.checklist)
    notes = (*rollback.notes, *(proposed.notes if proposed else ()))
    told += [f"note: {one_line(note, 1000)}" for note in notes]
    where = f"{proposed.url} ({rollback.branch})" if proposed else _place(rollback, rollback.branch)
    return [*told, f"{'issue opened' if result == ProposalOutcome.ISSUE else result}: {where}"]


def _place(rollback: Rollback, branch: str) -> str:
    return branch if rollback.plan.changes else "there is nothing to restore"


def _logged(label: str, items: Sequence[str]) -> list[str]:
    more = [f"  {label}… and {len(items) - _LINES:,} more"] if len(items) > _LINES else []
    return [*(f"  {label}{one_line(item, 300)}" for item in items[:_LINES]), *more]


def _facts(rollback: Rollback) -> str:
    plan = rollback.plan
    rows = [
        ("Environment", code(rollback.environment)),
        ("Rolled back", _cell(rollback.bad)),
        ("Restored", _cell(rollback.good)),
        ("Reason", markdown(rollback.reason, 1000) or "not given"),
        ("Incident", markdown(rollback.incident, 300) or "not given"),
        ("Files", _counts(plan, mark="**")),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _conflicts(rollback: Rollback, *, room: int = _ROOM) -> str:
    paths = rollback.plan.conflicts
    if not paths:
        return ""
    number = pluralize(len(paths), "path")
    head = f"{number} changed on {code(rollback.base)} after the bad release, and stay as they are:"
    rows = _fitting([f"> - {code(path, 300)}" for path in paths], "> - … and {} more", room=room)
    return "\n".join(["> [!WARNING]", f"> {head}", *rows])


def _listed(heading: str, items: Sequence[str], bullet: str) -> str:
    rows = _fitting([f"{bullet} {markdown(item, 1000)}" for item in items], f"{bullet} … and {{}} more")
    return "\n".join([f"**{heading}**", "", *rows]) if items else ""


def _with_files(text: str, rollback: Rollback) -> str:
    """The text with a table of the files below it, as far as the limit allows; what is deleted comes first."""
    plan = rollback.plan
    rows = [f"| deleted | {code(path, 300)} |" for path in plan.deleted]
    rows += [f"| restored | {code(path, 300)} |" for path in plan.restored]
    if not rows:
        return text
    shown = _fitting(rows, "| | … and {} more |", room=BODY_LIMIT - len(text) - 200)
    head = f"<details><summary>{pluralize(len(rows), 'file')}</summary>"
    return "\n".join([text, "", head, "", "| | File |", "|---|---|", *shown, "", "</details>"])


def _fitting(rows: Sequence[str], more: str, *, room: int = _ROOM) -> list[str]:
    """As many rows as there is room for, in characters, and how many are left; escaping can make a row long."""
    shown: list[str] = []
    for row in rows[:_ROWS]:
        room -= len(row) + 1
        if room < 0:
            break
        shown.append(row)
    left = len(rows) - len(shown)
    return [*shown, more.format(f"{left:,}")] if left else shown


def _counts(plan: RollbackPlan, mark: str = "") -> str:
    """The plan in numbers. mark: Markdown around the conflicts, if there are any."""
    told = (f"{len(plan.restored):,} restored", f"{len(plan.deleted):,} deleted", f"{plan.unchanged:,} as they were")
    mark = mark if plan.conflicts else ""
    return ", ".join((*told, f"{mark}{pluralize(len(plan.conflicts), 'conflict')}{mark}"))


def _cell(side: ReleaseRef) -> str:
    deployment = f", deployment {markdown(side.deployment, 200)}" if side.deployment else ""
    name = "" if side.commit.startswith(side.name) else f"{markdown(side.name, 200)} at "
    return f"{name}{side.commit}{deployment}"
