"""`wavegate status`: what holds each environment, what is live there, since when, and by whose approval."""

from collections.abc import Callable
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
from wavegate.ledger.status.org_drift import with_drift
from wavegate.ledger.status.read import read_statuses
from wavegate.ledger.status.values import Drift, StatusReport
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.release.reading import load_manifest
from wavegate.text import one_line

_FORMS: dict[str, Callable[[StatusReport], str]] = {
    "text": status_text,
    "markdown": status_markdown,
    "json": status_json,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusOptions:
    """The command's options, as click reads them."""

    root: Path
    manifest: str | None
    environment: tuple[str, ...]
    at: str
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
@format_option
@takes(StatusOptions)
def command(options: StatusOptions) -> int:
    """Show what holds each environment, what is live there, since when, and by whose approval.

    Stops, locks and an open rollback come first. Drift is shown for the orgs that this job is logged in to. Requires
    GITHUB_TOKEN and GITHUB_REPOSITORY.
    """
    manifest = load_manifest(options.root, options.manifest)
    environments = [environment_of(manifest, name) for name in options.environment] or list(manifest.environments)
    at = past_moment(options.at, "--at")
    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("read what is live from GitHub's deployments", permission="deployments: read")
    report = _read(github, access.run, manifest, environments, at)
    print_report(_FORMS[options.format](report), options.format)
    add_summary(status_markdown(report))
    set_outputs({"status": status_json(report)})
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
    github: GitHub, run: Run, manifest: Manifest, environments: list[Environment], moment: Moment | None
) -> StatusReport:
    at = moment.time if moment else None
    names = [each.name for each in environments]
    statuses = read_statuses(github, run.repository, manifest, names, at=at)
    if at is None:
        statuses = with_drift(statuses, environments)
    else:
        unknown = Drift(unknown="what the org had then was not recorded")
        statuses = [replace(each, drift=unknown) for each in statuses]
    return StatusReport(
        environments=tuple(statuses),
        repository=f"{run.server_url}/{run.repository}",
        at=at,
        assumed=moment.assumed if moment else "",
    )
