"""`wavegate report`: one HTML page about the releases, for people who would rather look than read."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from wavegate.cli.actions import add_summary, set_outputs
from wavegate.cli.options import Many, manifest_option, root_option, takes
from wavegate.errors import ExitCode
from wavegate.files.whole import write_whole
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.status.read import read_statuses
from wavegate.ledger.status.values import Drift, StatusReport
from wavegate.ledger.trail.read import read_history
from wavegate.ledger.trail.report import history_report
from wavegate.release.reading import load_manifest
from wavegate.report.evidence import read_decisions, read_signals
from wavegate.report.page import report_page
from wavegate.report.values import ReleaseReport
from wavegate.text import code, one_line, pluralize


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportOptions:
    """The command's options, as click reads them."""

    root: Path
    manifest: str | None
    evidence: tuple[str, ...]
    output: Path


@click.command(name="report")
@root_option()
@manifest_option()
@click.option(
    "--evidence",
    cls=Many,
    metavar="PATH",
    show_default="none",
    help="A decision file or a file of daily sums, or a folder of them.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(".wavegate/report.html"),
    show_default=True,
    help="Where the page is written.",
)
@takes(ReportOptions)
def command(options: ReportOptions) -> int:
    """Write one HTML page about the releases: what is live, decisions, canaries, signals, stops and evidence.

    The page loads nothing and runs nothing, so that it can be mailed, kept as an artifact or published. Requires
    GITHUB_TOKEN or GH_TOKEN.
    """
    manifest = load_manifest(options.root, options.manifest)
    decisions = read_decisions(options.evidence, options.root)
    signals, problems = read_signals(options.evidence, options.root)
    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("read the ledger from GitHub's deployments", permission="deployments: read")
    repository = f"{access.run.server_url}/{access.run.repository}"
    names, now = [each.name for each in manifest.environments], datetime.now(UTC)
    click.echo(f"Reading the ledger of {one_line(access.run.repository, 200)}")
    unknown = Drift(unknown="this page does not ask the org")
    statuses = [
        replace(each, drift=unknown) for each in read_statuses(github, access.run.repository, manifest, (), at=None)
    ]
    history = read_history(github, access.run.repository, names)
    report = ReleaseReport(
        title=manifest.release,
        manifest=manifest.path,
        status=StatusReport(environments=tuple(statuses), repository=repository, read_at=now),
        history=history_report(
            history, manifest=manifest.path, environments=names, repository=repository, since=None, until=now
        ),
        made=now,
        decisions=decisions,
        signals=signals,
        problems=problems,
    )
    page = report_page(report).encode()
    write_whole(options.root / options.output, page)
    shown = f"{len(report.history.entries)} entries, {pluralize(len(decisions), 'decision')}"
    click.echo(f"Wrote {one_line(str(options.output), 300)}: {shown}, {len(page) / 1024:,.0f} KiB")
    add_summary(f"## Report\n\nWrote {code(str(options.output))}: {shown}.\n")
    set_outputs({"report": str(options.output)})
    return int(ExitCode.OK)
