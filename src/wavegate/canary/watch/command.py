"""`wavegate watch ENV`: may the canary go on, or must the release be rolled back?"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from wavegate.canary.as_markdown import canary_markdown
from wavegate.canary.as_text import canary_annotations, canary_text
from wavegate.canary.decision import CanaryDecision, canary_to_json
from wavegate.canary.expand.next_step import PendingStep, next_step
from wavegate.canary.health import judge_health
from wavegate.canary.judge import judge
from wavegate.canary.values import CanaryVerdict
from wavegate.canary.watch.read import CanaryLedger, read_canary_ledger, standing_rollback
from wavegate.canary.watch.sessions import WatchedSessions, read_sessions
from wavegate.canary.watch.starts import running_pilot
from wavegate.canary.watch.watching import (
    WatchedRelease,
    canary_question,
    health_question,
    held_reason,
    is_recent,
    reasons_text,
    standing,
    stops,
    too_early,
)
from wavegate.cli.actions import add_summary, in_actions, set_outputs, workflow_command
from wavegate.cli.options import (
    ReportFormat,
    environment_argument,
    format_option,
    manifest_option,
    root_option,
    takes,
)
from wavegate.cli.output import decided
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode, InputError
from wavegate.files.whole import write_whole
from wavegate.git.repository import CommitSource, Git
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.history import live_release_of
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.release.reading import committed_manifest
from wavegate.rollback.plan import unique_slug
from wavegate.telemetry.options import earlier_option, telemetry_folder_option
from wavegate.text import one_line

_EXIT = {
    CanaryVerdict.EXPAND: ExitCode.OK,
    CanaryVerdict.HEALTHY: ExitCode.OK,
    CanaryVerdict.ROLLBACK: ExitCode.FAIL,
    CanaryVerdict.HOLD: ExitCode.INCONCLUSIVE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    telemetry_folder: Path | None
    earlier: Path | None
    sums: Path
    scheduled: bool
    output: Path
    format: ReportFormat


@click.command(name="watch")
@environment_argument("WATCH")
@root_option()
@manifest_option("the only one under agentforce/ in the checked-out commit")
@telemetry_folder_option
@earlier_option
@click.option(
    "--sums",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    default="wavegate-sums.json",
    help="File to write the daily sums to, for the next look.",
)
@click.option(
    "--scheduled/--no-scheduled",
    default=False,
    help="Skip the look if the last recorded one of the same content is more recent than the canary's interval.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    default="wavegate-canary-decision.json",
    help="File to write the decision to.",
)
@format_option
@takes(WatchOptions)
def command(options: WatchOptions) -> int:
    """Decide from what really happens whether ENV's canary may be expanded, is held, or must be rolled back.

    Without a canary, judge the live release by the manifest's `health`. Changes nothing: `wavegate record-look`
    records the look. Requires GITHUB_TOKEN or GH_TOKEN.
    """
    source = _source(options.root)
    manifest = committed_manifest(source, options.manifest)
    environment = environment_of(manifest, options.environment)
    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("read when the canary started", permission="deployments: read, contents: read")
    repository = access.run.repository
    ledger = read_canary_ledger(github, repository, environment.name, manifest=manifest.path)
    watched = _watched(manifest, environment, ledger, run=access.run.attempt_url)
    if not watched.is_watched:
        return _report_nothing(f"Nothing to watch: {environment.name} has no canary", watched)
    if options.scheduled and is_recent(watched):
        return _report_nothing(
            "Skipped: the last look was less than the canary's interval ago", watched, skipped=True
        )
    sessions = read_sessions(
        watched,
        source,
        options.root,
        folder=options.telemetry_folder or options.root,
        earlier=options.earlier,
    )
    decision = too_early(_judged(watched, ledger, sessions), watched)
    decision = standing(decision, standing_rollback(github, repository, environment.name, ledger, watched.content))
    kept = sessions.reading.kept_bytes
    if kept:
        write_whole(options.sums, kept)
    _report_decision(decision, watched, options, sums=str(options.sums) if kept else "")
    return _EXIT[decision.verdict]


def _source(root: Path) -> CommitSource:
    """The checked-out commit: an uncommitted change of a margin changes no decision."""
    git = Git(root)
    return CommitSource(git, git.tree(git.resolve("HEAD")), prefix=git.prefix)


def _watched(manifest: Manifest, environment: Environment, ledger: CanaryLedger, *, run: str) -> WatchedRelease:
    pilot = running_pilot(
        ledger.deployments,
        manifest=manifest.path,
        agents=[each.name for each in manifest.agents],
        cohorts=manifest.cohorts,
    )
    live = live_release_of(ledger.deployments, manifest=manifest.path)
    content = pilot.content if pilot else live.release.content if live and live.release else ""
    watched = WatchedRelease(
        manifest=manifest,
        environment=environment,
        now=datetime.now(UTC).replace(microsecond=0),
        pilot=pilot,
        live=live if live and not live.rolled_back else None,
        earlier=ledger.looks_at(content),
        run=run,
    )
    if watched.is_watched and not watched.content:
        raise InputError(
            f"The ledger does not say what was promoted to {one_line(environment.name, 100)}: "
            "an older version of wavegate deployed it.",
            fix="Promote the release again with this version, which records it.",
        )
    return watched


def _judged(watched: WatchedRelease, ledger: CanaryLedger, sessions: WatchedSessions) -> CanaryDecision:
    if watched.pilot:
        return judge(
            canary_question(
                watched,
                watched.pilot,
                sessions.reading.look,
                deployments=ledger.deployments,
                mapping=sessions.mapping,
                schema=sessions.reading.schema,
            )
        )
    reading = sessions.reading
    return judge_health(health_question(watched, reading.look, mapping=sessions.mapping, schema=reading.schema))


def _report_nothing(message: str, watched: WatchedRelease, *, skipped: bool = False) -> int:
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


def _report_decision(decision: CanaryDecision, watched: WatchedRelease, options: WatchOptions, *, sums: str) -> None:
    data = canary_to_json(decision)
    decided({"verdict": decision.verdict})
    write_whole(options.output, data)
    report = {"text": canary_text, "markdown": canary_markdown}.get(options.format)
    print_report(report(decision) if report else data.decode(), options.format)
    if report and in_actions():
        for level, message in canary_annotations(decision):
            click.echo(workflow_command(level, message, title="wavegate watch"))
    add_summary(canary_markdown(decision))
    step = _next_step(watched)
    follows = {CanaryVerdict.EXPAND: "expand", CanaryVerdict.ROLLBACK: "rollback"}.get(decision.verdict, "")
    set_outputs(
        {
            "verdict": decision.verdict,
            "decision": str(options.output),
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
