"""`wavegate rollback`: a pull request that restores the last known good release of an environment."""

import click

from wavegate.cli.actions import add_summary, in_actions, set_outputs, workflow_command
from wavegate.cli.options import manifest_option_with, root_option, takes
from wavegate.errors import ExitCode, InputError
from wavegate.github.connect import GitHubAccess
from wavegate.github.proposed import ProposalOutcome
from wavegate.rollback import pull_request as report
from wavegate.rollback.locally import roll_back_locally
from wavegate.rollback.prepare import Result, RollbackOptions
from wavegate.text import one_line

_WARNINGS = 5
"""Paths that have an annotation of their own: GitHub shows no more than ten for a step, and other notes need some."""


@click.command(name="rollback")
@click.argument("environment", metavar="ENV", envvar="WAVEGATE_ROLLBACK_ENVIRONMENT")
@click.option("--to", default="", show_default="the last known good one", help="Release or commit to restore.")
@click.option("--reason", default="", help="Reason, in one sentence, for the pull request.")
@click.option("--incident", default="", help="Number or URL of the incident, for the pull request.")
@click.option("--dry-run", is_flag=True, help="Show what would be restored, without changing anything.")
@click.option("--base", default="", show_default="the default branch", help="Branch to restore it on.")
@manifest_option_with("as the deployment recorded it")
@root_option()
@click.option("--local", is_flag=True, help="Create a local branch, without GitHub. Requires --to.")
@click.option(
    "--from",
    "from_",
    envvar="WAVEGATE_ROLLBACK_FROM",
    default="",
    show_default="HEAD",
    help="With --local: commit of the bad release.",
)
@click.option(
    "--max-wait",
    type=click.FloatRange(min=0),
    default=120,
    show_default=True,
    help="Seconds to wait in total for GitHub's rate limits.",
)
@takes(RollbackOptions)
def command(asked: RollbackOptions) -> int:
    """Open the pull request that restores the last known good release of ENV.

    Safe to repeat: a rollback has one branch and one pull request, and nothing is force-pushed.
    """
    if not asked.environment:
        raise InputError("The environment is empty.", fix="Name the environment whose release is bad.")
    access = GitHubAccess.from_environment()
    if asked.local or not (in_actions() or access.is_complete):
        return _report_result(roll_back_locally(asked))
    if asked.from_:
        raise InputError(
            "--from needs --local.", fix="Leave it out: on GitHub, the ledger says which release is live."
        )
    github = access.required_client(
        "open the pull request", permission="contents: write, pull-requests: write", patience=asked.max_wait
    )
    from wavegate.rollback.on_github import roll_back

    return _report_result(roll_back(asked, access, github))


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
            "from": rollback.bad.commit,
            "to": rollback.good.commit,
            "conflicts": str(len(rollback.plan.conflicts)),
        }
    )
    if result.unmarked:
        raise result.unmarked
    return ExitCode.OK


def _warnings(result: Result) -> list[str]:
    """What the run's page must show, although it does not stop the rollback."""
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
