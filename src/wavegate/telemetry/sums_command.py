"""`wavegate telemetry sums ENV`: the daily sums that a canary is judged by."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click

from wavegate.cli.actions import add_summary, set_outputs, warn
from wavegate.cli.options import (
    Duration,
    Many,
    ReportFormat,
    environment_argument,
    format_option,
    manifest_option,
    root_option,
    takes,
)
from wavegate.cli.report import print_report
from wavegate.components.agent_versions import agent_names
from wavegate.components.component import COPY_SUFFIX
from wavegate.components.project import read_project
from wavegate.errors import ExitCode, InputError
from wavegate.files.folder import FolderSource
from wavegate.files.whole import write_whole
from wavegate.release.manifest import Manifest, environment_of
from wavegate.release.reading import load_manifest
from wavegate.telemetry.connection import connect_org
from wavegate.telemetry.mapping.file import load_mapping
from wavegate.telemetry.mapping.values import CohortBy, SourceKind, TelemetryMapping
from wavegate.telemetry.options import earlier_option, telemetry_folder_option
from wavegate.telemetry.progress import reading
from wavegate.telemetry.read import read_new_days
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.sums_report import doubtful, sums_json, sums_markdown, sums_text
from wavegate.telemetry.values import TelemetryLook

_FORMS: dict[str, Callable[[TelemetryLook], str]] = {
    "text": sums_text,
    "markdown": sums_markdown,
    "json": sums_json,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SumsOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    telemetry_folder: Path | None
    agent: tuple[str, ...]
    window: timedelta
    earlier: Path | None
    output: Path
    format: ReportFormat


@click.command(name="telemetry-sums")
@environment_argument("TELEMETRY_SUMS")
@root_option()
@manifest_option()
@telemetry_folder_option
@click.option(
    "--agent",
    cls=Many,
    metavar="NAME",
    show_default="those of the manifest, else of the project, and their pilot copies",
    help="API name of an agent whose sessions are summed up.",
)
@click.option(
    "--window",
    type=Duration(at_most="999d"),
    default="56d",
    help="Sessions that started longer ago are not looked at.",
)
@earlier_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    default="wavegate-sums.json",
    help="File to write the daily sums of closed days to, for the next look.",
)
@format_option
@takes(SumsOptions)
def command(options: SumsOptions) -> int:
    """Sum up ENV's sessions by day, as a canary is judged by them, and show what makes the sums doubtful.

    A session belongs to the UTC day on which it started. No session leaves the machine, and none is in the file.
    Closed days are kept only if nothing is doubtful.
    """
    manifest = load_manifest(options.root, options.manifest)
    environment = environment_of(manifest, options.environment)
    mapping = load_mapping(options.root, environment)
    with reading(f"the sessions of {environment.name}"):
        found = read_new_days(
            mapping,
            _request(options, manifest, mapping),
            root=options.telemetry_folder or options.root,
            earlier=options.earlier,
            warn=_warn,
            org=None if mapping.source is SourceKind.FILES else connect_org(environment, root=options.root),
            say=partial(click.echo, err=True),
        )
    if found.kept:
        write_whole(options.output, found.kept_bytes)
    print_report(_FORMS[options.format](found.look), options.format)
    add_summary(sums_markdown(found.look))
    set_outputs(
        {
            "sessions": str(sum(day.sessions for day in found.look.days)),
            "doubtful": str(doubtful(found.look)).lower(),
            "sums": str(options.output) if found.kept else "",
        }
    )
    return int(ExitCode.OK)


def _request(options: SumsOptions, manifest: Manifest, mapping: TelemetryMapping) -> LookRequest:
    if mapping.cohort and mapping.cohort.by is CohortBy.USER:
        warn("The users of the cohorts are not read.", fix="`wavegate watch` reads them from the org.")
    names = [agent.name for agent in manifest.agents] or agent_names(read_project(FolderSource(options.root)))
    agents = options.agent or (*names, *(f"{name}{COPY_SUFFIX}" for name in names))
    if not agents:
        raise InputError(
            "Neither the manifest nor the project has an agent.", fix="Name one with --agent.", file=manifest.path
        )
    now = datetime.now(UTC)
    return LookRequest(agents=frozenset(agents), since=(now - options.window).date(), now=now)


def _warn(sentence: str) -> None:
    warn(sentence, fix="All days are read.")
