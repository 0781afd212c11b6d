"""What a look says: its decision file, the report, the summary and the outputs."""

import hashlib
from dataclasses import replace
from pathlib import Path

import click

from wavegate.canary.as_markdown import canary_markdown
from wavegate.canary.as_text import canary_annotations, canary_text
from wavegate.canary.decision import CanaryDecision, canary_to_json
from wavegate.canary.expand.next_step import PendingStep, next_step
from wavegate.canary.values import CanaryVerdict
from wavegate.canary.watch.watching import (
    WatchedRelease,
    held_reason,
    reasons_text,
    stops,
)
from wavegate.cli.actions import add_summary, in_actions, set_outputs, workflow_command
from wavegate.cli.options import (
    ReportFormat,
)
from wavegate.cli.output import decided
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode
from wavegate.files.whole import write_whole
from wavegate.rollback.plan import unique_slug
from wavegate.text import one_line


def report_nothing(message: str, watched: WatchedRelease, *, skipped: bool = False) -> int:
    """Say why there was no look, with its outputs. Returns the exit code."""
    click.echo(one_line(f"{message}."))
    decided({"verdict": "none"})
    add_summary(f"{one_line(message)}.\n")
    names = ("decision", "decision-digest", "sums", "follows", "next-step", "pause", "held", "reasons")
    set_outputs(
        {
            "verdict": "none",
            **dict.fromkeys(names, ""),
            "critical": "false",
            "stop": "false",
            "agents": "",
            "artifact": "",
            "deadline-passed": "false",
            "dry-run": _flag(watched.canary.dry_run),
            "skipped": _flag(skipped),
        }
    )
    return int(ExitCode.OK)


def report_decision(
    decision: CanaryDecision, watched: WatchedRelease, output: Path, *, form: ReportFormat, sums: str
) -> None:
    """Write the decision to a file, and say it. sums: file of the daily sums, '' for none."""
    data = canary_to_json(decision)
    decided({"verdict": decision.verdict})
    write_whole(output, data)
    report = {"text": canary_text, "markdown": canary_markdown}.get(form)
    print_report(report(decision) if report else data.decode(), form)
    if report and in_actions():
        for level, message in canary_annotations(decision):
            click.echo(workflow_command(level, message, title="wavegate watch"))
    add_summary(canary_markdown(decision))
    step = _next_step(watched)
    follows = {CanaryVerdict.EXPAND: "expand", CanaryVerdict.ROLLBACK: "rollback"}.get(decision.verdict, "")
    set_outputs(
        {
            "verdict": decision.verdict,
            "decision": str(output),
            "decision-digest": hashlib.sha256(data).hexdigest(),
            "sums": sums,
            "follows": "" if decision.dry_run else follows,
            "next-step": _step_text(step),
            "pause": step.pause or "" if step else "",
            "critical": _flag(decision.critical),
            "stop": _flag(follows == "rollback" and not decision.dry_run and stops(watched.canary, decision)),
            "agents": " ".join(decision.agents.values()),
            "artifact": f"wavegate-canary-{unique_slug(decision.environment)}",
            "deadline-passed": _flag(decision.overdue),
            "held": held_reason(decision),
            "reasons": reasons_text(decision.reasons),
            "dry-run": _flag(decision.dry_run),
            "skipped": "false",
        }
    )


def _next_step(watched: WatchedRelease) -> PendingStep | None:
    """The step after those that the ledger says are done, whatever the manifest says already."""
    if watched.pilot is None:
        return None
    return next_step(replace(watched.environment, rollout="canary", pilot_users=watched.pilot.names))


def _step_text(step: PendingStep | None) -> str:
    if step is None:
        return ""
    return "all" if step.joining is None else ",".join(step.joining)


def _flag(value: bool) -> str:  # noqa: FBT001
    return str(value).lower()
