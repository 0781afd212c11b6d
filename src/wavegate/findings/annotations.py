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
    """Annotate the most important findings; outside Actions, do nothing.

    prefix: makes their paths relative to the runner's workspace. to_log: False keeps standard output clean for a
    report.
    """
    if runner.in_actions():
        for each in most_important(tuple(findings), ANNOTATED):
            click.echo(_annotation(each, prefix), err=not to_log)


def path_prefix(root: Path) -> str:
    """The prefix that makes a path below root relative to the runner's workspace; outside Actions, to this folder.

    '' if root is not inside it.
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
