"""`wavegate comment`: create or update a single comment on a pull request."""

from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.cli.actions import in_actions, set_outputs, workflow_command
from wavegate.cli.options import root_option, takes
from wavegate.errors import ExitCode, InputError, RefusedError
from wavegate.github.comments import keep_comment, pull_of_commit
from wavegate.github.connect import GitHubAccess
from wavegate.github.managed_section import ManagedSection
from wavegate.text import clip, one_line, slug

LIMIT = 64_000
"""Maximum characters of the text. A comment may have 65,536, including our markers."""
_MAX_BYTES = 1024 * 1024
_CUT = "\n\n*Truncated; see the workflow run's summary for the rest.*"


@dataclass(frozen=True, kw_only=True, slots=True)
class CommentOptions:
    """The command's options, as click reads them."""

    root: Path
    body_file: Path
    marker: str
    pull_request: int | None


@click.command(name="comment")
@root_option()
@click.option(
    "--body-file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Markdown of the comment.",
)
@click.option(
    "--marker",
    required=True,
    metavar="NAME",
    help="Name of the comment. A pull request has one comment for each name.",
)
@click.option(
    "--pull-request",
    type=click.IntRange(1),
    metavar="NUMBER",
    show_default="the workflow run's, or the one that merged its commit",
    help="Pull request to comment on.",
)
@takes(CommentOptions)
def command(options: CommentOptions) -> int:
    """Create a comment on a pull request, or update the one with the same marker.

    A token that may not comment, as in a run for a fork, is reported and does not fail the command.
    """
    body = ManagedSection(key=f"comment:{slug(options.marker)}", text=_text(options.body_file))
    access = GitHubAccess.from_environment(options.root)
    run = access.run
    github = access.required_client("write the comment", permission="pull-requests: write")
    try:
        number = options.pull_request or run.pull_request or pull_of_commit(github, run.repository, run.sha)
        if number is None:
            return _report_result("none", "This commit belongs to no pull request, so no comment was written.")
        result, url = keep_comment(github, run.repository, number, body)
    except RefusedError as error:
        if error.status != 403:
            raise
        return _report_result("not-permitted", f"No comment was written. {error.message}")
    return _report_result(result, f"Comment {result}: {url}", number=number, url=url)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            text = stream.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError as error:
        fix = "Name a readable file with --body-file."
        raise InputError(f"The text cannot be read: {error.strerror}.", fix=fix, file=str(path)) from None
    if len(text) <= LIMIT:
        return text.strip()
    return clip(text, LIMIT - len(_CUT)).rpartition("\n")[0] + _CUT


def _report_result(result: str, message: str, *, number: int | None = None, url: str = "") -> int:
    skipped = number is None
    if skipped and in_actions():
        print(workflow_command("notice", one_line(message), title="wavegate comment"), flush=True)
    else:
        print(one_line(message), flush=True)
    set_outputs({"result": result, "pull-request": str(number or ""), "comment-url": url})
    return int(ExitCode.OK)
