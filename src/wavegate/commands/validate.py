"""`wavegate validate`: is what the release files say right, before anything moves?"""

import gc
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from wavegate.adapters import runner
from wavegate.commands.annotations import annotate, path_prefix
from wavegate.commands.checking import Checked, check_release
from wavegate.commands.options import ManyArguments
from wavegate.errors import ExitCode, InputError
from wavegate.model.finding import Severity
from wavegate.report.findings_markdown import markdown_report
from wavegate.report.findings_text import text_report


@click.command(name="validate")
@click.argument("paths", cls=ManyArguments, envvar="WAVEGATE_VALIDATE_PATHS")
@click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    show_default=True,
    help="Folder of the checkout; PATHS are relative to it.",
)
@click.option(
    "--format",
    "format_",
    envvar="WAVEGATE_VALIDATE_FORMAT",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="What to write.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write it to; the log then shows the text. Default: standard output.",
)
@click.option("--strict/--no-strict", default=False, help="Whether warnings fail the check, too.")
def command(paths: Sequence[str], root: Path, format_: str, output: Path | None, *, strict: bool) -> int:
    """Check manifests and smoke packs: PATHS, or everything under agentforce/."""
    gc.disable()  # nothing here makes cycles, and looking for them takes a tenth of the time of a large check
    checked = check_release(root, paths, today=datetime.now(UTC).date(), prefix=path_prefix(root))
    failing = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    passed = not any(each.severity in failing for each in checked.findings)
    _report(checked, format_, output, passed=passed)
    _tell_runner(checked, passed=passed, to_log=output is not None or format_ == "text")
    return int(ExitCode.OK if passed else ExitCode.FAIL)


def _report(checked: Checked, format_: str, output: Path | None, *, passed: bool) -> None:
    text = text_report(checked.findings, checked.source_line, files=len(checked.texts))
    report = text
    if format_ == "json":
        from wavegate.report.findings_json import json_report

        report = json_report(checked.findings, files=list(checked.texts), passed=passed)
    elif format_ == "sarif":
        from wavegate.report.findings_sarif import sarif_report

        report = sarif_report(checked.findings, checked.source_line)
    if output is not None:
        _write(output, report + "\n")
    click.echo(text if output is not None else report)


def _write(output: Path, report: str) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(report, encoding="utf-8")
    except OSError as error:
        message = f"The report cannot be written to {output}: {error.strerror}."
        raise InputError(message, fix="Name another file with --output.") from error


def _tell_runner(checked: Checked, *, passed: bool, to_log: bool) -> None:
    """Annotations, outputs and summary; nothing outside Actions. The log is kept clean where it is a report."""
    if not runner.in_actions():
        return
    annotate(checked.findings, to_log=to_log)
    counts = {f"{level}s": sum(each.severity is level for each in checked.findings) for level in Severity}
    outputs = {"verdict": "pass" if passed else "fail", **{name: str(number) for name, number in counts.items()}}
    runner.set_outputs(outputs)
    runner.add_summary(markdown_report(checked.findings, files=len(checked.texts), passed=passed))
