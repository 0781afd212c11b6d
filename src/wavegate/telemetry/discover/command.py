"""`wavegate telemetry discover ENV`: finds sessions and the words that occur, and proposes the telemetry file."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import click

from wavegate.cli.actions import add_summary, in_actions, set_outputs
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
from wavegate.errors import ExitCode, InputError
from wavegate.files.schema import read_by_schema
from wavegate.files.whole import write_whole
from wavegate.release.folder import read_file
from wavegate.release.manifest import Environment, environment_of
from wavegate.release.reading import first_error, load_manifest, read_document
from wavegate.telemetry.connection import connect_org
from wavegate.telemetry.data_cloud.statements import DataCloudStatements
from wavegate.telemetry.discover.in_data_cloud import discover_data_cloud
from wavegate.telemetry.discover.in_soql import discover_soql
from wavegate.telemetry.discover.merge import contradictions, merged
from wavegate.telemetry.discover.proposal import new_file
from wavegate.telemetry.discover.report import DiscoveryReport, discovery_json, discovery_markdown, discovery_text
from wavegate.telemetry.discover.values import Discovery
from wavegate.telemetry.mapping.file import build_mapping
from wavegate.telemetry.mapping.paths import mapping_path
from wavegate.telemetry.mapping.values import SourceKind, TelemetryMapping
from wavegate.telemetry.options import telemetry_folder_option
from wavegate.text import one_line

_FORMS: dict[str, Callable[[DiscoveryReport], str]] = {
    "text": discovery_text,
    "markdown": discovery_markdown,
    "json": discovery_json,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscoverOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    source: Literal["files", "data-cloud", "soql"] | None
    file: tuple[str, ...]
    telemetry_folder: Path | None
    window: timedelta
    write: bool
    format: ReportFormat


@dataclass(frozen=True, kw_only=True, slots=True)
class _ExistingFile:
    text: str
    mapping: TelemetryMapping
    values: dict[str, object]


@click.command(name="telemetry-discover")
@environment_argument("TELEMETRY_DISCOVER")
@root_option()
@manifest_option()
@click.option(
    "--source",
    type=click.Choice(["files", "data-cloud", "soql"]),
    show_default="the telemetry file's, or else Data Cloud where the org has it",
    help="Where to look.",
)
@click.option(
    "--file",
    cls=Many,
    metavar="PATTERN",
    show_default="those of the telemetry file",
    help="Exported files, for the source `files`.",
)
@telemetry_folder_option
@click.option(
    "--window",
    type=Duration(at_most="365d"),
    default="30d",
    help="Sessions that started longer ago are not looked at.",
)
@click.option("--write/--no-write", default=False, help="Write the telemetry file, or add to it what is new.")
@format_option
@takes(DiscoverOptions)
def command(options: DiscoverOptions) -> int:
    """Find ENV's sessions and the words in which they are described, and propose the telemetry file.

    Words that no vocabulary of Salesforce explains are listed as to be decided, and never taken for a success. What
    an existing file says is never changed.
    """
    environment = environment_of(load_manifest(options.root, options.manifest), options.environment)
    path = mapping_path(environment)
    if options.write:
        _check_inside(options.root, path)
    existing = _existing(options.root, path)
    found = _discover(options, environment, existing)
    report = _report(options, environment, existing, found, path)
    if options.write and report.diff:
        write_whole(options.root / path, report.text.encode())
        report = replace(report, written=True)
    print_report(_FORMS[options.format](report), options.format)
    if in_actions():
        add_summary(discovery_markdown(report))
    set_outputs({"path": path, "undecided": str(report.undecided), "changed": str(bool(report.diff)).lower()})
    return int(ExitCode.OK)


def _discover(options: DiscoverOptions, environment: Environment, existing: _ExistingFile | None) -> Discovery:
    source = options.source or (existing.mapping.source if existing else None)
    if source == SourceKind.FILES or (source is None and options.file):
        return _in_files(options, existing)
    connection = connect_org(environment, root=options.root)
    since = (datetime.now(UTC) - options.window).date()
    if source == SourceKind.SOQL:
        return discover_soql(connection, since)
    statements = DataCloudStatements(connection, say=lambda line: click.echo(line, err=True))
    try:
        return discover_data_cloud(statements, since)
    except InputError as absent:
        if source is not None:
            raise
        found = discover_soql(connection, since)
        return replace(found, notes=(f"Looked in the org's own objects: {absent.message}", *found.notes))


def _in_files(options: DiscoverOptions, existing: _ExistingFile | None) -> Discovery:
    from wavegate.telemetry.discover.in_files import discover_files  # loads DuckDB

    patterns = options.file or (existing.mapping.files if existing else ())
    if not patterns:
        raise InputError("No exported file is named.", fix="Add --file with a pattern, such as exports/**/*.parquet.")
    given = existing.mapping.tables["session"].columns if existing and "session" in existing.mapping.tables else {}
    return discover_files(options.telemetry_folder or options.root, patterns, given)


def _report(
    options: DiscoverOptions,
    environment: Environment,
    existing: _ExistingFile | None,
    found: Discovery,
    path: str,
) -> DiscoveryReport:
    if existing and existing.mapping.source is not found.source:
        message = f"{path} has the source `{existing.mapping.source}`, and `{found.source}` was looked at."
        raise InputError(message, fix="Leave out --source, or delete the file to write a new one.")
    before = existing.text if existing else ""
    text = merged(before, found, existing.mapping) if existing else new_file(found, environment.name)
    if existing:
        notes = contradictions(found, existing.mapping, existing.values)
        found = replace(found, notes=(*found.notes, *notes))
    diff = "".join(
        difflib.unified_diff(
            before.splitlines(keepends=True), text.splitlines(keepends=True), f"a/{path}", f"b/{path}"
        )
    )
    return DiscoveryReport(
        environment=options.environment, path=path, found=found, is_new=existing is None, diff=diff, text=text
    )


def _check_inside(root: Path, path: str) -> None:
    """InputError: the telemetry file would be written outside the checkout. path: as the manifest has it."""
    if not (root / path).parent.resolve().is_relative_to(root.resolve()):
        raise InputError(
            f"The telemetry file {one_line(path, 300)} is outside the checkout.",
            fix="Correct `telemetry` of the environment in the manifest, or remove the symbolic link.",
        )


def _existing(root: Path, path: str) -> _ExistingFile | None:
    """The telemetry file that there is. InputError: it cannot be read."""
    if not (root / path).is_file():
        return None
    document = read_document(read_file(root, path), path=path)
    values = read_by_schema(document, "telemetry")
    if values is None:
        raise first_error(document.findings)
    mapping = build_mapping(values, path=path, digest=document.digest)
    return _ExistingFile(text=document.text, mapping=mapping, values=values)
