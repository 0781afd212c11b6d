"""The values of a script, with their places."""

from pathlib import Path

import pytest

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.expression import AtReference, Binary, Chosen, Literal
from wavegate.guardrails.model import (
    AgentModel,
    AgentSource,
    BranchStep,
    Force,
    RunStep,
    SetStep,
    Tool,
    ToolKind,
    Topic,
    TransitionStep,
    VariableKind,
)
from wavegate.guardrails.script.read import read_script_model

COMPILED = Path(__file__).parents[3] / "fixtures" / "guardrails" / "compiled"


def at(line: int, column: int) -> Location:
    return Location(file="a.agent", line=line, column=column)


def own(name: str) -> AgentModel:
    return read_script_model((COMPILED / f"{name}.agent").read_text(encoding="utf-8"), "a.agent").emitted


def topic_of(model: AgentModel, name: str) -> Topic:
    return next(each for each in model.topics if each.name == name)


def tool_of(model: AgentModel, topic: str, name: str) -> Tool:
    return next(each for each in topic_of(model, topic).tools if each.name == name)


LIBRARY = own("library-desk")


def test_an_agent_has_its_developer_name_or_else_that_of_its_file() -> None:
    assert (LIBRARY.name, LIBRARY.source, LIBRARY.start) == ("Library_Desk", AgentSource.SCRIPT, "desk")
    assert read_script_model("", "force-app/Other/Other.agent").emitted.name == "Other"


def test_variables() -> None:
    member_ok, tries, session = LIBRARY.variables
    assert (member_ok.kind, member_ok.type, member_ok.default) == (
        VariableKind.MUTABLE,
        "boolean",
        Literal(value=False),
    )
    assert (tries.default, tries.location) == (Literal(value=0), at(18, 5))
    assert (session.kind, session.source, session.default) == (VariableKind.LINKED, "@MessagingSession.Id", None)


def test_a_variable_of_the_caller_and_a_constant() -> None:
    text = 'variables:\n    a: mutable string\n        visibility: "External"\n    b: number = 3\n'
    a, b = read_script_model(text, "a.agent").emitted.variables
    assert (a.external, a.default) == (True, None)
    assert (b.external, b.kind, b.default) == (False, VariableKind.CONSTANT, Literal(value=3))


def test_settings_are_named_without_the_block_where_the_name_is_known() -> None:
    found = {each.name: each.value for each in own("router").settings}
    assert found == {
        "agent_type": "AgentforceEmployeeAgent",
        "model": "model://sfdc_ai__DefaultGPT4Omni",
        "knowledge.rag_feature_config_id": "ARFPC_Library_1",
        "knowledge.citations_enabled": "True",
    }
    assert {each.name: each.value for each in LIBRARY.settings} == {
        "messages.welcome": "Welcome to the library desk.",
        "messages.error": "Something went wrong. Please try again.",
        "agent_type": "AgentforceServiceAgent",
        "default_agent_user": "desk@library.example",
        "language.default_locale": "en_US",
    }
    assert [(each.name, each.value) for each in topic_of(own("router"), "answers").settings] == [
        ("model", "model://sfdc_ai__DefaultGPT41Mini")
    ]


def test_a_setting_has_the_place_of_its_value() -> None:
    [user] = [each for each in LIBRARY.settings if each.name == "default_agent_user"]
    assert user.location == at(14, 25)


def test_escalations_are_the_settings_of_connections() -> None:
    assert {each.name: each.value for each in LIBRARY.escalations} == {
        "connection messaging.outbound_route_type": "OmniChannelFlow",
        "connection messaging.outbound_route_name": "flow://Route_To_Librarian",
        "connection messaging.escalation_message": "A librarian takes over.",
    }


@pytest.mark.parametrize(
    ("lines", "resets"),
    [
        ("", None),
        ("    additional_parameter__reset_to_initial_node: False\n", False),
        ("    runtime:\n        reset_to_initial_node: True\n", True),
        ("    runtime:\n        reset_to_initial_node: perhaps\n", None),
    ],
)
def test_whether_each_turn_starts_anew(lines: str, resets: bool | None) -> None:
    assert read_script_model(f"config:\n    agent_name: A\n{lines}", "a.agent").emitted.resets is resets


