"""Options that several commands share, and how a command receives its options."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
Options = TypeVar("Options")

ReportFormat = Literal["text", "markdown", "json"]
"""The choices of `format_option`."""


def takes(options: Callable[..., Options]) -> Callable[[Callable[[Options], int]], Callable[..., int]]:
    """Give a command its options as one value: a frozen dataclass with a field for each option that it declares.

    A contract test holds the fields' names and types to the declarations, which mypy cannot see. Text loses the space
    around it: what is typed or pasted into a workflow's form often has some.
    """

    def decorate(function: Callable[[Options], int]) -> Callable[..., int]:
        @wraps(function)
        def command(**given: Any) -> int:
            values = {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}
            return function(options(**values))

        return command

    return decorate


def manifest_option_with(default: str) -> Callable[[F], F]:
    """The release's manifest. default: what is taken where none is named."""
    return click.option("--manifest", metavar="FILE", help=f"The release's manifest. Default: {default}.")


manifest_option = manifest_option_with("the only one under agentforce/")
format_option = click.option(
    "--format",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="Format of the report.",
)


def root_option(text: str = "Folder of the checkout.") -> Callable[[F], F]:
    """The folder that a command works in. text: its help."""
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    return click.option("--root", type=folder, default=".", show_default=True, help=text)


def since_option(otherwise: str = "everything counts as new") -> Callable[[F], F]:
    """The commit that is live, to compare with. otherwise: what happens where it is unknown."""
    text = "Commit that is live in ENV. Default: as GitHub's deployments say, if GITHUB_TOKEN is set; "
    return click.option("--since", default="", help=f"{text}otherwise {otherwise}.")


class Many(click.Option):
    """A repeatable option; in an environment variable, one value per line.

    click would split the variable at white space, which breaks names of files and tests that contain a space.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "multiple": True})

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """The lines of the variable that are not blank; None where it is unset or blank."""
        return _lines(self.resolve_envvar_value(ctx))


class ManyArguments(click.Argument):
    """Any number of positional arguments; in an environment variable, one value per line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "nargs": -1})

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """The lines of the variable that are not blank; None where it is unset or blank."""
        return _lines(self.resolve_envvar_value(ctx))


def _lines(text: str | None) -> tuple[str, ...] | None:
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip()) or None
