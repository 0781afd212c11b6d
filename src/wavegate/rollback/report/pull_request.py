"""A rollback's pull request, and the issue that asks a person to open it."""

from wavegate.rollback.report.numbered_steps import numbered_steps
from wavegate.rollback.report.sections import conflicts, facts, folded, heading, listed, with_files
from wavegate.rollback.report.situation import MARKDOWN, closing, live_now, releasing_again
from wavegate.rollback.values import Rollback
from wavegate.text import fenced, plain

_OWNERS = 50

NO_CHECKS = (
    "No checks run on this pull request, because it was opened with `GITHUB_TOKEN`; with a GitHub App token for the "
    "rollback workflow, they start automatically. To push an empty commit with your own login:"
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


def body(rollback: Rollback, *, checks_run: bool, withdrawable: bool = True) -> str:
    """The section of the pull request body that wavegate maintains: Markdown within GitHub's limit.

    checks_run: whether opening the pull request starts workflows. withdrawable: whether closing it without merging
    withdraws the rollback; one that a person opens is not in the ledger.
    """
    steps = "\n".join(numbered_steps(rollback, MARKDOWN, checks_run=checks_run))
    parts = [
        heading(rollback),
        live_now(rollback, MARKDOWN),
        conflicts(rollback),
        steps,
        listed("To do, since the promotion does not", rollback.checklist, "- [ ]"),
        closing(rollback, MARKDOWN) if withdrawable else "",
        facts(rollback, is_headed=True),
        listed("Notes", rollback.notes, "-"),
        f"Reviewers: {', '.join(rollback.owners[:_OWNERS])}" if rollback.owners else "",
        folded("To release again", releasing_again(rollback, MARKDOWN)),
        "" if checks_run else folded("To start the checks", f"{NO_CHECKS}\n\n{_empty_commit(rollback.branch)}"),
    ]
    return with_files("\n\n".join(part for part in parts if part), rollback)


def brief(rollback: Rollback) -> str:
    """A short section, for a link that opens the pull request with a filled-in body."""
    more = "Run the rollback again to let wavegate fill in the rest."
    parts = (live_now(rollback, MARKDOWN), facts(rollback), conflicts(rollback, room=500), more)
    return "\n\n".join(part for part in parts if part)


def _empty_commit(branch: str) -> str:
    """The commands that push an empty commit. branch: made by wavegate, so that a shell needs no quotes."""
    return fenced(
        ["git fetch", f"git switch {branch}", 'git commit --allow-empty -m "Run the checks"', "git push"], "sh"
    )
