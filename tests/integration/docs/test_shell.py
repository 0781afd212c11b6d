"""The commands of README and docs are run, page by page, and every option that they name exists."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from tests.support.docs_world import LAUNCHER, MODULE, SHELL, is_file, run, runs, script, world
from tests.support.pages import DOCS, PAGES, Block, blocks
from tests.support.places import ROOT

from wavegate.__main__ import COMMANDS, cli
from wavegate.release.reading import parse_pack

TUTORIAL = DOCS / "tutorial.md"
ALL = [block for page in PAGES for block in blocks(page)]
SHELL_BLOCKS = [each for each in ALL if each.language in SHELL]
NOT_RUN = [each for each in SHELL_BLOCKS if not runs(each)]
MAX_NOT_RUN = 20
CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
RUN = sorted({each.page for each in SHELL_BLOCKS if runs(each)} - {TUTORIAL})
WORD = re.compile(r"[A-Z][A-Z_]*|…|\.\.\.|\$\w+|\"\$\w+\"")
"""What stands for a value."""


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_the_tutorial_ends_in_a_gated_release_and_a_rollback(tmp_path: Path) -> None:
    done = run(script([*blocks(TUTORIAL)]), tmp_path / "empty", {"XDG_CACHE_HOME": CACHE}, program=LAUNCHER)
    assert done.returncode == 0, done.stdout
    project = tmp_path / "empty" / "support-agent"
    verdicts = {
        which: json.loads((project / "evidence" / f"{which}-decision.json").read_text())["predicate"]["verdict"]
        for which in ("good", "bad")
    }
    assert verdicts == {"good": "pass", "bad": "fail"}
    log = subprocess.run(
        ["git", "log", "--format=%D %s", "--all"], cwd=project, capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"wavegate/rollback/production/\w+-to-\w+", log)
    assert (project / ".github" / "workflows" / "wavegate-release.yml").is_file()


def test_the_tutorial_says_what_the_commands_say(tmp_path: Path) -> None:
    text = TUTORIAL.read_text("utf-8")
    assert all(words in text for words in ("47.2 %", "`PASS`", "`FAIL`"))
    done = run(script([*blocks(TUTORIAL)][:8]), tmp_path / "empty", {}, program=MODULE)
    assert "≥ 47.2 % at 95 % confidence" in done.stdout, done.stdout


@pytest.mark.parametrize("page", RUN, ids=name)
def test_the_commands_of_a_page_work(page: Path, tmp_path: Path) -> None:
    with world(tmp_path) as (checkout, environment):
        done = run(script([*blocks(page)]), checkout, environment, program=MODULE)
    assert done.returncode == 0, done.stdout


def test_few_commands_are_not_run_and_each_has_a_reason() -> None:
    assert len(NOT_RUN) <= MAX_NOT_RUN
    assert all(len(each.comment) > len("not run: ") + 10 for each in NOT_RUN)


@pytest.mark.parametrize("block", SHELL_BLOCKS, ids=str)
def test_a_shell_understands_every_command(block: Block) -> None:
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def called() -> Iterator[tuple[str, str]]:
    """Every place where README and docs call wavegate, and the line."""
    for block in ALL:
        if block.language in (*SHELL, "text"):
            for line in block.text.replace("\\\n", " ").splitlines():
                if match := re.match(r"(?:\$ )?(wavegate [a-z].*)", line.strip()):
                    yield str(block), match[1]
    for page in PAGES:
        for line in re.findall(r"`(wavegate\s[a-z][^`]*)`", page.read_text("utf-8")):
            yield name(page), " ".join(line.split())


CALLS = sorted({(place.rpartition(":")[0] or place, line) for place, line in called() if "[OPTIONS]" not in line})


@pytest.mark.parametrize(("place", "line"), CALLS)
def test_every_call_has_a_command_and_options_that_exist(place: str, line: str) -> None:
    words = shlex.split(re.split(r" \|\|? | && | #|;| > ", line)[0].rstrip("\\| "))[1:]
    if "-".join(words[:2]) in COMMANDS:
        words = ["-".join(words[:2]), *words[2:]]
    assert words[0] in COMMANDS, place
    command: click.Command = import_module(f"wavegate.{COMMANDS[words[0]][0]}").command
    context = click.Context(command, info_name=words[0], parent=click.Context(cli))
    values, _, _ = command.make_parser(context).parse_args(words[1:])
    for parameter in command.params:
        given = values.get(parameter.name)
        for value in given if isinstance(given, list) else [given]:
            if isinstance(value, str) and not WORD.fullmatch(value) and not isinstance(parameter.type, click.Path):
                parameter.type.convert(value, parameter, context)


PACKS = [each for each in ALL if each.language == "json" and '"suite"' in each.text]


@pytest.mark.parametrize("block", PACKS, ids=str)
def test_a_pack_is_valid(block: Block) -> None:
    if '"outcome"' not in block.text:
        parse_pack(block.text.encode(), path="agentforce/packs/x.json")


def test_a_file_that_a_page_writes_is_used() -> None:
    pages = {each.page for each in ALL if is_file(each)}
    assert pages <= set(RUN)
