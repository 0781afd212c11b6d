"""`wavegate rollback`: a pull request that restores the last known good release of an environment."""

from typing import TYPE_CHECKING

import click

from wavegate.cli.actions import add_summary, in_actions, set_outputs, workflow_command
from wavegate.cli.options import (
    environment_argument,
    live_option,
    manifest_option,
    root_option,
    takes,
    timeout_option,
)
from wavegate.errors import ExitCode, InputError
from wavegate.github.connect import GitHubAccess
from wavegate.github.proposed import ProposalOutcome
from wavegate.rollback.locally import roll_back_locally
from wavegate.rollback.prepare import RollbackOptions
from wavegate.rollback.report.run import lines, summary
from wavegate.rollback.values import Result
from wavegate.text import one_line

if TYPE_CHECKING:
    from wavegate.github.client import GitHub

_WARNINGS = 5
"""Maximum paths with an annotation of their own. GitHub shows at most ten per step, and other notes need some."""


@click.command(name="rollback")
@environment_argument("ROLLBACK")
@root_option()
@manifest_option("the one that the deployment recorded")
@click.option(
    "--target",
    metavar="RELEASE|COMMIT",
    default="",
    show_default="the last known good release",
    help="Release or commit to restore. With --local, a commit.",
)
@click.option("--reason", default="", show_default="that of the open rollback", help="Why, in one sentence.")
@click.option(
    "--incident", default="", show_default="that of the open rollback", help="Number or URL of the incident."
)
@click.option(
    "--withdraw/--no-withdraw",
    default=False,
    help="Take a rollback back, the open one or that of --target: its release is good after all and may be promoted "
    "again. Requires --reason.",
)
@click.option(
    "--activating/--no-activating",
    default=False,
    help="Say that another job of this run activates the agent versions of the good release.",
)
@click.option("--dry-run/--no-dry-run", default=False, help="Show what would be restored, and change nothing.")
@click.option(
    "--base",
    metavar="BRANCH",
    default="",
    show_default="the repository's default branch",
    help="Branch to restore the release on.",
)
@click.option(
    "--local/--no-local",
    default=False,
    help="Create a local branch, without GitHub. Requires --target.",
)
@live_option("HEAD", "With --local: commit that is live in ENV.")
@timeout_option("2m", "Maximum total wait for GitHub's rate limits.")
@takes(RollbackOptions)
def command(options: RollbackOptions) -> int:
    """Open a pull request that restores the last known good release of ENV.

    It is safe to run again: a rollback has one branch and one pull request, and nothing is force-pushed.
    """
    if not options.environment:
        raise InputError("The environment is empty.", fix="Name the environment whose release is bad.")
    if options.local and options.withdraw:
        raise InputError(
            "--withdraw has no effect with --local.", fix="Leave --local out: rollbacks are recorded on GitHub."
        )
    if options.local:
        return _report_result(roll_back_locally(options))
    if options.live:
        raise InputError(
            "--live needs --local.", fix="Leave it out: on GitHub, the ledger says which release is live."
        )
    access = GitHubAccess.from_environment(options.root)
    github = _client(options, access)
    if options.withdraw:
        from wavegate.rollback.withdraw import withdraw

        return withdraw(options, access, github)
    from wavegate.rollback.on_github import roll_back

    return _report_result(roll_back(options, access, github))


def _client(options: RollbackOptions, access: GitHubAccess) -> "GitHub":
    task = "withdraw the rollback" if options.withdraw else "open the pull request"
    permission = "contents: write, pull-requests: write, deployments: write"
    try:
        return access.required_client(task, permission=permission, patience=options.timeout.total_seconds())
    except InputError as error:
        if in_actions() or options.withdraw:
            raise
        local = "Without GitHub, --local creates the branch in this checkout; it needs --target and --live."
        raise InputError(error.message, fix=f"{error.fix} {local}") from None


def _report_result(result: Result) -> int:
    rollback, proposed = result.rollback, result.proposed
    issue = proposed if proposed and proposed.outcome is ProposalOutcome.ISSUE else None
    pull = None if issue else proposed
    for warning in _warnings(result) if in_actions() else ():
        click.echo(workflow_command("warning", warning, title="rollback"))
    for line in lines(result):
        click.echo(line)
    add_summary(summary(result))
    set_outputs(
        {
            "result": result.name,
            "pull-request": str(pull.number) if pull else "",
            "pull-request-url": pull.url if pull else "",
            "issue-url": issue.url if issue else "",
            "branch": rollback.branch if rollback.plan.changes else "",
            "live": rollback.bad.commit,
            "target": rollback.good.commit,
            "conflicts": str(len(rollback.plan.conflicts)),
        }
    )
    if result.incomplete:
        raise result.incomplete
    return ExitCode.OK


def _warnings(result: Result) -> list[str]:
    """Warnings for the run's page. None of them stops the rollback."""
    plan, proposed = result.rollback.plan, result.proposed
    notes = [
        f"{one_line(path, 300)} changed after the bad release and was left alone: compare it manually."
        for path in plan.conflicts[:_WARNINGS]
    ]
    if len(plan.conflicts) > _WARNINGS:
        notes.append(f"{len(plan.conflicts) - _WARNINGS} more paths changed as well; the summary lists them.")
    if plan.same_release:
        notes += result.rollback.notes[:1]
    if result.superseded_by:
        notes.append(f"Another rollback was opened at the same time and is the open one: {result.superseded_by.page}")
    return [*notes, *(proposed.notes if proposed else ())]
