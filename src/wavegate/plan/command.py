"""`wavegate plan ENV`: what a promotion ships, and how it is tested and deployed."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from wavegate.cli import actions as runner
from wavegate.cli.options import (
    Many,
    ReportFormat,
    environment_argument,
    format_option,
    live_option,
    manifest_option,
    root_option,
    takes,
)
from wavegate.cli.report import print_report
from wavegate.components.changes import EFFECTIVE
from wavegate.errors import ExitCode
from wavegate.findings.annotations import annotate, path_prefix
from wavegate.findings.finding import Severity
from wavegate.plan.as_json import artifact_prefix, plan_json, shards_json
from wavegate.plan.as_markdown import plan_markdown
from wavegate.plan.as_text import plan_text
from wavegate.plan.guardrails import with_guardrails
from wavegate.plan.head import read_head
from wavegate.plan.live_release import read_live
from wavegate.plan.pilot.known_rates import with_known_rates
from wavegate.plan.prepare import plan_promotion, write_plan
from wavegate.plan.staged import checked_plan
from wavegate.plan.values import Plan
from wavegate.release.manifest import environment_of


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    pack: tuple[str, ...]
    live: str
    pilot_without_change: bool
    sums: Path | None
    output_dir: Path
    format: ReportFormat


@click.command(name="plan")
@environment_argument("PLAN")
@root_option()
@manifest_option()
@click.option("--pack", cls=Many, metavar="FILE", show_default="all in agentforce/packs/", help="A smoke pack.")
@live_option("GitHub's deployments; without GITHUB_TOKEN, everything counts as new")
@click.option(
    "--pilot-without-change/--no-pilot-without-change",
    default=False,
    help="Plan a pilot's copies of all that the agents need, as if nothing changed: what stops that stops a pilot.",
)
@click.option(
    "--sums",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Daily sums that `telemetry sums` or `watch` wrote: what a canary can settle is computed from the rates and "
    "the volume of its cohorts.",
)
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    default="wavegate-plan",
    help="Folder to write package.xml, destructiveChangesPost.xml and plan.json to.",
)
@format_option
@takes(PlanOptions)
def command(options: PlanOptions) -> int:
    """Show what a promotion to ENV ships and changes, known problems, and how its smoke tests are sharded."""
    head = read_head(options.root)
    manifest = head.manifest(options.manifest)
    environment = environment_of(manifest, options.environment)
    live = read_live(options.root, manifest, environment.name, options.live)
    plan = plan_promotion(
        head,
        manifest,
        environment,
        live,
        pack_files=options.pack,
        pilot_without_change=options.pilot_without_change,
    )
    if options.sums:
        plan = with_known_rates(plan, manifest, environment, options.sums, warn=_warn)
    names = [each.name for each in manifest.agents_in(environment.name)]
    plan = with_guardrails(plan, names, live.source, live.scope)
    plan = checked_plan(plan, head.root, file=manifest.path, tell=partial(click.echo, err=True))
    files = write_plan(options.output_dir, plan)
    _report_result(options, plan, {"notifies": str(manifest.notify is not None).lower(), **files})
    return int(ExitCode.FAIL if any(each.severity is Severity.ERROR for each in plan.findings) else ExitCode.OK)


def _warn(sentence: str) -> None:
    runner.warn(sentence, fix="The rates that are shown are examples.")


def _report_result(options: PlanOptions, plan: Plan, more: dict[str, str]) -> None:
    """more: further outputs."""
    reports = {"text": plan_text, "markdown": plan_markdown, "json": plan_json}
    print_report(reports[options.format](plan), options.format)
    annotate(plan.findings, prefix=path_prefix(options.root), to_log=options.format == "text")
    artifacts = artifact_prefix(plan)
    runner.set_outputs(
        {
            "release": plan.release,
            "artifacts": artifacts,
            "shards": shards_json(plan.shards, prefix=f"{artifacts}-prove"),
            "verify-shards": shards_json(plan.verify_shards, prefix=f"{artifacts}-verify"),
            "components": str(len(plan.scope.components)),
            "changed": str(len(plan.of_kind(*EFFECTIVE))),
            "content": plan.content,
            "live": plan.since or "",
            **more,
        }
    )
    runner.add_summary(plan_markdown(plan))
