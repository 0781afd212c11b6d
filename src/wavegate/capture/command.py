"""`wavegate capture PATH…`: failures in recorded conversations become redacted smoke tests, in one pull request."""

from pathlib import Path, PurePosixPath

import click

from wavegate.capture.asked import DEFAULT_PACK
from wavegate.capture.options import CaptureOptions
from wavegate.capture.run_report import lines, notes, summary
from wavegate.capture.values import CaptureResult, Condition
from wavegate.cli.actions import add_summary, in_actions, set_outputs, workflow_command
from wavegate.cli.options import (
    Many,
    ManyArguments,
    manifest_option,
    program_options,
    root_option,
    takes,
    timeout_option,
)
from wavegate.conversations.read import ReadConversations, read_conversations
from wavegate.errors import ExitCode, InputError
from wavegate.files.pattern_search import PatternSearch
from wavegate.findings.finding import worst_first
from wavegate.github.connect import GitHubAccess
from wavegate.github.proposed import ProposalOutcome
from wavegate.redaction.written import redact_written
from wavegate.release.pack import TestKind, ViolationSeverity
from wavegate.smoke.policies import Search
from wavegate.text import one_line

_PROBLEMS = 20
"""Problems of the files of conversations that are listed."""


@click.command(name="capture")
@click.argument("paths", cls=ManyArguments, metavar="PATH...", required=True, envvar="WAVEGATE_CAPTURE_PATHS")
@root_option("Folder of the checkout, with the Salesforce project.")
@manifest_option("the only one under agentforce/ on the base branch")
@click.option(
    "--environment",
    metavar="ENV",
    default="",
    show_default="the manifest's last one",
    help="Environment that the conversations are from.",
)
@click.option(
    "--session",
    cls=Many,
    metavar="ID",
    show_default="those that a condition, a policy or an expectation selects",
    help="Id of a conversation that failed.",
)
@click.option(
    "--condition",
    cls=Many,
    type=click.Choice([each.value for each in Condition]),
    help="Select conversations in which an answer has personal data or an action ended in an error, or that were "
    "handed to a person.",
)
@click.option(
    "--policy",
    cls=Many,
    metavar="NAME",
    help="Select conversations that break this policy of an existing pack. SUITE/NAME, if several packs have it.",
)
@click.option("--expect-topic", metavar="NAME", default="", show_default=False, help="Topic to choose.")
@click.option("--expect-action", cls=Many, metavar="NAME", help="Action that should have been called.")
@click.option("--forbid-action", cls=Many, metavar="NAME", help="Action that should not have been called.")
@click.option("--must-say", cls=Many, metavar="PATTERN", help="Pattern that must match what the agent says.")
@click.option("--must-not-say", cls=Many, metavar="PATTERN", help="Pattern that must not match what the agent says.")
@click.option(
    "--reason", default="", show_default=False, help="What went wrong, in one sentence. It is redacted as well."
)
@click.option(
    "--kind",
    type=click.Choice([each.value for each in TestKind]),
    default=None,
    show_default="follows from what failed",
    help="Kind of the tests.",
)
@click.option(
    "--severity",
    type=click.Choice([each.value for each in ViolationSeverity]),
    default=None,
    show_default="follows from what failed",
    help="Severity of the tests.",
)
@click.option(
    "--owner",
    metavar="@NAME",
    default="",
    show_default="the owners that the manifest names",
    help="Who reviews the tests: @user or @organization/team.",
)
@click.option(
    "--agent",
    metavar="NAME",
    default="",
    show_default="the manifest's only one",
    help="Agent of conversations that do not name theirs.",
)
@click.option(
    "--pack",
    metavar="FILE",
    default="",
    show_default=DEFAULT_PACK,
    help="Smoke pack that gets the tests, new or existing.",
)
@program_options
@click.option(
    "--base",
    metavar="BRANCH",
    default="",
    show_default="the repository's default branch",
    help="Branch that gets the tests.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    show_default="a pull request",
    help="Write the files below this folder instead; `.` is the checkout.",
)
@click.option("--dry-run/--no-dry-run", default=False, help="Show what would be captured, and change nothing.")
@click.option("--local/--no-local", default=False, help="Create a local branch, without GitHub.")
@timeout_option("2m", "Maximum total wait for GitHub's rate limits, and time for the program.")
@takes(CaptureOptions)
def command(options: CaptureOptions) -> int:
    """Turn failures in recorded conversations into redacted smoke tests that show them, in one pull request.

    PATH: files and folders of recorded conversations. It is safe to run again: a set of tests has one branch and one
    pull request, and a failure that has a test is not captured again.
    """
    if options.output and options.local:
        raise InputError("--output and --local exclude each other.", fix="Leave one of them out.")
    read = _read(options)
    with PatternSearch() as search:
        return _report_result(_capture(options, read, search))


def _capture(options: CaptureOptions, read: ReadConversations, search: Search) -> CaptureResult:
    if options.output:
        from wavegate.capture.locally import capture_to_folder

        return capture_to_folder(options, read, search, options.output)
    if options.local:
        from wavegate.capture.locally import capture_to_branch

        return capture_to_branch(options, read, search)
    access = GitHubAccess.from_environment(options.root)
    permission = "contents: write, pull-requests: write, deployments: read"
    github = access.required_client(
        "open the pull request", permission=permission, patience=options.timeout.total_seconds()
    )
    from wavegate.capture.on_github import capture_on_github

    return capture_on_github(options, read, search, access, github)


def _read(options: CaptureOptions) -> ReadConversations:
    read = read_conversations(options.paths, options.root)
    for problem in sorted(read.problems, key=worst_first)[:_PROBLEMS]:
        place = problem.location
        # the name of a file, and what a message quotes of it, may be personal
        file, message = redact_written([PurePosixPath(place.file).name, problem.message])
        click.echo(f"{one_line(file, 300)}:{place.line}: {problem.severity}: {one_line(message)} [{problem.rule}]")
    if len(read.problems) > _PROBLEMS:
        click.echo(f"… and {len(read.problems) - _PROBLEMS:,} more problems")
    return read


def _report_result(result: CaptureResult) -> int:
    capture, proposed = result.capture, result.proposed
    issue = proposed if proposed and proposed.outcome is ProposalOutcome.ISSUE else None
    pull = None if issue else proposed
    for line in lines(result):
        click.echo(line)
    if in_actions():
        for note in notes(result):
            click.echo(workflow_command("warning", note, title="capture"))
    add_summary(summary(result))
    number = pull.number if pull else result.known_in
    set_outputs(
        {
            "result": result.name,
            "pull-request": str(number) if number else "",
            "pull-request-url": pull.url if pull else "",
            "issue-url": issue.url if issue else "",
            "branch": capture.branch if capture.tests else "",
            "tests": ",".join(each.name for each in capture.tests),
            "captured": str(len(capture.tests)),
            "conversations": str(capture.seen),
            "known": str(sum(capture.known.values())),
        }
    )
    return int(ExitCode.OK)
