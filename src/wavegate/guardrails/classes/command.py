"""`wavegate classify BASE [HEAD]`: who may make the change between two commits."""

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
from wavegate.guardrails.classes.classify import classify_files
from wavegate.guardrails.classes.release_files import release_file_reason
from wavegate.guardrails.classes.reports import class_findings, classes_json, classes_markdown, classes_text
from wavegate.guardrails.classes.values import ClassifiedFile, strictest
from wavegate.guardrails.diff.compare import compare_guardrails
from wavegate.guardrails.diff.options import two_commit_options
from wavegate.guardrails.diff.two_commits import TwoCommits, read_two_commits
from wavegate.guardrails.read import read_guardrails

ClassForm = Literal["text", "json", "sarif", "markdown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassifyOptions:
    """The command's options, as click reads them."""

    base: str
    head: str
    root: Path
    work_tree: bool
    format: ClassForm
    output: Path | None


@click.command(name="classify")
@click.argument("base", envvar="WAVEGATE_CLASSIFY_BASE", metavar="BASE")
@click.argument("head", envvar="WAVEGATE_CLASSIFY_HEAD", metavar="[HEAD]", default="")
@two_commit_options
@takes(ClassifyOptions)
def command(options: ClassifyOptions) -> int:
    """Show who may make the change from BASE to HEAD: an administrator, or with a code or security review.

    HEAD is the checked-out commit if it is left out. The strictest file decides.
    """
    commits = read_two_commits(options.root, options.base, options.head, work_tree=options.work_tree)
    before, after = read_guardrails(commits.before), read_guardrails(commits.after)
    changes = compare_guardrails(before, after)
    sources = (commits.before, commits.after)
    files = classify_files(commits.changed, sources, (before, after), changes, release_file_reason)
    shown: ClassForm = options.format
    if options.output is not None:
        write_whole(options.output, (_render(options.format, commits, files).rstrip("\n") + "\n").encode())
        shown = "text"
    print_report(_render(shown, commits, files), shown)
    runner.set_outputs({"class": strictest(files).value})
    runner.add_summary(classes_markdown(files))
    return int(ExitCode.OK)


def _render(form: ClassForm, commits: TwoCommits, files: Sequence[ClassifiedFile]) -> str:
    match form:
        case "json":
            return classes_json(files, base=commits.base, head=commits.head)
        case "sarif":
            from wavegate.guardrails.diff.sarif import sarif_of

            return sarif_of(class_findings(files), commits.after)
        case "markdown":
            return classes_markdown(files)
        case _:
            return classes_text(files, base=commits.base, head=commits.head)
