"""A rollback's pull request, and the issue that asks a person to open it."""

from wavegate.rollback.report.sections import conflicts, facts, incident_heading, listed, with_files
from wavegate.rollback.report.situation import MARKDOWN, live_now, merging, releasing_again, stopping
from wavegate.rollback.values import Rollback
from wavegate.text import code, plain

_OWNERS = 50

NO_CHECKS = (
    "No checks run on this pull request, because it was opened with `GITHUB_TOKEN`. To start them, approve the "
    "workflow run where GitHub offers it on this page, or push an empty commit to the branch with your own login: "
    "{command}. "
    "With a GitHub App token for the rollback workflow, checks start automatically. **Do not close this pull request "
    "to start them:** closing it without merging withdraws the rollback."
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
    parts = [
        incident_heading(rollback),
        live_now(rollback, MARKDOWN),
        stopping(rollback, MARKDOWN),
        merging(rollback, MARKDOWN),
        listed("To do, since the promotion does not", rollback.checklist, "- [ ]"),
        conflicts(rollback),
        facts(rollback),
        listed("What is restored", rollback.restored, "-"),
        listed("Notes", rollback.notes, "-"),
        releasing_again(rollback, MARKDOWN, withdrawable=withdrawable),
        "" if checks_run else f"> [!WARNING]\n> {NO_CHECKS.format(command=_empty_commit(rollback.branch))}",
        f"Reviewers: {', '.join(rollback.owners[:_OWNERS])}" if rollback.owners else "",
    ]
    return with_files("\n\n".join(part for part in parts if part), rollback)


def brief(rollback: Rollback) -> str:
    """A short section, for a link that opens the pull request with a filled-in body."""
    more = "Run the rollback again to let wavegate fill in the rest."
    parts = (live_now(rollback, MARKDOWN), facts(rollback), conflicts(rollback, room=500), more)
    return "\n\n".join(part for part in parts if part)


def _empty_commit(branch: str) -> str:
    """The command that pushes an empty commit. branch: made by wavegate, so that a shell needs no quotes."""
    return code(f'git fetch && git switch {branch} && git commit --allow-empty -m "Run the checks" && git push')
