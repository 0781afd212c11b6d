"""Our reading of every own script equals the official compiler's output for it, which is committed beside it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.script_facts import compiled_facts, model_facts

from wavegate.guardrails.model import AgentReading
from wavegate.guardrails.script.read import read_script_model

FOLDER = Path(__file__).parents[3] / "fixtures" / "guardrails" / "compiled"
SCRIPTS = sorted(FOLDER.glob("*.agent"))
REFUSED = {"confirmations", "not-understood"}
"""Scripts in which the compiler reports an error; it emits the rest of them all the same."""
NOT_UNDERSTOOD = REFUSED | {"custom-topic"}
UNREADABLE = {"quoted", "member"}
"""Tools whose guard the compiler cannot read: it emits another one, we say that we do not know."""


def reading(name: str) -> AgentReading:
    return read_script_model((FOLDER / f"{name}.agent").read_bytes().decode(), f"{name}.agent")


def compiled(name: str) -> dict[str, Any]:
    output: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return output


def without_unreadable(facts: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        name: node | {"tools": [tool for tool in node["tools"] if tool[0] not in UNREADABLE]}
        for name, node in facts.items()
    }


@pytest.mark.parametrize("name", [path.stem for path in SCRIPTS])
def test_what_is_emitted_is_what_the_compiler_emits(name: str) -> None:
    output = compiled(name)
    assert bool(output["errors"]) is (name in REFUSED)
    emitted = reading(name).emitted
    assert emitted.start == output["start"]
    assert without_unreadable(model_facts(emitted)) == without_unreadable(compiled_facts(output["nodes"]))


@pytest.mark.parametrize("name", [path.stem for path in SCRIPTS])
def test_nothing_is_left_unsaid(name: str) -> None:
    found = reading(name)
    assert bool(found.emitted.unknown) is (name in NOT_UNDERSTOOD)
    assert found.losses or found.emitted is found.written


LOSSES = {
    "stacked-guards": {"guard/overwritten": [20, 23, 25, 28, 32, 35, 38, 41]},
    "lost-parentheses": {
        "guard/parentheses-lost": [15, 17, 30, 32, 34, 42, 44, 46, 48],
        "value/parentheses-lost": [18],
    },
    "misplaced-guards": {"guard/misplaced": [12, 25, 32, 35], "statement/dropped": [14]},
    "tabs": {"guard/misplaced": [18]},
    "dropped-statements": {
        "statement/dropped": [14, 16, 20, 39, 44, 50, 51, 56, 57, 58, 60, 61, 64, 65, 69, 72, 73],
    },
    "moved-sets": {"statement/moved": [31, 35]},
    "duplicates": {"action/duplicate": [14], "tool/duplicate": [24]},
    "duplicate-keys": {
        "key/duplicate": [4, 25, 31, 33, 38, 39, 47, 52, 54, 58, 65],
        "block/duplicate": [8, 15],
        "input/overwritten": [55],
    },
    "reserved-names": {"tool/reserved-name": [20, 23]},
    "confirmations": {"confirm/unreadable": [22]},
    "transitions": {"guard/misplaced": [23, 25], "statement/dropped": [50]},
    "not-understood": {"guard/unreadable": [29, 31, 33], "tool/reserved-name": [36]},
}


@pytest.mark.parametrize("name", [path.stem for path in SCRIPTS])
def test_every_loss_is_named_at_its_line(name: str) -> None:
    found: dict[str, list[int]] = {}
    for loss in reading(name).losses:
        found.setdefault(loss.rule, []).append(loss.location.line)
    assert found == LOSSES.get(name, {})


def test_unknown_lines_are_named_and_their_tools_are_not_certain() -> None:
    emitted = reading("not-understood").emitted
    assert [each.location.line for each in emitted.unknown] == [8, 12, 15, 17, 23, 33, 35]
    certain = {tool.name: tool.certain for topic in emitted.topics for tool in topic.tools}
    assert certain == {
        "quoted": False,
        "member": False,
        "colon": False,
        "field": False,
        "supervise": True,
        "fine": True,
    }


def test_windows_line_ends_change_nothing() -> None:
    unix, windows = reading("texts").emitted, reading("windows-line-ends").emitted
    assert model_facts(unix) == model_facts(windows)
    assert [each.text for each in unix.instructions] == [each.text for each in windows.instructions]
    assert [each.location.line for each in unix.topics] == [each.location.line for each in windows.topics]


def reformatted(name: str, change: Callable[[list[str]], list[str]]) -> AgentReading:
    text = (FOLDER / f"{name}.agent").read_bytes().decode().removeprefix("\ufeff").replace("\r\n", "\n")
    return read_script_model("\n".join(change(text.split("\n"))), f"{name}.agent")


def with_wide_indentation(lines: list[str]) -> list[str]:
    return [line[: len(line) - len(line.lstrip(" \t"))] + line for line in lines]


def with_comments_and_blank_lines(lines: list[str]) -> list[str]:
    return [each for line in lines for each in ("# a comment", "", line)]


@pytest.mark.parametrize("change", [with_wide_indentation, with_comments_and_blank_lines])
@pytest.mark.parametrize("name", [path.stem for path in SCRIPTS if path.stem != "long-lines"])
def test_reformatting_changes_nothing(name: str, change: Callable[[list[str]], list[str]]) -> None:
    before, after = reading(name), reformatted(name, change)
    assert model_facts(after.emitted) == model_facts(before.emitted)
    assert model_facts(after.written) == model_facts(before.written)
    assert [(each.rule, each.tool) for each in after.losses] == [(each.rule, each.tool) for each in before.losses]
    assert [each.text for each in after.emitted.unknown] == [each.text for each in before.emitted.unknown]
