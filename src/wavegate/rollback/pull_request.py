"""A rollback as pull request body, step summary and log lines."""

from collections.abc import Sequence

from wavegate.github.proposed import ProposalOutcome, Proposed
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.values import Rollback, RollbackPlan
from wavegate.text import code, markdown, one_line, plain, pluralize

BODY_LIMIT = 50_000
"""Maximum characters of our section. GitHub allows 65,536; an issue adds a long link, and people add text."""
_ROOM = 6_000
"""Maximum characters of one list."""
_ROWS = 200
_LINES = 50
_OWNERS = 50

NO_CHECKS = (
    "No checks run on this pull request, because it was opened with `GITHUB_TOKEN`. "
    "Close and reopen it to start them. With a GitHub App token for the workflow, checks start automatically."
)
ISSUE_INTRODUCTION = (
    "The rollback branch is pushed, but GitHub Actions may not open pull requests in this repository.\n\n"
    "**[Open the pull request]({link})**, then close this issue. To have the next one opened automatically, enable "
    "Settings → Actions → General → *Allow GitHub Actions to create and approve pull requests*."
)


def title(rollback: Rollback) -> str:
    """The pull request's title: plain text on one line, without mentions or references."""
    good = rollback.good
    name = good.title if good.commit.startswith(good.name) else plain(good.name, 100)
    return f"Roll back {plain(rollback.environment, 80)} to {name}"


def body(rollback: Rollback, *, checks_run: bool) -> str:
    """The section of the pull request body that wavegate maintains: Markdown within GitHub's limit.

    checks_run: whether opening the pull request starts workflows.
    """
    parts = [
        _facts(rollback),
        _conflicts(rollback),
        _listed("Steps, in this order", rollback.order, "1."),
        _listed("Check manually what git cannot restore", rollback.checklist, "- [ ]"),
        _listed("Notes", rollback.notes, "-"),
        "" if checks_run else f"> [!NOTE]\n> {NO_CHECKS}",
        f"Reviewers: {', '.join(rollback.owners[:_OWNERS])}" if rollback.owners else "",
    ]
    text = "\n\n".join(part for part in parts if part)
    return _with_files(text, rollback)


def brief(rollback: Rollback) -> str:
    """A short section, for a link that opens the pull request with a filled-in body."""
    more = "Run the rollback again to let wavegate fill in the rest."
    return "\n\n".join(part for part in (_facts(rollback), _conflicts(rollback, room=500), more) if part)


def summary(rollback: Rollback, *, result: str, proposed: Proposed | None, kept: Sequence[str] = ()) -> str:
    """The step summary."""
    place = f"[#{proposed.number}]({proposed.url})" if proposed else _place(rollback, code(rollback.branch))
    parts = [
        f"## Rollback of {code(rollback.environment)}: {result.replace('-', ' ')}, {place}",
        _facts(rollback),
        _conflicts(rollback),
        _listed("Kept as edited on the branch", kept, "-"),
        _listed("Notes", [*rollback.notes, *(proposed.notes if proposed else ())], "-"),
        _listed("Steps, in this order", rollback.order, "1."),
        _listed("Check manually what git cannot restore", rollback.checklist, "- [ ]"),
    ]
    return _with_files("\n\n".join(part for part in parts if part), rollback)


def lines(rollback: Rollback, *, result: str, proposed: Proposed | None, kept: Sequence[str] = ()) -> list[str]:
    """The log lines."""
    plan = rollback.plan
    log = [
        f"{one_line(rollback.environment, 100)}: {rollback.bad.title} -> {rollback.good.title}",
        _counts(plan),
    ]
    log += _logged("conflict, not changed: ", plan.conflicts)
    log += _logged("kept as edited on the branch: ", kept)
    log += _logged("deleted: ", plan.deleted)
    log += _logged("restored: ", plan.restored)
    log += _logged("step: ", rollback.order)
    log += _logged("check manually, git cannot restore it: ", rollback.checklist)
    notes = (*rollback.notes, *(proposed.notes if proposed else ()))
    log += [f"note: {one_line(note, 1000)}" for note in notes]
    where = f"{proposed.url} ({rollback.branch})" if proposed else _place(rollback, rollback.branch)
    return [*log, f"{'issue opened' if result == ProposalOutcome.ISSUE else result}: {where}"]


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
    head = (
        f"{pluralize(len(paths), 'path')} changed on {code(rollback.base)} after the bad release. "
        "The rollback does not touch them:"
    )
    rows = _fitting([f"> - {code(path, 300)}" for path in paths], "> - … and {} more", room=room)
    return "\n".join(["> [!WARNING]", f"> {head}", *rows])


def _listed(heading: str, items: Sequence[str], bullet: str) -> str:
    rows = _fitting([f"{bullet} {markdown(item, 1000)}" for item in items], f"{bullet} … and {{}} more")
    return "\n".join([f"**{heading}**", "", *rows]) if items else ""


def _with_files(text: str, rollback: Rollback) -> str:
    """The text, followed by a table of the files as far as the limit allows; deleted files come first."""
    plan = rollback.plan
    rows = [f"| deleted | {code(path, 300)} |" for path in plan.deleted]
    rows += [f"| restored | {code(path, 300)} |" for path in plan.restored]
    if not rows:
        return text
    shown = _fitting(rows, "| | … and {} more |", room=BODY_LIMIT - len(text) - 200)
    head = f"<details><summary>{pluralize(len(rows), 'file')}</summary>"
    return "\n".join([text, "", head, "", "| | File |", "|---|---|", *shown, "", "</details>"])


def _fitting(rows: Sequence[str], more: str, *, room: int = _ROOM) -> list[str]:
    """As many rows as fit into `room` characters, and how many are left out. Escaping can make a row long."""
    shown: list[str] = []
    for row in rows[:_ROWS]:
        room -= len(row) + 1
        if room < 0:
            break
        shown.append(row)
    left = len(rows) - len(shown)
    return [*shown, more.format(f"{left:,}")] if left else shown


def _counts(plan: RollbackPlan, mark: str = "") -> str:
    """The plan in numbers. mark: Markdown around the number of conflicts, if it is not zero."""
    counts = (f"{len(plan.restored):,} restored", f"{len(plan.deleted):,} deleted", f"{plan.unchanged:,} unchanged")
    mark = mark if plan.conflicts else ""
    return ", ".join((*counts, f"{mark}{pluralize(len(plan.conflicts), 'conflict')}{mark}"))


def _cell(release: ReleaseRef) -> str:
    deployment = f", deployment {markdown(release.deployment, 200)}" if release.deployment else ""
    name = "" if release.commit.startswith(release.name) else f"{markdown(release.name, 200)} at "
    return f"{name}{release.commit}{deployment}"
