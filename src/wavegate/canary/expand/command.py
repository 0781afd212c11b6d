"""`wavegate expand ENV`: a pull request that moves an environment's canary to its next step."""

import click

from wavegate.canary.expand.options import ExpandOptions
from wavegate.canary.expand.run_report import lines, summary
from wavegate.canary.expand.values import ExpandResult
from wavegate.cli.actions import add_summary, in_actions, set_outputs, workflow_command
from wavegate.cli.options import environment_argument, manifest_option, root_option, takes, timeout_option
from wavegate.errors import ExitCode, InputError
from wavegate.github.connect import GitHubAccess
from wavegate.github.proposed import ProposalOutcome


@click.command(name="expand")
@environment_argument("EXPAND")
@root_option("Folder of the checkout, with the Salesforce project.")
@manifest_option("the only one under agentforce/ on the base branch")
@click.option(
    "--decision",
    metavar="FILE",
    default="",
    show_default="none, which needs --reason",
    help="Decision of `wavegate watch`, whose verdict is expand.",
)
@click.option(
    "--digest",
    metavar="SHA256",
    default="",
    show_default=False,
    help="Digest that the file must have: the output decision-digest of `wavegate watch`.",
)
@click.option(
    "--reason",
    default="",
    show_default=False,
    help="Expand without or in spite of a decision, for this reason; recorded with your login. In GitHub Actions, it "
    "counts only on workflow_dispatch.",
)
@click.option(
    "--base",
    metavar="BRANCH",
    default="",
    show_default="the repository's default branch",
    help="Branch whose manifest is changed.",
)
@click.option(
    "--close-only/--no-close-only",
    default=False,
    help="Only close open pull requests of pilots that were rolled back or replaced, and of steps that are taken.",
)
@click.option("--dry-run/--no-dry-run", default=False, help="Show the next step, and change nothing.")
@click.option("--local/--no-local", default=False, help="Create a local branch, without GitHub.")
@timeout_option("2m", "Maximum total wait for GitHub's rate limits.")
@takes(ExpandOptions)
def command(options: ExpandOptions) -> int:
    """Open a pull request that moves ENV's canary to its next step: more cohorts, or everybody.

    It is safe to run again: a step has one branch and one pull request, and nothing is force-pushed. Closing the pull
    request without a merge is a decision: the step is not proposed again.
    """
    if options.local:
        from wavegate.canary.expand.locally import expand_locally

        if options.close_only:
            raise InputError("--close-only has no effect with --local.", fix="Leave one of them out.")
        return _report_result(expand_locally(options))
    access = GitHubAccess.from_environment(options.root)
    permission = "contents: write, pull-requests: write, deployments: read"
    github = access.required_client(
        "open the pull request", permission=permission, patience=options.timeout.total_seconds()
    )
    from wavegate.canary.expand.on_github import expand

    return _report_result(expand(options, access, github))


def _report_result(result: ExpandResult) -> int:
    expansion, proposed = result.expansion, result.proposed
    issue = proposed if proposed and proposed.outcome is ProposalOutcome.ISSUE else None
    pull = None if issue else proposed
    for line in lines(result):
        click.echo(line)
    if in_actions():
        for note in _warnings(result):
            click.echo(workflow_command("warning", note, title="expand"))
    add_summary(summary(result))
    joining = expansion.step.joining if expansion else ()
    set_outputs(
        {
            "result": result.name,
            "pull-request": str(pull.number) if pull else "",
            "pull-request-url": pull.url if pull else "",
            "issue-url": issue.url if issue else "",
            "branch": expansion.branch if expansion else "",
            "step": str(expansion.step.number) if expansion else "",
            "cohorts": "all" if joining is None else ",".join(joining),
            "why": result.why,
            "closed": ",".join(map(str, result.closed)),
        }
    )
    return int(ExitCode.OK)


def _warnings(result: ExpandResult) -> list[str]:
    why = [f"{result.why} {result.fix}"] if result.why else []
    return [*why, *(result.proposed.notes if result.proposed else ())]
