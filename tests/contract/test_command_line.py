"""Options, inputs and texts name one thing in one way, on every surface that users see."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from tests.support.product_files import ACTIONS, ROOT, TEMPLATES, WORKFLOWS, name, read

from wavegate.__main__ import COMMANDS, cli
from wavegate.cli.options import CommitId, Duration, Many

ALL: dict[str, click.Command] = {
    command: import_module(f"wavegate.{module}").command for command, (module, _) in COMMANDS.items()
}
OPTIONS = [
    pytest.param(option, id=f"{command} --{option.name}")
    for command, made in ALL.items()
    for option in made.params
    if isinstance(option, click.Option)
]
each_option = pytest.mark.parametrize("option", OPTIONS)

PROSE = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "schemas/*.json", "workflows-templates/*.json")
    for path in ROOT.glob(pattern)
)
SOURCES = sorted((ROOT / "src").rglob("*.py"))
FORMER = {
    r'(?<!"rev-parse", ")--(?:no-)?verify\b': "--post-deploy",
    r"\bwavegate verify\b(?!-decision)": "wavegate verify-decision",
    r"\bactions/verify\b(?!-decision)": "actions/verify-decision",
    r"(?<!sf agent test run )--wait\b": "--timeout",
    r"--(?:time-limit|max-wait)\b": "--timeout",
    r"--since\b(?!-)": "--live",
    r"--from\b": "--live",
    r"--to\b(?!-)": "--target",
    r"\binit --commit\b": "init --pin",
    r"\bunasked\b": "not-configured",
    r"\bWAVEGATE_\w+_(?:SINCE|FROM)\b": "WAVEGATE_…_LIVE",
    r"\bWAVEGATE_\w+_(?:WAIT|MAX_WAIT|TIME_LIMIT)\b": "WAVEGATE_…_TIMEOUT",
    r"\bWAVEGATE_(?:GATE|SMOKE)_VERIFY\b": "WAVEGATE_…_POST_DEPLOY",
}
"""Names that options, commands and outputs had once, and what is said now."""
FORMER_KEYS = {"since", "from", "to", "wait", "time-limit", "max-wait", "verify"}
"""Inputs and outputs that actions and workflows had once."""


def surfaces() -> Iterator[tuple[str, str]]:
    """Every text that names an option, an input or a command: its name and its words."""
    for path in (*PROSE, *ACTIONS, *WORKFLOWS, *TEMPLATES, *SOURCES):
        yield name(path), path.read_text("utf-8")
    for command, made in ALL.items():
        context = click.Context(cli, info_name="wavegate", show_default=True)
        yield f"wavegate {command} --help", made.get_help(click.Context(made, info_name=command, parent=context))


@pytest.mark.parametrize("former", FORMER)
def test_no_surface_has_a_former_name(former: str) -> None:
    found = [f"{place}: {match[0]}" for place, text in surfaces() for match in re.finditer(former, text)]
    assert found == [], f"say {FORMER[former]}"


@pytest.mark.parametrize("path", (*ACTIONS, *WORKFLOWS, *TEMPLATES), ids=name)
def test_no_input_or_output_has_a_former_name(path: Path) -> None:
    document = read(path)
    called = (document.get("on") or {}) if isinstance(document.get("on"), dict) else {}
    for place in (document, called.get("workflow_call") or {}, called.get("workflow_dispatch") or {}):
        assert FORMER_KEYS.isdisjoint({**(place.get("inputs") or {}), **(place.get("outputs") or {})})


@each_option
def test_a_default_is_shown_in_one_way(option: click.Option) -> None:
    assert option.help
    assert "default" not in option.help.lower()
    shown = option.get_help_extra(click.Context(click.Command("x"), show_default=True)).get("default")
    assert shown != '""'


@each_option
def test_a_value_is_named_by_what_it_is(option: click.Option) -> None:
    metavar = (option.metavar or "").removesuffix("...")
    if isinstance(option.type, click.Path):
        assert metavar == ("DIR" if not option.type.file_okay else "FILE" if not option.type.dir_okay else "PATH")
    if option.name in {"manifest", "pack"}:
        assert metavar == "FILE"
    if not isinstance(option.type, click.Choice) and not option.is_flag:
        shown = option.make_metavar(click.Context(click.Command("x"))).removesuffix("...")
        assert "RANGE" not in shown
        assert (shown != "TEXT") or option.name in {"reason", "incident"}


@each_option
def test_an_option_of_one_name_is_the_same_everywhere(option: click.Option) -> None:
    text = str(option.show_default)
    match option.name:
        case "commit":
            assert isinstance(option.type, CommitId)
            assert text in (
                "the checked-out commit, else the workflow run's",
                "the checked-out commit and those before it",
                "the checked-out files",
            )
        case "timeout" | "poll_interval":
            assert isinstance(option.type, Duration)
        case "live":
            assert option.metavar == ("ENV=COMMIT" if isinstance(option, Many) else "[ENV=]COMMIT")
        case "root":
            assert option.default == "."
