"""`wavegate watch ENV`: may the canary go on, or must the release be rolled back?"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from wavegate.canary.decision import CanaryDecision
from wavegate.canary.health import judge_health
from wavegate.canary.judge import judge
from wavegate.canary.values import CanaryVerdict
from wavegate.canary.watch.read import CanaryLedger, read_canary_ledger, standing_rollback
from wavegate.canary.watch.report import report_decision, report_nothing
from wavegate.canary.watch.sessions import WatchedSessions, read_sessions
from wavegate.canary.watch.starts import running_pilot
from wavegate.canary.watch.watching import (
    WatchedRelease,
    canary_question,
    health_question,
    is_recent,
    standing,
    too_early,
)
from wavegate.cli.options import (
    ReportFormat,
    environment_argument,
    format_option,
    manifest_option,
    root_option,
    takes,
)
from wavegate.errors import ExitCode, InputError
from wavegate.files.whole import write_whole
from wavegate.git.repository import CommitSource, Git
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.history import live_release_of
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.release.reading import committed_manifest
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
        return report_nothing(f"Nothing to watch: {environment.name} has no canary", watched)
    if options.scheduled and is_recent(watched):
        return report_nothing("Skipped: the last look was less than the canary's interval ago", watched, skipped=True)
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
    report_decision(decision, watched, options.output, form=options.format, sums=str(options.sums) if kept else "")
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
