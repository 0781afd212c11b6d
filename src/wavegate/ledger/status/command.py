"""`wavegate status`: what holds each environment, what is live there, since when, and by whose approval."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from wavegate.cli.actions import Run, add_summary, set_outputs
from wavegate.cli.options import Many, ReportFormat, format_option, manifest_option, root_option, takes
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.moment import Moment, moment_text, parse_moment
from wavegate.ledger.status.as_json import status_json
from wavegate.ledger.status.as_markdown import status_markdown
from wavegate.ledger.status.as_text import status_text
from wavegate.ledger.status.found_stops import record_found
from wavegate.ledger.status.org_drift import with_drift
from wavegate.ledger.status.read import read_statuses
from wavegate.ledger.status.values import Drift, StatusReport
from wavegate.ledger.trail.as_json import history_json
from wavegate.ledger.trail.as_markdown import history_markdown
from wavegate.ledger.trail.as_text import history_text
from wavegate.ledger.trail.read import read_history
from wavegate.ledger.trail.report import history_report
from wavegate.ledger.trail.values import HistoryReport
from wavegate.release.freeze import freeze_at, next_freeze
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.release.reading import load_manifest
from wavegate.text import one_line

_FORMS: dict[str, Callable[[StatusReport], str]] = {
    "text": status_text,
    "markdown": status_markdown,
    "json": status_json,
}
_HISTORY_FORMS: dict[str, Callable[[HistoryReport], str]] = {
    "text": history_text,
    "markdown": history_markdown,
    "json": history_json,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusOptions:
    """The command's options, as click reads them."""

    root: Path
    manifest: str | None
    environment: tuple[str, ...]
    at: str
    history: bool
    start: str
    format: ReportFormat


@click.command(name="status")
@root_option()
@manifest_option()
@click.option(
    "--environment", cls=Many, metavar="ENV", show_default="all of the manifest", help="An environment to show."
)
@click.option(
    "--at",
    metavar="TIME",
    default="",
    show_default="now",
    help="A past date or time, such as 2026-11-27T03:00Z. Without a time zone, it is in UTC.",
)
@click.option("--history", is_flag=True, help="Show every entry of the ledger instead, and the release metrics.")
@click.option(
    "--start",
    metavar="TIME",
    default="",
    show_default="the first entry",
    help="Where the history starts: a past date or time, as for --at.",
)
@format_option
@takes(StatusOptions)
def command(options: StatusOptions) -> int:
    """Show what holds each environment, what is live there, since when, and by whose approval.

    Stops, locks, freezes and an open rollback come first. Drift is shown for the orgs that this job is logged in to.
    An agent that is off there without a record is recorded as stopped, if the token may write deployments. Requires
    GITHUB_TOKEN or GH_TOKEN.
    """
    manifest = load_manifest(options.root, options.manifest)
    environments = [environment_of(manifest, name) for name in options.environment]
    at, since = past_moment(options.at, "--at"), past_moment(options.start, "--start")
    _check_combination(options)
    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("read what is live from GitHub's deployments", permission="deployments: read")
    if options.history:
        names = _names(environments or manifest.environments)
        return _show_history(options, github, access.run, manifest, names, since)
    report = _read(github, access.run, manifest, environments, at, root=options.root)
    print_report(_FORMS[options.format](report), options.format)
    add_summary(status_markdown(report))
    set_outputs({"status": status_json(report)})
    return int(ExitCode.OK)


def _names(environments: Iterable[Environment]) -> list[str]:
    return [each.name for each in environments]


def _check_combination(options: StatusOptions) -> None:
    if options.at and options.history:
        raise click.UsageError("--at shows one moment, --history a period: use one of them.")
    if options.start and not options.history:
        raise click.UsageError("--start is for --history.")


def _show_history(
    options: StatusOptions,
    github: GitHub,
    run: Run,
    manifest: Manifest,
    environments: Sequence[str],
    since: Moment | None,
) -> int:
    history = read_history(github, run.repository, environments, since=since.time if since else None)
    report = history_report(
        history,
        manifest=manifest.path,
        environments=environments,
        repository=f"{run.server_url}/{run.repository}",
        since=since,
        until=datetime.now(UTC),
    )
    print_report(_HISTORY_FORMS[options.format](report), options.format)
    add_summary(history_markdown(report))
    return int(ExitCode.OK)


def past_moment(text: str, option: str) -> Moment | None:
    """The past moment that a person named; None for ''. Raises BadParameter for any other text."""
    if not text:
        return None
    try:
        moment = parse_moment(text)
    except ValueError:
        raise click.BadParameter(
            f"{option}: `{one_line(text, 80)}` is not a date or time such as 2026-11-27 or 2026-11-27T03:00Z."
        ) from None
    if moment.time > datetime.now(UTC):
        raise click.BadParameter(f"{option}: {moment_text(moment.time)} is in the future.")
    return moment


def _read(
    github: GitHub,
    run: Run,
    manifest: Manifest,
    environments: Sequence[Environment],
    moment: Moment | None,
    *,
    root: Path,
) -> StatusReport:
    at = moment.time if moment else None
    statuses = read_statuses(github, run.repository, manifest, _names(environments), at=at)
    if at is None:
        statuses = with_drift(statuses, environments or manifest.environments, root)
        if record_found(github, run, statuses, manifest=manifest.path):
            statuses = read_statuses(github, run.repository, manifest, _names(environments), at=None)
            statuses = with_drift(statuses, environments or manifest.environments, root)
    else:
        unknown = Drift(unknown="what the org had then was not recorded")
        statuses = [replace(each, drift=unknown) for each in statuses]
    now = at or datetime.now(UTC)
    freezes = manifest.freeze
    statuses = [
        replace(
            each,
            freeze=freeze_at(freezes, each.environment, now),
            next_freeze=None if at else next_freeze(freezes, each.environment, now),
        )
        for each in statuses
    ]
    return StatusReport(
        environments=tuple(statuses),
        repository=f"{run.server_url}/{run.repository}",
        at=at,
        read_at=now,
        assumed=moment.assumed if moment else "",
    )
