"""The commit of wavegate that workflows are pinned to."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import click

from wavegate.errors import InputError
from wavegate.setup.own_files import is_released, own_commit
from wavegate.text import one_line

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenPin:
    """commit: a full SHA. released: whether it was named, or is known to be a release's."""

    commit: str
    released: bool


def pin_option() -> Callable[[F], F]:
    """The commit, '' if not given."""
    return click.option(
        "--pin",
        metavar="COMMIT",
        default="",
        show_default="this wavegate's own",
        help="Commit of wavegate to pin the workflows to. Its full SHA.",
    )


def chosen_pin(commit: str) -> ChosenPin:
    """The commit that was named, else wavegate's own. InputError: it is not a full SHA, or unknown."""
    own = "" if commit else own_commit() or ""
    chosen = commit or own
    if not re.fullmatch(r"[0-9a-f]{40}", chosen):
        what = f"{one_line(chosen, 60)} is not a full commit SHA." if chosen else "wavegate's own commit is unknown."
        fix = "Name a release's commit with --pin; the release's page on GitHub shows it."
        raise InputError(what, fix=fix)
    return ChosenPin(commit=chosen, released=not own or is_released())
