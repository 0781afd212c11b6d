"""`wavegate runbook`: the on-call runbook, made from the manifest and what it ships."""

from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.cli.actions import set_outputs
from wavegate.cli.options import manifest_option, root_option, takes
from wavegate.components.project import read_project
from wavegate.errors import ExitCode
from wavegate.files.folder import FolderSource
from wavegate.files.source import PROJECT_FILE
from wavegate.files.whole import write_whole
from wavegate.findings.annotations import annotate, path_prefix
from wavegate.release.reading import load_manifest
from wavegate.runbook.read import read_page, read_runbook
from wavegate.runbook.section import PATH, stale_findings, with_runbook
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class RunbookOptions:
    """The command's options, as click reads them."""

    root: Path
    manifest: str | None
    output: str
    check: bool


@click.command(name="runbook")
@root_option()
@manifest_option()
@click.option("--output", metavar="FILE", default=PATH, show_default=True, help="The runbook's file in the checkout.")
@click.option(
    "--check/--no-check", default=False, help="Change nothing, and fail if the file is not what would be written."
)
@takes(RunbookOptions)
def command(options: RunbookOptions) -> int:
    """Write the on-call runbook: how to see, stop and roll back, whose failure it is, and whom to call.

    It is made from the manifest and from what it ships. People may write around the section that wavegate keeps.
    `validate` warns once it is stale.
    """
    manifest = load_manifest(options.root, options.manifest)
    source = FolderSource(options.root)
    project = read_project(source) if source.has(PROJECT_FILE) else None
    page = read_page(options.root, manifest, project, path=options.output)
    text = read_runbook(options.root, options.output)
    if options.check:
        return _check(options, text, page)
    whole = with_runbook(text or "", page)
    changed = whole != text
    if changed:
        write_whole(options.root / options.output, whole.encode())
    click.echo(f"{'Wrote' if changed else 'Unchanged:'} {one_line(options.output, 300)}")
    set_outputs({"runbook": options.output, "result": "written" if changed else "unchanged"})
    return int(ExitCode.OK)


def _check(options: RunbookOptions, text: str | None, page: str) -> int:
    if text is None:
        click.echo(f"{one_line(options.output, 300)} does not exist. Run `wavegate runbook` and commit the file.")
        return int(ExitCode.FAIL)
    findings = tuple(stale_findings(text, page, path=options.output))
    for each in findings:
        click.echo(f"{one_line(each.location.file, 300)}:{each.location.line}: {one_line(each.message)} {each.fix}")
    annotate(findings, prefix=path_prefix(options.root), to_log=True)
    if not findings:
        click.echo(f"{one_line(options.output, 300)} is up to date.")
    set_outputs({"runbook": options.output, "result": "stale" if findings else "unchanged"})
    return int(ExitCode.FAIL if findings else ExitCode.OK)
