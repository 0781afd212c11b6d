"""What a command declares to click is what its code takes, name by name and type by type."""

import inspect
from dataclasses import dataclass, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_type_hints

import click
import pytest
from click.testing import CliRunner

from wavegate.__main__ import COMMANDS, cli
from wavegate.cli.options import CommitId, Duration, takes

ONE_OF: dict[type[click.ParamType[Any, Any]], type] = {
    click.IntRange: int,
    Duration: timedelta,
    CommitId: str,
    click.FloatRange: float,
    click.Path: Path,
    type(click.INT): int,
    type(click.STRING): str,
    type(click.BOOL): bool,
}


def command_of(name: str) -> click.Command:
    command = cli.get_command(click.Context(cli), name)
    assert command
    return command


def options_of(command: click.Command) -> type:
    """The type of the one value that the command's function takes."""
    assert command.callback
    function = inspect.unwrap(command.callback)
    (taken,) = inspect.signature(function).parameters
    options: type = get_type_hints(function)[taken]
    assert is_dataclass(options)
    return options


def handed(parameter: click.Parameter, *, literal: bool) -> Any:
    """The type of what click hands over for a parameter. literal: whether as the choices, or as any text."""
    kind = parameter.type
    choices = tuple(kind.choices) if isinstance(kind, click.Choice) else ()
    one: Any = Literal[choices] if choices and literal else str if choices else ONE_OF[type(kind)]
    if parameter.multiple or parameter.nargs == -1:
        return tuple[one, ...]
    is_always_given = parameter.required or parameter.to_info_dict()["default"] is not None
    return one if is_always_given else one | None


def problems(command: click.Command, options: type) -> list[str]:
    """Where a command declares something else than its code takes."""
    taken, declared = get_type_hints(options), {each.name or "": each for each in command.params}
    found = [f"{name} is not on both sides" for name in taken.keys() ^ declared.keys()]
    for name in taken.keys() & declared.keys():
        # what a callback makes of a value is for the command's own tests
        given = handed(declared[name], literal="Literal" in str(taken[name]))
        if declared[name].callback is None and taken[name] != given:
            found.append(f"{name} is {given}, and {taken[name]} is taken")
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_are_what_is_declared(name: str) -> None:
    command = command_of(name)
    assert problems(command, options_of(command)) == []


@dataclass(frozen=True, kw_only=True, slots=True)
class ReasonOptions:
    reason: str
    names: tuple[str, ...]


def test_text_loses_the_space_around_it() -> None:
    seen = []

    @click.command()
    @click.option("--reason", default="")
    @click.option("--name", "names", multiple=True)
    @takes(ReasonOptions)
    def command(options: ReasonOptions) -> int:
        """Help."""
        seen.append(options)
        return 0

    assert command.help == "Help."
    CliRunner().invoke(command, ["--reason", " two words\n", "--name", " kept "], catch_exceptions=False)
    assert seen == [ReasonOptions(reason="two words", names=(" kept ",))]


@pytest.mark.parametrize(
    ("option", "found"),
    [
        (click.Option(["--reason"]), "reason is str | None, and <class 'str'> is taken"),
        (click.Option(["--reason"], type=int, default=1), "reason is <class 'int'>, and <class 'str'> is taken"),
        (click.Option(["--reason"], multiple=True), "reason is tuple[str, ...], and <class 'str'> is taken"),
        (click.Option(["--cause"], default=""), "reason is not on both sides"),
        (click.Option(["--reason"], default=""), None),
        (click.Option(["--reason"], type=click.Choice(["a", "b"]), required=True), None),
    ],
)
def test_a_difference_is_found(option: click.Option, found: str | None) -> None:
    names = click.Option(["--name", "names"], multiple=True)
    differences = problems(click.Command("x", params=[option, names]), ReasonOptions)
    assert (found in differences) if found else differences == []
