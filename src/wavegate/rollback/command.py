"""`wavegate rollback`: a pull request that restores the last known good release of an environment."""

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
from wavegate.rollback import pull_request as report
from wavegate.rollback.locally import roll_back_locally
from wavegate.rollback.prepare import Result, RollbackOptions
from wavegate.text import one_line

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
@click.option("--reason", default="", show_default=False, help="One sentence, for the pull request.")
@click.option(
    "--incident", default="", show_default=False, help="Number or URL of the incident, for the pull request."
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
    help="Create a local branch, without GitHub, as without GITHUB_TOKEN. Requires --target.",
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
    access = GitHubAccess.from_environment(options.root)
    if options.local or not (in_actions() or access.is_complete):
        return _report_result(roll_back_locally(options))
    if options.live:
        raise InputError(
            "--live needs --local.", fix="Leave it out: on GitHub, the ledger says which release is live."
        )
    github = access.required_client(
        "open the pull request",
        permission="contents: write, pull-requests: write",
        patience=options.timeout.total_seconds(),
    )
    from wavegate.rollback.on_github import roll_back

    return _report_result(roll_back(options, access, github))


def _report_result(result: Result) -> int:
    rollback, proposed = result.rollback, result.proposed
    issue = proposed if proposed and proposed.outcome is ProposalOutcome.ISSUE else None
    pull = None if issue else proposed
    for warning in _warnings(result) if in_actions() else ():
        click.echo(workflow_command("warning", warning, title="rollback"))
    for line in report.lines(rollback, result=result.name, proposed=proposed, kept=result.kept):
        click.echo(line)
    add_summary(report.summary(rollback, result=result.name, proposed=proposed, kept=result.kept))
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
    if result.unmarked:
        raise result.unmarked
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
    return [*notes, *(proposed.notes if proposed else ())]
