"""A rollback's pull request, and the issue that asks a person to open it."""

from wavegate.rollback.report.sections import conflicts, facts, listed, with_files
from wavegate.rollback.report.situation import MARKDOWN, live_now, merging, releasing_again, stopping
from wavegate.rollback.values import Rollback
from wavegate.text import plain

_OWNERS = 50

NO_CHECKS = (
    "No checks run on this pull request, because it was opened with `GITHUB_TOKEN`. "
    "Close and reopen it to start them. With a GitHub App token for the workflow, checks start automatically."
)
ISSUE_INTRODUCTION = (
    "**[Open the pull request]({link})** to roll back: its branch is pushed, but GitHub Actions may not open pull "
    "requests in this repository. Opening it is one click; then close this issue.\n\nTo have the next one opened "
    "automatically, enable Settings → Actions → General → *Allow GitHub Actions to create and approve pull requests*."
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
        live_now(rollback, MARKDOWN),
        stopping(rollback, MARKDOWN),
        merging(rollback, MARKDOWN),
        listed("To do, since the promotion does not", rollback.checklist, "- [ ]"),
        conflicts(rollback),
        facts(rollback),
        listed("What is restored", rollback.restored, "-"),
        listed("Notes", rollback.notes, "-"),
        releasing_again(rollback, MARKDOWN),
        "" if checks_run else f"> [!NOTE]\n> {NO_CHECKS}",
        f"Reviewers: {', '.join(rollback.owners[:_OWNERS])}" if rollback.owners else "",
    ]
    return with_files("\n\n".join(part for part in parts if part), rollback)


def brief(rollback: Rollback) -> str:
    """A short section, for a link that opens the pull request with a filled-in body."""
    more = "Run the rollback again to let wavegate fill in the rest."
    parts = (live_now(rollback, MARKDOWN), facts(rollback), conflicts(rollback, room=500), more)
    return "\n\n".join(part for part in parts if part)