def test_instructions_are_sentences_with_their_lines() -> None:
    assert [(each.text, each.force, each.location) for each in LIBRARY.instructions] == [
        ("You help members of a city library.", Force.OTHER, at(3, 9)),
        ("Never waive a fine for somebody whose card was not checked.", Force.PROHIBITION, at(4, 9)),
    ]
    assert [(each.text, each.location) for each in topic_of(LIBRARY, "desk").instructions] == [
        ("Ask what the member needs.", at(32, 15)),
        ("Always check the card before you talk about fines.", at(33, 15)),
    ]


def test_the_instructions_of_branches_are_read_and_a_topic_may_replace_those_of_the_agent() -> None:
    desk = topic_of(own("branches"), "desk")
    assert [each.text for each in desk.instructions] == [
        "Before the branch.",
        "Be quick.",
        "Be thorough.",
        "Behind the branch.",
    ]
    texts = own("texts")
    assert topic_of(texts, "desk").system is None
    assert [each.text for each in topic_of(texts, "other").system or ()] == ["Be brief.", "Never quote the law."]


def test_text_that_looks_like_code_is_text() -> None:
    texts = own("texts")
    desk = topic_of(texts, "desk")
    assert [each.name for each in desk.tools] == ["pay"]
    assert "available when @variables.ok" in texts.instructions[-1].text
    assert desk.description == "Answers questions on shipments."
    assert desk.tools[0].description == "Pays | at once # not a comment"
    assert len(desk.during) == 1


def test_a_tool_with_its_guard_inputs_and_what_follows() -> None:
    check = tool_of(LIBRARY, "card_check", "check")
    assert (check.kind, check.target, check.location) == (ToolKind.ACTION, "check_card", at(61, 13))
    assert check.guard
    assert (check.guard.text, check.guard.location) == ("@variables.tries < 3", at(63, 32))
    assert [(each.name, each.value, each.location) for each in check.bindings] == [("code", Chosen(), at(64, 22))]
    first, second = check.then
    assert isinstance(first, SetStep)
    assert (first.variable, first.value) == ("member_ok", AtReference(space="outputs", name="valid"))
    assert isinstance(second, SetStep)
    assert isinstance(second.value, Binary)


def test_an_action_with_its_target_confirmation_and_parameters() -> None:
    [check] = topic_of(LIBRARY, "card_check").actions
    assert (check.target, check.confirmed, check.description) == (
        "flow://Check_Library_Card",
        False,
        "Checks a card number.",
    )
    assert [(each.name, each.required) for each in check.inputs] == [("code", True)]
    assert [(each.name, each.shown, each.used) for each in check.outputs] == [
        ("valid", False, False),
        ("holder", True, True),
    ]
    [waive] = topic_of(LIBRARY, "fines").actions
    assert (waive.confirmed, waive.confirmed_at) == (True, at(77, 13))


def test_a_gate() -> None:
    [gate] = topic_of(LIBRARY, "fines").before
    assert isinstance(gate, BranchStep)
    assert (gate.guard.text, gate.guard.location) == ("@variables.member_ok != True", at(71, 12))
    [step] = gate.then
    assert step == TransitionStep(topic="card_check", location=at(72, 13))


def test_the_kinds_of_tools() -> None:
    kinds = {each.name: (each.kind, each.target) for each in topic_of(own("transitions"), "desk").tools}
    assert kinds["plain"] == (ToolKind.TRANSITION, "one")
    assert kinds["other_agent"] == (ToolKind.TRANSITION, "partner")
    assert kinds["ask_one"] == (ToolKind.DELEGATION, "one")
    assert kinds["ask_two"] == (ToolKind.DELEGATION, "two")
    assert kinds["ask_partner"] == (ToolKind.DELEGATION, "partner")
    stacked = {each.name: each.kind for each in topic_of(own("stacked-guards"), "cards").tools}
    assert (stacked["remember"], stacked["person"], stacked["done"]) == (
        ToolKind.SET,
        ToolKind.ESCALATION,
        ToolKind.END,
    )


