"""An explanation says what takes effect, in sentences that a reviewer can check against the script."""

import json

import pytest
from tests.support.library_desk import PATH, SCRIPT

from wavegate.findings.finding import Location
from wavegate.guardrails.explain.as_json import explanation_json
from wavegate.guardrails.explain.as_markdown import explanation_markdown
from wavegate.guardrails.explain.as_text import explanation_text
from wavegate.guardrails.explain.describe import explain
from wavegate.guardrails.explain.values import Explanation, Point
from wavegate.guardrails.model import AgentModel, AgentReading, AgentSource, Code, Effect, Guardrails
from wavegate.guardrails.script.read import read_script_model

CODE = Code(
    id="flow://Waive_Fine",
    effects=frozenset({Effect.WRITES}),
    objects=frozenset({(Effect.WRITES, "Fine__c")}),
    mode="",
    calls=frozenset(),
    dynamic=False,
    location=Location("waive.flow"),
)


def explained(script: str = SCRIPT, guardrails: Guardrails | None = None) -> Explanation:
    return explain(read_script_model(script, PATH), guardrails or Guardrails())


def points(explanation: Explanation, title: str) -> list[str]:
    return [point.text for section in explanation.sections if section.title == title for point in section.points]


SENTENCES = {
    "In the topic `desk`": """
It may go to the topic `fines` when `member_ok == True`.
It may hand the conversation to a human.
""",
    "In the topic `fines`": """
Before the model is asked, if `blocked == True`, it goes to the topic `desk`.
It may call `waive_fine` when `open_fines > 0`, after the user confirms: it writes and moves money \
(assumed by its name) through `flow://Waive_Fine`; `member` is the variable `member_id`.
""",
    "In the topic `card_check`": """
It may call `check_card` when `attempts < 3`, without asking the user: it reads (assumed by its name) \
through `flow://Check_Card`; the model fills in `card`. \
Then `member_ok` becomes the output `valid`; `member_id` becomes the output `member`; \
`blocked` becomes the output `blocked`; \
`attempts` becomes `attempts + 1`.
""",
    "Variables": """
`member_ok` starts as `False`; it may be set by `check_card` in `card_check`, to the output `valid`. \
It decides what the agent may do.
""",
    "How a human is reached": """
From `desk`.
Not directly from `card_check` and `fines`.
""",
    "What its instructions forbid": """
“Never give legal advice about fines.”
""",
}


@pytest.mark.parametrize("title", SENTENCES)
def test_what_the_agent_may_do_is_said(title: str) -> None:
    found = points(explained(), title)
    assert [each for each in SENTENCES[title].strip().split("\n") if each not in found] == []


def test_effects_are_those_of_the_code_where_it_is_in_the_project() -> None:
    found = points(explained(guardrails=Guardrails(code={CODE.id: CODE})), "In the topic `fines`")
    assert any("it writes `Fine__c` and moves money through" in each for each in found)
    assert not any("writes" in each and "assumed" in each for each in found)


def test_a_variable_that_the_model_may_set_is_named_as_such() -> None:
    tool = "            note: @utils.setVariables\n                with member_ok=...\n            to_person"
    found = points(explained(SCRIPT.replace("            to_person", tool)), "Variables")
    assert any("`member_ok`" in each and "**the model**, with `note` in `desk`" in each for each in found)


def test_what_is_written_and_not_in_effect_is_named() -> None:
    stacked = SCRIPT.replace(
        "                available when @variables.attempts < 3",
        "                available when @variables.member_ok\n                available when @variables.attempts < 3",
    )
    found = explained(stacked)
    assert any("never takes effect" in each for each in points(found, "Written, and not in effect as written"))
    assert any("takes no effect as written" in each for each in found.summary)


def test_an_action_that_is_free_to_call_is_named_in_the_summary() -> None:
    free = SCRIPT.replace("            require_user_confirmation: True\n", "").replace(
        "            waive_fine: @actions.waive_fine\n                available when @variables.open_fines > 0\n",
        "            waive_fine: @actions.waive_fine\n",
    )
    assert not any("at any time" in each for each in explained().summary)
    assert any("`waive_fine` may be called at any time" in each for each in explained(free).summary)


def test_a_topic_that_no_conversation_gets_to_is_named() -> None:
    alone = SCRIPT + '\nsubagent attic:\n    description: "Old things"\n'
    section = next(each for each in explained(alone).sections if "attic" in each.title)
    assert section.intro == "No conversation gets here. Old things"


def test_of_an_agent_that_is_not_modelled_nothing_is_claimed() -> None:
    model = AgentModel(
        name="Old", source=AgentSource.OPAQUE, start="", topics=(), variables=(), instructions=(), settings=(),
        location=Location("old.xml"),
    )  # fmt: skip
    found = explain(AgentReading(emitted=model, written=model), Guardrails())
    assert found.summary[0].startswith("Nothing is known")


def test_every_format_has_every_point() -> None:
    found = explained()
    texts = [point.text for section in found.sections for point in section.points]
    assert explanation_text(found).count("\n  - ") == len(texts)
    assert explanation_markdown(found).count("\n- ") == len(texts) + len(found.summary)
    read = json.loads(explanation_json(found))
    assert [point["text"] for section in read["sections"] for point in section["points"]] == texts
    assert read["diagram"] == found.diagram


def test_hostile_text_stays_text() -> None:
    hostile = SCRIPT.replace("Never give legal advice", "Never ::error::x `<b>` [a](http://b) @someone")
    assert "<b>" not in explanation_markdown(explained(hostile))
    assert "](http" not in explanation_markdown(explained(hostile))
    assert "\n::" not in explanation_text(explained(hostile))


def test_a_line_of_another_file_has_its_name() -> None:
    explanation = explained()
    here, there = Location(PATH, 12), Location("force-app/flows/Waive_Fine.flow-meta.xml", 3)
    assert explanation.place(Point(text="x", location=here)) == "12"
    assert explanation.place(Point(text="x", location=there)) == "Waive_Fine.flow-meta.xml:3"
    assert explanation.place(Point(text="x")) == ""
