"""Options that several commands share, and parameter types that click does not have."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from wavegate.duration import WRITTEN, parse_duration
from wavegate.text import one_line

F = TypeVar("F", bound=Callable[..., Any])
Options = TypeVar("Options")

ReportFormat = Literal["text", "markdown", "json"]
"""The choices of `format_option`."""

_COMMIT = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")


def takes(options: Callable[..., Options]) -> Callable[[Callable[[Options], int]], Callable[..., int]]:
    """Pass a command its options as one value: a frozen dataclass with a field for each option that it declares.

    A contract test holds the fields' names and types to the declarations, because mypy cannot see them. Surrounding
    white space is stripped from text: what people paste into a workflow's form often has some. Bytes of a terminal
    that are not UTF-8 become question marks: no report and no request could hold them.
    """

    def decorate(function: Callable[[Options], int]) -> Callable[..., int]:
        @wraps(function)
        def command(**given: Any) -> int:
            values = {name: _clean(value) if isinstance(value, str) else value for name, value in given.items()}
            return function(options(**values))

        return command

    return decorate


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode().strip()


format_option = click.option(
    "--format",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="Format of the report.",
)


override_option = click.option(
    "--override",
    metavar="REASON",
    default="",
    show_default=False,
    help="Reason for bypassing the promotion rules. In GitHub Actions, it counts only on workflow_dispatch.",
)
"""Why a person bypasses the rules; `promotion.request.counted_override` says whether it counts."""


def environment_argument(command: str) -> Callable[[F], F]:
    """ENV, the environment that a command is about. It is eager, because `--live` is checked against it."""
    return click.argument("environment", envvar=f"WAVEGATE_{command}_ENVIRONMENT", metavar="ENV", is_eager=True)


def manifest_option(otherwise: str = "the only one under agentforce/") -> Callable[[F], F]:
    """The manifest's path. otherwise: the default, in words."""
    return click.option("--manifest", metavar="FILE", show_default=otherwise, help="The release manifest.")


def root_option(text: str = "Folder of the checkout.") -> Callable[[F], F]:
    """The folder that a command works in. text: the help text."""
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    return click.option("--root", type=folder, metavar="DIR", default=".", help=text)


def live_option(otherwise: str, text: str = "Commit that is live in ENV.") -> Callable[[F], F]:
    """The commit that is live in ENV, '' if not given. otherwise: the default, in words. text: the help text."""
    return click.option(
        "--live",
        metavar="[ENV=]COMMIT",
        default="",
        callback=_live_in_one,
        show_default=otherwise,
        help=text,
    )


def parse_live(text: str) -> tuple[str, str]:
    """Environment and commit of `[ENV=]COMMIT`; the environment is '' if it is left out. Raises BadParameter."""
    environment, equals, commit = (part.strip() for part in text.rpartition("="))
    if not commit or (equals and not environment):
        raise click.BadParameter(f"`{one_line(text, 100)}` has no commit. Write [ENV=]COMMIT.")
    return environment, commit


def _live_in_one(ctx: click.Context, param: click.Parameter, value: str) -> str:  # noqa: ARG001
    if not value.strip():
        return ""
    named, commit = parse_live(value)
    environment = str(ctx.params["environment"]).strip()
    if named not in ("", environment):
        what, own = one_line(named, 100), one_line(environment, 100)
        raise click.BadParameter(f"The commit is for environment `{what}`, but this command is for `{own}`.")
    return commit


def live_in_each_option(text: str) -> Callable[[F], F]:
    """The commits that are live, by environment; {} if none is given. text: the help text."""
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
            raise click.BadParameter(f"`{one_line(value, 100)}` has no environment. Write ENV=COMMIT.")
        if live.setdefault(environment, commit) != commit:
            raise click.BadParameter(f"Two different commits for `{one_line(environment, 100)}`.")
    return live


def commit_option(text: str) -> Callable[[F], F]:
    """A full commit SHA; if it is None, `git.checkout.commit_of` finds the default. text: the help text."""
    return click.option(
        "--commit",
        type=CommitId(),
        show_default="the checked-out commit, else the workflow run's",
        help=f"{text} Its full SHA.",
    )


def timeout_option(default: str, text: str) -> Callable[[F], F]:
    """How long to wait. default: written as in a manifest. text: the help text."""
    return click.option("--timeout", type=Duration(at_most="24h"), default=default, help=text)


class Duration(click.ParamType[timedelta]):
    """A duration, written as in a manifest; its value is a timedelta. at_most: the longest allowed one."""

    name = "duration"

    def __init__(self, *, at_most: str) -> None:
        self.at_most = at_most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The duration. Raises BadParameter for any other text, and for a duration over the limit."""
        if isinstance(value, timedelta):
            return value
        text = str(value).strip()
        try:
            duration = parse_duration(text)
        except ValueError:
            example = param.default if param and isinstance(param.default, str) else self.at_most
            form = f"{WRITTEN}; at most `{self.at_most}`. For example: `{example}`"
            self.fail(f"`{one_line(text, 80)}` is not a duration. {form}", param, ctx)
        if duration > parse_duration(self.at_most):
            self.fail(f"`{text}` is longer than `{self.at_most}`.", param, ctx)
        return duration


class CommitId(click.ParamType[str]):
    """A full commit SHA; its value is in lower case."""

    name = "commit"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The SHA. Raises BadParameter for anything else, such as a short SHA or a branch."""
        text = str(value).strip()
        if not _COMMIT.fullmatch(text):
            message = f"`{one_line(text, 100)}` is not a full commit SHA. `git rev-parse HEAD` prints one."
            self.fail(message, param, ctx)
        return text.lower()


class Many(click.Option):
    """An option that can be repeated; in an environment variable, it has one value per line.

    click splits at white space, which would break file and test names with a space.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "multiple": True})

    def make_metavar(self, ctx: click.Context) -> str:
        """The value's name and three dots, since the option can be repeated."""
        return f"{super().make_metavar(ctx)}..."

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """The lines of the variable that are not blank; None if it is unset or blank."""
        return _lines(self.resolve_envvar_value(ctx))


def program_options(command: F) -> F:
    """The program that the command runner starts, and what it gets of the environment."""
    program = click.option(
        "--command",
        cls=Many,
        metavar="ARGUMENT",
        help="Program of the command runner, then its arguments, one option for each.",
    )
    environment = click.option(
        "--pass-env",
        cls=Many,
        metavar="NAME",
        help="Environment variable that the program gets, such as the key of a test tool. Otherwise it learns where "
        "programs, files and the network are, settings of interpreters and facts of the run, and no token or secret.",
    )
    return program(environment(command))


class ManyArguments(click.Argument):
    """Any number of positional arguments; in an environment variable, one value per line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "nargs": -1})

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """The lines of the variable that are not blank; None if it is unset or blank."""
        return _lines(self.resolve_envvar_value(ctx))


def _lines(text: str | None) -> tuple[str, ...] | None:
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip()) or None
