"""`wavegate guardrails diff BASE [HEAD]`: what two commits differ in of what bounds the agents."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from wavegate.cli import actions as runner
from wavegate.cli.options import takes
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode
from wavegate.files.whole import write_whole
from wavegate.findings.annotations import annotate, path_prefix
from wavegate.guardrails.diff.as_findings import WIDENING, change_findings
from wavegate.guardrails.diff.as_json import changes_json
from wavegate.guardrails.diff.as_markdown import changes_markdown
from wavegate.guardrails.diff.as_text import changes_text
from wavegate.guardrails.diff.change import GuardrailChange, class_of
from wavegate.guardrails.diff.compare import compare_guardrails
from wavegate.guardrails.diff.options import two_commit_options
from wavegate.guardrails.diff.rules import Direction
from wavegate.guardrails.diff.two_commits import TwoCommits, read_two_commits
from wavegate.guardrails.read import read_guardrails

Form = Literal["text", "json", "sarif", "markdown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailsDiffOptions:
    """The command's options, as click reads them."""

    base: str
    head: str
    root: Path
    work_tree: bool
    format: Form
    output: Path | None
    fail_on: Literal["widens", "never"]


@click.command(name="guardrails-diff")
@click.argument("base", envvar="WAVEGATE_GUARDRAILS_DIFF_BASE", metavar="BASE")
@click.argument("head", envvar="WAVEGATE_GUARDRAILS_DIFF_HEAD", metavar="[HEAD]", default="")
@two_commit_options
@click.option(
    "--fail-on",
    type=click.Choice(["widens", "never"]),
    default="never",
    help="What makes the command fail: a widening, or what is undetermined; or nothing.",
)
@takes(GuardrailsDiffOptions)
def command(options: GuardrailsDiffOptions) -> int:
    """Show how HEAD changes what bounds the agents, compared with BASE: what widens, narrows, or is reworded.

    HEAD is the checked-out commit if it is left out.
    """
    commits = read_two_commits(options.root, options.base, options.head, work_tree=options.work_tree)
    changes = compare_guardrails(read_guardrails(commits.before), read_guardrails(commits.after))
    _report(options, commits, changes)
    fails = options.fail_on == "widens" and any(each.direction in WIDENING for each in changes)
    return int(ExitCode.FAIL if fails else ExitCode.OK)


def _report(options: GuardrailsDiffOptions, commits: TwoCommits, changes: Sequence[GuardrailChange]) -> None:
    shown: Form = options.format
    if options.output is not None:
        write_whole(options.output, (_render(options.format, options, commits, changes).rstrip("\n") + "\n").encode())
        shown = "text"
    print_report(_render(shown, options, commits, changes), shown)
    annotate(
        change_findings(changes, failing=options.fail_on == "widens"),
        prefix=path_prefix(options.root),
        to_log=shown == "text",
    )
    counts = Counter(each.direction for each in changes)
    runner.set_outputs(
        {
            "class": class_of(changes).value,
            "widens": str(counts[Direction.WIDENS] + counts[Direction.UNKNOWN]),
            "narrows": str(counts[Direction.NARROWS]),
        }
    )
    runner.add_summary(changes_markdown(changes))


def _render(
    form: Form, options: GuardrailsDiffOptions, commits: TwoCommits, changes: Sequence[GuardrailChange]
) -> str:
    match form:
        case "json":
            return changes_json(changes, base=commits.base, head=commits.head)
        case "sarif":
            from wavegate.guardrails.diff.sarif import sarif_of

            return sarif_of(change_findings(changes, failing=options.fail_on == "widens"), commits.after)
        case "markdown":
            return changes_markdown(changes)
        case _:
            return changes_text(changes, base=commits.base, head=commits.head)
