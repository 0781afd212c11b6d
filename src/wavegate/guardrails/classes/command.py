"""`wavegate classify BASE [HEAD]`: who may make the change between two commits, and whether they have approved it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from wavegate.cli import actions as runner
from wavegate.cli.options import manifest_option, takes
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode, InputError
from wavegate.files.whole import write_whole
from wavegate.git.repository import Git
from wavegate.guardrails.classes.approval import ApprovalVerdict, ClassApprovals
from wavegate.guardrails.classes.classify import classify_files, outside_files
from wavegate.guardrails.classes.pull_request import (
    ClassifiedPull,
    comment_on_pull,
    find_pull,
    label_pull,
    read_approvals_of,
    required_pull,
)
from wavegate.guardrails.classes.release_files import release_file_reason
from wavegate.guardrails.classes.reports import (
    approvals_markdown,
    approvals_text,
    class_findings,
    classes_json,
    classes_markdown,
    classes_text,
)
from wavegate.guardrails.classes.values import ClassifiedFile, strictest, strictest_first
from wavegate.guardrails.diff.compare import compare_guardrails
from wavegate.guardrails.diff.options import two_commit_options
from wavegate.guardrails.diff.two_commits import TwoCommits, read_two_commits
from wavegate.guardrails.read import read_guardrails
from wavegate.release.reading import committed_manifest
from wavegate.text import one_line

ClassForm = Literal["text", "json", "sarif", "markdown"]
_CODES = {
    ApprovalVerdict.PASS: ExitCode.OK,
    ApprovalVerdict.FAIL: ExitCode.FAIL,
    ApprovalVerdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassifyOptions:
    """The command's options, as click reads them."""

    base: str
    head: str
    root: Path
    work_tree: bool
    format: ClassForm
    output: Path | None
    label: bool
    comment: bool
    require_approval: bool
    pull_request: int | None
    manifest: str | None


@click.command(name="classify")
@click.argument("base", envvar="WAVEGATE_CLASSIFY_BASE", metavar="BASE")
@click.argument("head", envvar="WAVEGATE_CLASSIFY_HEAD", metavar="[HEAD]", default="")
@two_commit_options
@click.option(
    "--label/--no-label",
    default=False,
    help="Set the class's label on the pull request, and take the former one off.",
)
@click.option(
    "--comment/--no-comment", default=False, help="Keep one comment on the pull request up to date with the class."
)
@click.option(
    "--require-approval/--no-require-approval",
    default=False,
    help="Pass only if the roles that the class needs have approved the pull request's newest commit, and request "
    "reviews from those that have not. The manifest of BASE says which roles.",
)
@click.option(
    "--pull-request",
    type=click.IntRange(1),
    metavar="NUMBER",
    show_default="the workflow run's",
    help="The pull request.",
)
@manifest_option("the only one under agentforce/ in BASE")
@takes(ClassifyOptions)
def command(options: ClassifyOptions) -> int:
    """Show who may make the change from BASE to HEAD: an administrator, or with a code or security review.

    HEAD is the checked-out commit if it is left out. The strictest file decides. A label or comment that cannot be
    written, as in a run for a fork, is reported and does not fail the command.
    """
    _check_options(options)
    pull = find_pull(options.root, options.pull_request)
    if options.require_approval:
        required_pull(pull)
    commits = read_two_commits(options.root, options.base, options.head, work_tree=options.work_tree)
    before, after = read_guardrails(commits.before), read_guardrails(commits.after)
    changes = compare_guardrails(before, after)
    sources = (commits.before, commits.after)
    found = classify_files(commits.changed, sources, (before, after), changes, release_file_reason)
    files = strictest_first([*outside_files(commits.outside), *found])
    approvals = _approvals(options, required_pull(pull), commits, files) if options.require_approval else None
    to_log = options.format == "text" or options.output is not None
    _report(options, commits, files, approvals)
    markdown = "\n".join([classes_markdown(files), *([approvals_markdown(approvals)] if approvals else [])])
    runner.add_summary(markdown)
    outputs = {"class": strictest(files).value, **({"verdict": approvals.verdict.value} if approvals else {})}
    runner.set_outputs(outputs | _write_to_pull(options, pull, files, markdown, to_log=to_log))
    return int(_CODES[approvals.verdict] if approvals else ExitCode.OK)


def _check_options(options: ClassifyOptions) -> None:
    if options.work_tree and (options.label or options.comment or options.require_approval):
        raise InputError(
            "Label, comment and approval are of a pull request, which the work tree does not belong to.",
            fix="Leave out --work-tree, or --label, --comment and --require-approval.",
        )


def _approvals(
    options: ClassifyOptions, pull: ClassifiedPull, commits: TwoCommits, files: Sequence[ClassifiedFile]
) -> ClassApprovals:
    parents = Git(options.root).parents(commits.head)
    return read_approvals_of(
        pull,
        strictest(files),
        lambda: committed_manifest(commits.before, options.manifest),
        (commits.head, *parents),
    )


def _write_to_pull(
    options: ClassifyOptions,
    pull: ClassifiedPull | None,
    files: Sequence[ClassifiedFile],
    markdown: str,
    *,
    to_log: bool,
) -> dict[str, str]:
    """Label and comment, as asked for; what came of each."""
    results = {}
    if options.label or options.comment:
        if pull is None:
            _say("This run belongs to no pull request, so nothing was labelled or commented on.", to_log=to_log)
            return {name: "none" for name in ("label", "comment") if getattr(options, name)}
        if options.label:
            results["label"], message = label_pull(pull, strictest(files))
            _say(message, to_log=to_log)
        if options.comment:
            results["comment"], message = comment_on_pull(pull, markdown.rstrip())
            _say(message, to_log=to_log)
    return {name: str(result) for name, result in results.items()}


def _say(message: str, *, to_log: bool) -> None:
    """A line of the log, which is standard error if standard output is a report for programs."""
    click.echo(one_line(message, 600), err=not to_log)


def _report(
    options: ClassifyOptions, commits: TwoCommits, files: Sequence[ClassifiedFile], approvals: ClassApprovals | None
) -> None:
    shown: ClassForm = options.format
    if options.output is not None:
        text = _render(options.format, commits, files, approvals)
        write_whole(options.output, (text.rstrip("\n") + "\n").encode())
        shown = "text"
    print_report(_render(shown, commits, files, approvals), shown)


def _render(
    form: ClassForm, commits: TwoCommits, files: Sequence[ClassifiedFile], approvals: ClassApprovals | None
) -> str:
    match form:
        case "json":
            return classes_json(files, base=commits.base, head=commits.head, approvals=approvals)
        case "sarif":
            from wavegate.guardrails.diff.sarif import sarif_of

            return sarif_of(class_findings(files), commits.after)
        case "markdown":
            return "\n".join([classes_markdown(files), *([approvals_markdown(approvals)] if approvals else [])])
        case _:
            text = classes_text(files, base=commits.base, head=commits.head)
            return "\n".join([text, *([approvals_text(approvals)] if approvals else [])])
