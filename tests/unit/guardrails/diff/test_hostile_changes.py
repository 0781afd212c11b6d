"""Scripts that are written to exhaust a comparison end in changes, not in an exception or a silent pass."""

import pytest

from wavegate.guardrails.diff.as_markdown import changes_markdown
from wavegate.guardrails.diff.as_text import changes_text
from wavegate.guardrails.diff.change import GuardrailChange
from wavegate.guardrails.diff.compare import compare_guardrails
from wavegate.guardrails.diff.rules import Direction
from wavegate.guardrails.model import Guardrails
from wavegate.guardrails.script.read import read_script_model

HEAD = 'config:\n    developer_name: "Desk"\nvariables:\n    ok: mutable boolean = False\n'
TOPIC = "start_agent desk:\n    reasoning:\n        instructions: ->\n            | Help.\n"


def compared(before: str, after: str) -> tuple[GuardrailChange, ...]:
    def rails(text: str) -> Guardrails:
        reading = read_script_model(text, "desk.agent")
        return Guardrails(agents={reading.emitted.name: reading})

    found = compare_guardrails(rails(before), rails(after))
    assert changes_text(found, base="a" * 40, head="b" * 40)
    assert changes_markdown(found)
    return found


def nested(depth: int, last: str) -> str:
    steps = "".join(f"{' ' * (8 + 4 * n)}if @variables.v{n} == True:\n" for n in range(depth))
    return f"{HEAD}{TOPIC}    before_reasoning:\n{steps}{' ' * (8 + 4 * depth)}{last}\n"


def prose(sentences: list[str]) -> str:
    lines = "".join(f"            | {each}\n" for each in sentences)
    return f"{HEAD}start_agent desk:\n    reasoning:\n        instructions: ->\n{lines}"


def tools(names: list[str], guard: str) -> str:
    listed = "".join(f"            {name}: @actions.pay\n                available when {guard}\n" for name in names)
    return f'{HEAD}{TOPIC}        actions:\n{listed}    actions:\n        pay:\n            target: "flow://Pay"\n'


def is_widening(changes: tuple[GuardrailChange, ...]) -> bool:
    return any(each.direction in (Direction.WIDENS, Direction.UNKNOWN) for each in changes)


@pytest.mark.parametrize("depth", [10, 60, 500])
def test_deep_branches(depth: int) -> None:
    one, other = (nested(depth, f"transition to @subagent.{name}") for name in ("a", "b"))
    assert compared(one, one) == ()
    assert is_widening(compared(one, other)) or "nested more than" in str(compared(one, HEAD + TOPIC))


def test_many_sentences_that_are_alike() -> None:
    before = [f"Never tell customer {n} what the other one has said about it." for n in range(300)]
    after = [f"Tell customer {n} what the other one has said about it." for n in range(300)]
    found = compared(prose(before), prose(after))
    assert sum(each.direction is Direction.WIDENS for each in found) >= 300


def test_one_sentence_without_an_end() -> None:
    assert is_widening(compared(prose(["Never " + "do this and " * 20_000]), prose(["Do " + "this and " * 20_000])))


def test_many_tools_that_all_change_their_names() -> None:
    before = tools([f"pay_{n}" for n in range(150)], "@variables.ok == True")
    after = tools([f"give_{n}" for n in range(150)], "@variables.ok == False")
    assert is_widening(compared(before, after))


def test_many_tools_of_one_name() -> None:
    one = tools(["pay"] * 200, "@variables.ok == True")
    assert compared(one, one) == ()
    assert is_widening(compared(one, tools(["pay"] * 199, "@variables.ok != True")))


def test_a_condition_of_many_variables_is_undetermined() -> None:
    many = " and ".join(f"@variables.v{n} == {n}" for n in range(40))
    found = compared(tools(["pay"], many), tools(["pay"], many.replace(" and ", " or ", 1)))
    (guard,) = [each for each in found if each.rule.startswith("guard/")]
    assert guard.direction is Direction.UNKNOWN
    assert "undetermined" in guard.message


@pytest.mark.parametrize("text", ["", "\0", "\ufeff", "::error::x", "config:\n\tdeveloper_name:", "🙈" * 1000])
def test_what_is_not_a_script_at_all(text: str) -> None:
    assert compared(text, text) == ()
    assert (
        is_widening(compared(HEAD + tools(["pay"], "@variables.ok")[len(HEAD) :], text))
        or text == ""
        or compared(HEAD + TOPIC, text)
    )
