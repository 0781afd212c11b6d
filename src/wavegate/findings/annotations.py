"""Findings as annotations in the runner's log."""

import os
from collections.abc import Iterable
from pathlib import Path

import click

from wavegate.cli import actions as runner
from wavegate.findings.finding import Finding
from wavegate.findings.selection import ANNOTATED, most_important
from wavegate.text import one_line


def annotate(findings: Iterable[Finding], *, prefix: str = "", to_log: bool = True) -> None:
    """Annotate the most important findings; nothing outside Actions.

    prefix: of their paths, from the runner's folder. to_log: False keeps standard output clean for a report.
    """
    if runner.in_actions():
        for each in most_important(tuple(findings), ANNOTATED):
            click.echo(_annotation(each, prefix), err=not to_log)


def path_prefix(root: Path) -> str:
    """What makes a path below root one that the runner knows: from its workspace, outside Actions from this folder.

    '' where root is in neither.
    """
    workspace = os.environ.get("GITHUB_WORKSPACE") if runner.in_actions() else None
    path = os.path.relpath(root.resolve(), Path(workspace).resolve() if workspace else None)
    return "" if path == "." or path.startswith("..") else f"{Path(path).as_posix()}/"


def _annotation(finding: Finding, prefix: str) -> str:
    place = finding.location
    return runner.workflow_command(
        finding.severity.value,
        f"{one_line(finding.message)}\n{one_line(finding.fix)}",
        file=prefix + place.file,
        line=place.line,
        col=place.column,
        title=finding.rule,
    )
