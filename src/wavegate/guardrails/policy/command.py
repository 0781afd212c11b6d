"""`wavegate guardrails check`: do the agents keep to the policy?"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Literal

import click

from wavegate.cli import actions as runner
from wavegate.cli.options import CommitId, manifest_option, root_option, takes
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode
from wavegate.files.whole import write_whole
from wavegate.findings.annotations import annotate, path_prefix
from wavegate.findings.as_markdown import markdown_report
from wavegate.findings.as_text import text_report
from wavegate.findings.finding import Location, Severity
from wavegate.guardrails.policy.check import CheckedGuardrails, PolicyVerdict, check_guardrails
from wavegate.guardrails.policy.stated.check import NewBounds
from wavegate.guardrails.prove.proof import MAX_SECONDS, Bounds
from wavegate.guardrails.source import source_of
from wavegate.text import pluralize

_TITLE = "wavegate guardrails check"
_ALL_PROOFS = 300.0
"""Seconds that the proofs of all properties may take; what is left then is unknown."""
_EXIT = {
    PolicyVerdict.PASS: ExitCode.OK,
    PolicyVerdict.FAIL: ExitCode.FAIL,
    PolicyVerdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailsCheckOptions:
    """The command's options, as click reads them."""

    root: Path
    manifest: str | None
    commit: str | None
    format: Literal["text", "json", "sarif"]
    output: Path | None
    strict: bool


@click.command(name="guardrails-check")
@root_option()
@manifest_option("every one under agentforce/")
@click.option(
    "--commit",
    type=CommitId(),
    show_default="the checked-out files",
    help="Commit to check. Its full SHA.",
)
@click.option("--format", type=click.Choice(["text", "json", "sarif"]), default="text", help="Format of the report.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    show_default="standard output",
    help="File to write the report to. The log then shows the text format.",
)
@click.option("--strict/--no-strict", default=False, help="Fail on warnings, too.")
@takes(GuardrailsCheckOptions)
def command(options: GuardrailsCheckOptions) -> int:
    """Check what bounds the agents: built-in rules, and the policy in agentforce/guardrails.yml or the manifest.

    A property that can neither be proved nor refuted makes the verdict inconclusive, which is exit code 5.
    """
    checked = check_guardrails(
        source_of(options.root, options.commit),
        manifest=options.manifest,
        today=datetime.now(UTC).date(),
        bounds=_bounds_within(_ALL_PROOFS),
    )
    verdict = checked.verdict(strict=options.strict)
    shown = options.format if options.output is None else "text"
    if options.output is not None:
        write_whole(options.output, _render(checked, options, options.format, verdict).encode() + b"\n")
    print_report(_render(checked, options, shown, verdict), shown)
    _report_to_runner(checked, options, verdict)
    return int(_EXIT[verdict])


def _bounds_within(seconds: float) -> NewBounds:
    """Bounds of a proof that ends in time, as do all proofs together."""
    last = monotonic() + seconds

    def bounds() -> Bounds:
        end = min(monotonic() + MAX_SECONDS, last)
        return Bounds(late=lambda: monotonic() > end)

    return bounds


def _render(checked: CheckedGuardrails, options: GuardrailsCheckOptions, form: str, verdict: PolicyVerdict) -> str:
    prefix = path_prefix(options.root)
    findings = [
        each._replace(location=each.location._replace(file=prefix + each.location.file)) for each in checked.findings
    ]

    def source_line(location: Location) -> str | None:
        return checked.source_line(location.file.removeprefix(prefix), location.line)

    if form == "json":
        from wavegate.findings.as_json import json_report

        return json_report(findings, files=[prefix + path for path in checked.files], verdict=verdict)
    if form == "sarif":
        from wavegate.findings.as_sarif import sarif_report

        return sarif_report(findings, source_line)
    report = text_report(findings, source_line, files=len(checked.files))
    return f"{report}\n{pluralize(len(checked.agents), 'agent')}: {verdict}."


def _report_to_runner(checked: CheckedGuardrails, options: GuardrailsCheckOptions, verdict: PolicyVerdict) -> None:
    """Annotations, outputs and summary in Actions."""
    if not runner.in_actions():
        return
    findings = checked.findings_below(path_prefix(options.root))
    annotate(findings, to_log=options.output is not None or options.format == "text")
    counts = {f"{level}s": sum(each.severity is level for each in checked.findings) for level in Severity}
    runner.set_outputs({"verdict": verdict, **{name: str(number) for name, number in counts.items()}})
    runner.add_summary(markdown_report(findings, files=len(checked.files), verdict=verdict, title=_TITLE))
