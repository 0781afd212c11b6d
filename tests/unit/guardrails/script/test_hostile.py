"""Whatever the text of a script is, it is read, and what is beyond the limits is named once."""

import random
from functools import partial

import pytest
from tests.support.counted import lines_executed

from wavegate.guardrails.model import AgentReading
from wavegate.guardrails.script.read import read_script_model
from wavegate.guardrails.script.tree import MAX_CHARACTERS, MAX_DEPTH, MAX_LINES

TOPIC = 'start_agent desk:\n    description: "d"\n    reasoning:\n        actions:\n            pay: @actions.pay\n'
GUARD = "                available when @variables.ok\n"


def read(text: str) -> AgentReading:
    return read_script_model(text, "a.agent")


def unknown(text: str) -> list[tuple[str, int]]:
    return [(each.text, each.location.line) for each in read(text).emitted.unknown]


def test_a_file_above_the_limit_is_one_unknown() -> None:
    for text in ("x" * (MAX_CHARACTERS + 1), "\n" * MAX_LINES, TOPIC + "# a\n" * MAX_LINES):
        [(reason, line)] = unknown(text)
        assert reason.startswith("more than 4 MiB or 200,000 lines: the file is not read; content ")
        assert line == 1
        assert unknown(f"{text} ") != [(reason, 1)]


def test_deep_nesting_is_one_unknown_and_the_rest_is_read() -> None:
    deep = "".join(f"{' ' * depth}a{depth}:\n" for depth in range(1, 2_000))
    found = read(f"language:\n{deep}{TOPIC}{GUARD}")
    [cut] = found.emitted.unknown
    assert cut.text.startswith(f"nested more than {MAX_DEPTH} levels deep; content ")
    [topic] = found.emitted.topics
    assert topic.tools[0].guard


def test_a_long_chain_of_branches_is_cut_with_its_place() -> None:
    link = "if @variables.n == 0:\n            set @variables.n = 1\n        else "
    found = read(f"start_agent desk:\n    before_reasoning:\n        {link * 40}if True:\n")
    assert found.emitted == found.written
    assert [each.location.line for each in found.emitted.unknown] == [*range(63, 84, 2)]


def test_many_guards_are_cut_with_their_place() -> None:
    found = read(TOPIC + GUARD * 1_000)
    [tool] = found.emitted.topics[0].tools
    assert not tool.certain
    assert [each.location.line for each in found.emitted.unknown] == [*range(26, 127)]
    assert found.emitted.unknown[-1].text.startswith("more than 100 lines, from here on; content ")
    assert len([each for each in found.losses if each.rule == "guard/overwritten"]) == 19


def test_a_topic_that_leads_to_itself_is_read() -> None:
    text = "start_agent a:\n    reasoning:\n        actions:\n            again: @utils.transition to @subagent.a\n"
    assert [tool.target for tool in read(text).emitted.topics[0].tools] == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff",
        "\0",
        "\ud800",
        "\r",
        "\r\r\r\n",
        ":",
        '"',
        "|",
        "\\",
        "(" * 1_000,
        "start_agent",
        "start_agent :",
        "start_agent a b c:",
        "start_agent ä:",
        "start_agent a:\n\u2028    b: 1",
        "  start_agent a:\n description: 1",
        "start_agent a:\n    reasoning: |\n        actions:\n",
        "variables:\n    : mutable\n    a:\n    b: mutable\n    c: linked = \n",
        f"{TOPIC}                available when\n",
        f"{TOPIC}                available when |\n",
        f"{TOPIC}                with\n                with =\n                with ,,,\n                set\n",
        f"{TOPIC}                run\n                transition\n                transition to\n",
        f"{TOPIC}                if\n                else\n                else if\n                if:\n",
        f'{TOPIC}                available when "\\\n',
    ],
)
def test_odd_text_is_read(text: str) -> None:
    found = read(text)
    assert found.emitted.location.file == "a.agent"


PIECES = (
    *(
        "start_agent a:",
        "subagent b:",
        "reasoning:",
        "actions:",
        "instructions: ->",
        "before_reasoning:",
        "variables:",
    ),
    *("x: @actions.y", "go: @utils.transition to @subagent.b", "available when", "@variables.a", "not (", ")", "and"),
    *(
        "if @variables.a:",
        "else:",
        "else if",
        "set @variables.a = ",
        "run @actions.y",
        "with a=...",
        "| text",
        "#",
        '"',
    ),
    *("\n", "\n    ", "\n        ", "\n            ", "\n\t", "\n\t\t", "\r\n", "\\", ",", "[", "]", "{!", "ä", "\0"),
)


@pytest.mark.parametrize("seed", range(40))
def test_random_text_is_read(seed: int) -> None:
    chosen = random.Random(seed)  # noqa: S311 - the same texts every time
    for _ in range(50):
        text = "".join(chosen.choice(PIECES) for _ in range(chosen.randrange(80)))
        found = read(text)
        assert found.losses or found.emitted is found.written


@pytest.mark.parametrize(
    "unit",
    [
        GUARD,
        "                with a=(\n",
        "                with a=1,\n",
        "                set @variables.a = \\\n",
        "                if @variables.a:\n                    run @actions.b\n                set @variables.a=1\n",
        "            pay: @actions.pay\n",
        "            | text\n",
        "# comment\n",
        '                description: "' + "a" * 2_000 + '"\n',
        "                available when " + "(" * 500 + "\n",
        "                available when " + "not " * 500 + "\n",
        "                with " + "a=1, " * 500 + "\n",
        "a" * 2_000 + ":\n",
        "                \t" * 100 + "\n",
    ],
)
@pytest.mark.timeout(60)
def test_long_scripts_take_linear_time(unit: str) -> None:
    """Four times as many lines take about four times the work, not sixteen, and what is not Python does not hang."""
    count = 200 if len(unit) < 500 else 8
    few, many = (lines_executed(partial(read, TOPIC + unit * times)) for times in (count, 4 * count))
    assert many <= 8 * few
    assert read(TOPIC + unit * (100_000 // len(unit))).emitted.location.line == 1


@pytest.mark.parametrize(
    "word", ["to @subagent.desk", "else:", "else if True:", "elif True:", "for a in b:", "collect a"]
)
@pytest.mark.parametrize("indent", [12, 16])
def test_a_statement_that_no_tool_takes_is_not_understood(word: str, indent: int) -> None:
    found = read(
        f"start_agent desk:\n    reasoning:\n        actions:\n            pay: @actions.pay\n{' ' * indent}{word}\n"
    )
    assert [each.location.line for each in found.emitted.unknown] == [5]


def test_a_property_of_an_input_at_a_losing_indentation_is_not_understood() -> None:
    lines = (
        "start_agent desk:",
        "    actions:",
        "        pay:",
        "            inputs:",
        "                sum: number",
    )
    found = read("\n".join((*lines, '                    label: "Sum"', "                  is_required: True\n")))
    assert [each.text for each in found.emitted.unknown] == ["is_required: True"]
    assert [each.name for each in found.emitted.topics[0].actions[0].inputs] == ["sum"]


def test_white_space_that_the_language_does_not_know_is_not_passed_over() -> None:
    text = (
        "start_agent desk:\n    reasoning:\n        actions:\n            pay: @actions.pay\n"
        "                available when \u00a0@variables.known\n"
        "    actions:\n        pay:\n            require_user_confirmation: True\u00a0\n"
    )
    found = read(text)
    assert [(each.rule, each.location.line) for each in found.losses] == [
        ("guard/unreadable", 5),
        ("confirm/unreadable", 8),
    ]
    assert not found.emitted.topics[0].actions[0].confirmed