def test_a_tool_that_sets_variables_sets_what_its_inputs_name() -> None:
    remember = tool_of(own("inputs"), "desk", "remember")
    assert [(each.name, each.value) for each in remember.bindings] == [
        ("city", Chosen()),
        ("limit", Literal(value=10)),
    ]
    assert [(each.variable, each.value) for each in remember.then if isinstance(each, SetStep)] == [
        ("city", Chosen()),
        ("limit", Literal(value=10)),
    ]


def test_the_written_reading_keeps_what_the_compiler_drops() -> None:
    found = read_script_model((COMPILED / "dropped-statements.agent").read_text("utf-8"), "a.agent")
    written, emitted = (tool_of(each, "shipments", "send") for each in (found.written, found.emitted))
    assert [type(each) for each in written.then] == [SetStep, TransitionStep]
    assert [type(each) for each in emitted.then] == [SetStep]
    before = topic_of(found.written, "shipments").before[0]
    assert isinstance(before, RunStep)
    assert [type(each) for each in before.then] == [SetStep, RunStep, TransitionStep]


def test_the_written_guard_asks_for_all_of_stacked_guards() -> None:
    found = read_script_model((COMPILED / "stacked-guards.agent").read_text("utf-8"), "a.agent")
    written, emitted = (tool_of(each, "cards", "block").guard for each in (found.written, found.emitted))
    assert written
    assert written.text == "(@variables.identified == True) and (@variables.calls < 3)"
    assert emitted
    assert emitted.text == "@variables.calls < 3"


def test_a_guard_at_the_wrong_place_counts_as_written_only() -> None:
    found = read_script_model((COMPILED / "misplaced-guards.agent").read_text("utf-8"), "a.agent")
    written, emitted = (tool_of(each, "visits", "book").guard for each in (found.written, found.emitted))
    assert written
    assert written.text == "@variables.known"
    assert emitted is None


def test_a_key_is_the_written_name_of_a_tool_and_its_label_is_kept() -> None:
    labelled = tool_of(own("transitions"), "desk", "labelled")
    assert (labelled.name, labelled.label) == ("labelled", "To one")


def test_collected_fields_are_written_by_the_model() -> None:
    contact = topic_of(own("collecting"), "contact")
    capture, cancel = contact.tools
    assert [each.name for each in capture.bindings] == ["way", "mail", "phone"]
    assert (cancel.kind, cancel.target) == (ToolKind.TRANSITION, "desk")
    [resumption] = contact.after
    assert isinstance(resumption, BranchStep)
    assert isinstance(resumption.then[0], TransitionStep)
    assert resumption.then[0].topic == "contact"


@pytest.mark.parametrize(
    "lines",
    [
        ('    description: "d"', "        available when True"),
        ("    actions:", "        b:", '            descripton: "d"'),
        ("    available when True", "        set @variables.a = 1"),
        ("    transition to @subagent.a", "        actions:"),
        ("    before_reasoning: |", "        transition to @subagent.a"),
        ("    reasoning:", "        actions:", "            b: @utils.transition"),
        ("    reasoning:", "        actions:", "            b: @utils.unheard_of"),
        ("    reasoning:", "        actions:", "            b: @utils.escalate | text"),
    ],
)
def test_a_line_that_nothing_takes_is_not_understood(lines: tuple[str, ...]) -> None:
    assert read_script_model("\n".join(("start_agent a:", *lines)), "a.agent").emitted.unknown


@pytest.mark.parametrize(
    "line",
    ["if @variables.ok == True", "else if @variables.ok == False", "else", 'target: "flow://Waive_Fine":'],
)
def test_a_line_that_the_compiler_refuses_for_its_colon_is_not_understood(line: str) -> None:
    right = """variables:
    ok: mutable boolean = False
start_agent desk:
    before_reasoning:
        if @variables.ok == True: # known
            transition to @subagent.desk
        else if @variables.ok == False:
            set @variables.ok = True
        else:
            set @variables.ok = False
    actions:
        waive:
            target: "flow://Waive_Fine"
"""
    correct = line.removesuffix(":") if line.startswith("target") else f"{line}:"
    assert not read_script_model(right, "a.agent").emitted.unknown
    wrong = right.replace(f" {correct}", f" {line}", 1)
    assert [each.text.startswith(line) for each in read_script_model(wrong, "a.agent").emitted.unknown] == [True]
