"""Options that several commands share, and the types whose text form is not click's own."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from wavegate.duration import FORM, parse_duration
from wavegate.text import one_line

F = TypeVar("F", bound=Callable[..., Any])

_COMMIT = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")

format_option = click.option(
    "--format",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="Format of the report.",
)


def environment_argument(command: str) -> Callable[[F], F]:
    """ENV, the one environment that a command is about. It is read first, since other options may name it too."""
    return click.argument("environment", envvar=f"WAVEGATE_{command}_ENVIRONMENT", metavar="ENV", is_eager=True)


def manifest_option(otherwise: str = "the only one under agentforce/", **settings: Any) -> Callable[[F], F]:
    """The manifest's path. otherwise: which one is taken without it."""
    return click.option(
        "--manifest", metavar="FILE", show_default=otherwise, help="The release manifest.", **settings
    )


def root_option(text: str = "Folder of the checkout.") -> Callable[[F], F]:
    """The folder that a command works in. text: its help."""
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    return click.option("--root", type=folder, metavar="DIR", default=".", help=text)


def live_option(otherwise: str, text: str = "Commit that is live in ENV.") -> Callable[[F], F]:
    """The commit that is live in ENV, '' where it is not given. otherwise: what says it then. text: its help."""
    return click.option(
        "--live",
        metavar="[ENV=]COMMIT",
        default="",
        callback=_live_in_one,
        show_default=otherwise,
        help=text,
    )


def parse_live(text: str) -> tuple[str, str]:
    """Environment and commit of `[ENV=]COMMIT`; the environment is '' where none is named. Raises BadParameter."""
    environment, equals, commit = (part.strip() for part in text.rpartition("="))
    if not commit or (equals and not environment):
        raise click.BadParameter(f"`{one_line(text, 100)}` names no commit. Write it as [ENV=]COMMIT.")
    return environment, commit


def _live_in_one(ctx: click.Context, param: click.Parameter, value: str) -> str:  # noqa: ARG001
    if not value.strip():
        return ""
    named, commit = parse_live(value)
    environment = str(ctx.params["environment"]).strip()
    if named not in ("", environment):
        what, own = one_line(named, 100), one_line(environment, 100)
        raise click.BadParameter(f"It names the environment `{what}`, but this command is about `{own}`.")
    return commit


def live_in_each_option(text: str) -> Callable[[F], F]:
    """The commits that are live, by environment; {} where none is given. text: its help."""
    return click.option(
        "--live",
        cls=Many,
        metavar="ENV=COMMIT",
        callback=_live_in_each,
        show_default="GitHub's deployments",
        help=text,
    )


def _live_in_each(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:  # noqa: ARG001
    live: dict[str, str] = {}
    for value in values:
        environment, commit = parse_live(value)
        if not environment:
            raise click.BadParameter(f"`{one_line(value, 100)}` names no environment. Write it as ENV=COMMIT.")
        if live.setdefault(environment, commit) != commit:
            raise click.BadParameter(f"Two commits are given for `{one_line(environment, 100)}`.")
    return live


def commit_option(text: str) -> Callable[[F], F]:
    """A commit, by default the one that is checked out. text: what it is, for the help. See `git.checkout`."""
    return click.option(
        "--commit",
        type=CommitId(),
        show_default="the commit that is checked out, or else the workflow run's",
        help=f"{text} Its full SHA.",
    )


def timeout_option(default: str, text: str) -> Callable[[F], F]:
    """How long to wait. default: as in a manifest. text: what for, and what comes after."""
    return click.option("--timeout", type=Duration(at_most="24h"), default=default, help=text)


class Duration(click.ParamType[timedelta]):
    """A duration as in a manifest, as a timedelta. at_most: the longest, written in the same way."""

    name = "duration"

    def __init__(self, *, at_most: str) -> None:
        self.at_most = at_most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The duration; BadParameter for another text, and for a longer one."""
        if isinstance(value, timedelta):
            return value
        text = str(value).strip()
        try:
            duration = parse_duration(text)
        except ValueError:
            example = param.default if param and isinstance(param.default, str) else self.at_most
            self.fail(f"`{one_line(text, 80)}` is not a duration. {FORM} For example: `{example}`", param, ctx)
        if duration > parse_duration(self.at_most):
            self.fail(f"`{text}` is longer than `{self.at_most}`.", param, ctx)
        return duration


class CommitId(click.ParamType[str]):
    """A commit's full SHA, in lower case."""

    name = "commit"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The SHA; BadParameter for anything shorter, and for the name of a branch or tag."""
        text = str(value).strip()
        if not _COMMIT.fullmatch(text):
            message = f"`{one_line(text, 100)}` is not a full commit SHA. `git rev-parse HEAD` prints one."
            self.fail(message, param, ctx)
        return text.lower()


class Many(click.Option):
    """An option that may be given many times; in an environment variable, one value a line.

    click splits at white space, which breaks the file and test names that hold a space.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "multiple": True})

    def make_metavar(self, ctx: click.Context) -> str:
        """The value's name, with three dots: it can be given again."""
        return f"{super().make_metavar(ctx)}..."

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """The lines of the variable that are not blank; None where it is unset or blank."""
        return _lines(self.resolve_envvar_value(ctx))


class ManyArguments(click.Argument):
    """Positional arguments, any number of them; in an environment variable, one value a line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "nargs": -1})

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """The lines of the variable that are not blank; None where it is unset or blank."""
        return _lines(self.resolve_envvar_value(ctx))


def _lines(text: str | None) -> tuple[str, ...] | None:
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip()) or None
