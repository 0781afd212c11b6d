"""Sets up what GitHub's API can, one request at a time, each after a question."""

from collections.abc import Iterable
from dataclasses import replace

import click
import msgspec

from wavegate.errors import InputError, RefusedError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.setup.doctor.health import Check, Remedy
from wavegate.text import one_line

_PERMISSION = "administration: write"
_EXISTS = (303, 409, 422)
"""Statuses with which GitHub refuses to create what exists already."""


def apply(github: GitHub, repository: str, checks: Iterable[Check], *, ask: bool) -> bool:
    """Make the requests that fix problems; whether GitHub carried out any. ask: before each one.

    What it says goes to standard error. A request that is refused is named, and the others are made all the same.
    """
    remedies = {(each.method, each.path, str(each.body)): each for check in checks for each in check.remedies}
    changed: dict[str, dict[str, object]] = {}
    for remedy in remedies.values():
        says = one_line(remedy.says, 200)
        if ask and not click.confirm(f"{says[0].upper()}{says[1:]}?", err=True):
            continue
        try:
            # what an earlier one has changed would otherwise be put back as it was read
            body = {**remedy.body, **changed.get(remedy.path, {}), **remedy.changes}
            _send(github, repository, replace(remedy, body=body))
        except InputError as refused:
            click.echo(f"refused   {says}: {one_line(refused.message)} → {one_line(refused.fix)}", err=True)
            continue
        click.echo(f"done      {says}", err=True)
        changed.setdefault(remedy.path, {}).update(remedy.changes)
    return bool(changed)


def _send(github: GitHub, repository: str, remedy: Remedy) -> None:
    purpose = Purpose(doing=remedy.says, permission=_PERMISSION)
    path = f"/repos/{repository}/{remedy.path}"
    try:
        github.send(remedy.method, path, remedy.body, msgspec.Raw, purpose, repeatable=True)
    except RefusedError as refused:
        if remedy.method != "POST" or refused.status not in _EXISTS:
            raise
