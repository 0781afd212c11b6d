"""`wavegate validate`: are the files of a release valid?"""

import gc
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from wavegate.check.checks import Checked, check_release
from wavegate.cli import actions as runner
from wavegate.cli.options import ManyArguments, live_in_each_option, root_option, takes
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode, InputError
from wavegate.files.whole import write_whole
from wavegate.findings.annotations import annotate, path_prefix
from wavegate.findings.as_markdown import markdown_report
from wavegate.findings.as_text import text_report
from wavegate.findings.finding import Severity
from wavegate.release.folder import FOLDER
from wavegate.release.readiness.as_report import score_lines, score_markdown, score_values
from wavegate.text import join_names, one_line

if TYPE_CHECKING:
    from wavegate.rollback.rehearse import Rehearser


@dataclass(frozen=True, kw_only=True, slots=True)
class ValidateOptions:
    """The command's options, as click reads them."""

    paths: tuple[str, ...]
    root: Path
    format: Literal["text", "json", "sarif"]
    output: Path | None
    strict: bool
    rehearse: bool
    live: dict[str, str]


@click.command(name="validate")
@click.argument("paths", cls=ManyArguments, envvar="WAVEGATE_VALIDATE_PATHS")
@root_option("Folder of the checkout. PATHS are relative to it.")
@click.option(
    "--format",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    help="Format of the report.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    show_default="standard output",
    help="File to write the report to. The log then shows the text format.",
)
@click.option("--strict/--no-strict", default=False, help="Fail on warnings, too.")
@click.option(
    "--rehearse/--no-rehearse",
    default=False,
    help="Rehearse the rollback of every environment, from the checked-out commit to the live release.",
)
@live_in_each_option("With --rehearse: commit that is live in ENV.")
@takes(ValidateOptions)
def command(options: ValidateOptions) -> int:
    """Check manifests and smoke packs: PATHS, or everything under agentforce/."""
    gc.disable()  # there are no cycles to collect, and looking for them takes a tenth of a large check
    if options.live and not options.rehearse:
        raise InputError("--live needs --rehearse.", fix="Add --rehearse, or leave --live out.")
    rehearser = _rehearser(options) if options.rehearse else None
    checked = check_release(
        options.root,
        options.paths,
        today=datetime.now(UTC).date(),
        prefix=path_prefix(options.root),
        rehearse=rehearser,
    )
    failing = (Severity.ERROR, Severity.WARNING) if options.strict else (Severity.ERROR,)
    passed = not any(each.severity in failing for each in checked.findings)
    if passed and rehearser and (unknown := rehearser.unknown_environments()):
        names = join_names([one_line(name, 100) for name in unknown])
        raise InputError(
            f"--live names environments that no checked manifest has: {names}.",
            fix="Check the names; the manifest lists its environments.",
        )
    _report(checked, options, passed=passed)
    _report_to_runner(checked, passed=passed, to_log=options.output is not None or options.format == "text")
    if rehearser:
        _report_rehearsals(rehearser, to_log=options.output is not None or options.format == "text")
    return int(ExitCode.OK if passed else ExitCode.FAIL)


def _rehearser(options: ValidateOptions) -> "Rehearser":
    from wavegate.rollback.rehearse import Rehearser

    return Rehearser(root=options.root, live=options.live)


def _report_rehearsals(rehearser: "Rehearser", *, to_log: bool) -> None:
    from wavegate.rollback.rehearsal_report import rehearsal_lines, rehearsal_markdown

    for line in rehearsal_lines(rehearser.done):
        click.echo(line, err=not to_log)
    runner.add_summary(rehearsal_markdown(rehearser.done))


def _report(checked: Checked, options: ValidateOptions, *, passed: bool) -> None:
    if options.output is not None:
        _write(options.output, _render(checked, options.format, passed=passed) + "\n", root=options.root)
    shown = options.format if options.output is None else "text"
    print_report(_render(checked, shown, passed=passed), shown)


def _render(checked: Checked, format_: str, *, passed: bool) -> str:
    if format_ == "json":
        from wavegate.findings.as_json import json_report

        verdict = "pass" if passed else "fail"
        more = {"readiness": score_values(checked.cards)}
        return json_report(checked.findings, files=list(checked.texts), verdict=verdict, more=more)
    if format_ == "sarif":
        from wavegate.findings.as_sarif import sarif_report

        return sarif_report(checked.findings, checked.source_line)
    report = text_report(checked.findings, checked.source_line, files=len(checked.texts))
    return "\n".join([report, *score_lines(checked.cards)])


def _write(output: Path, report: str, *, root: Path) -> None:
    if output.resolve().is_relative_to((root / FOLDER).resolve()):
        message = f"The report cannot be written to {output}: {FOLDER}/ holds the files to check."
        raise InputError(message, fix="Name a file outside agentforce/ with --output.")
    write_whole(output, report.encode())


def _report_to_runner(checked: Checked, *, passed: bool, to_log: bool) -> None:
    """Annotations, outputs and summary in Actions. to_log: False if standard output is the report."""
    if not runner.in_actions():
        return
    annotate(checked.findings, to_log=to_log)
    counts = {f"{level}s": sum(each.severity is level for each in checked.findings) for level in Severity}
    verdict = "pass" if passed else "fail"
    outputs = {"verdict": verdict, **{name: str(number) for name, number in counts.items()}}
    runner.set_outputs(outputs)
    report = markdown_report(checked.findings, files=len(checked.texts), verdict=verdict)
    runner.add_summary("\n".join(filter(None, [report, score_markdown(checked.cards)])))
