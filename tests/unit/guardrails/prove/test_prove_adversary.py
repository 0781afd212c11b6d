"""What an adversary in place of the model finds that a quick reader of the script does not."""

from dataclasses import replace

import pytest

from wavegate.guardrails.properties import UnreadableProperty, parse_property
from wavegate.guardrails.prove.checker import prove, prove_model
from wavegate.guardrails.prove.proof import Proof, ProofVerdict
from wavegate.guardrails.script.read import read_script_model

HEAD = """config:
    developer_name: "Desk"
    additional_parameter__reset_to_initial_node: True
variables:
    used: mutable boolean = False
"""


def proof(script: str, line: str) -> Proof:
    watched = parse_property(line)
    assert not isinstance(watched, UnreadableProperty), watched.message
    return prove(read_script_model(HEAD + script, "Desk.agent"), watched)


PAYS_ONCE = """start_agent desk:
    reasoning:
        actions:
            begin: @actions.look_up
                available when @variables.used == False
                set @variables.used = True
                if True:
                    transition to @subagent.counter
subagent counter:
    reasoning:
        instructions: ->
            run @actions.pay
        actions:
            look_up: @actions.look_up
"""


@pytest.mark.parametrize(
    ("guard", "verdict"),
    [
        ("", ProofVerdict.REFUTED),
        ("                available when @variables.used == True\n", ProofVerdict.REFUTED),
        ("                available when @variables.used == False\n", ProofVerdict.PROVED),
    ],
)
def test_a_call_that_changes_nothing_has_the_instructions_executed_again(guard: str, verdict: ProofVerdict) -> None:
    found = proof(PAYS_ONCE + guard, "pay at most 1 time")
    assert found.verdict is verdict
    assert found.confirmed is (verdict is ProofVerdict.REFUTED)


SHARED_NAME = """start_agent desk:
    reasoning:
        actions:
            verify: @utils.transition to @subagent.verify
    actions:
        verify:
            target: "flow://Verify"
subagent verify:
    reasoning:
        actions:
            verify_id: @actions.verify
                set @variables.used = @outputs.ok
            skip: @utils.setVariables
                with used=True
            pay: @actions.pay
"""


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("never pay before verify", ProofVerdict.REFUTED),
        ("never pay before skip", ProofVerdict.REFUTED),
        ("used set only by verify", ProofVerdict.REFUTED),
        ("used set only by verify, skip", ProofVerdict.PROVED),
        ("verify at most 0 times", ProofVerdict.REFUTED),
    ],
)
def test_a_name_that_a_tool_or_topic_shares_means_the_action(line: str, verdict: ProofVerdict) -> None:
    assert proof(SHARED_NAME, line).verdict is verdict


ENDLESS = """start_agent desk:
    reasoning:
        instructions: ->
            run @actions.pay
            if @variables.used == False:
                transition to @start_agent.desk
"""


def test_a_script_that_never_waits_breaks_what_it_breaks_on_the_way() -> None:
    found = proof(ENDLESS, "pay at most 2 times")
    assert (found.verdict, found.confirmed) == (ProofVerdict.REFUTED, True)


ONE_ANSWER = """start_agent desk:
    reasoning:
        actions:
            verify: @actions.verify
                set @variables.used = @outputs.{first}
                set @variables.known = @outputs.{second}
            pay: @actions.pay
                available when @variables.used and not @variables.known
"""


@pytest.mark.parametrize(
    ("second", "verdict"),
    [("ok", ProofVerdict.VACUOUS), ("other", ProofVerdict.REFUTED), ("ok2", ProofVerdict.REFUTED)],
)
def test_one_call_returns_the_same_value_wherever_it_is_assigned(second: str, verdict: ProofVerdict) -> None:
    script = "    known: mutable boolean = False\n" + ONE_ANSWER.format(first="ok", second=second)
    found = proof(script, "never pay before check_card")
    assert found.verdict is verdict
    assert found.confirmed is (verdict is ProofVerdict.REFUTED)


TWO_CUTS = """    amount: mutable number = 0
    limit: mutable number = 0
start_agent desk:
    reasoning:
        actions:
            check: @actions.check
                set @variables.amount = @outputs.size
                set @variables.limit = @outputs.size
            pay: @actions.pay
                available when @variables.amount is not None and @variables.amount > 5 and @variables.limit < {below}
"""


@pytest.mark.parametrize(("below", "verdict"), [(8, ProofVerdict.REFUTED), (5, ProofVerdict.VACUOUS)])
def test_a_value_that_two_variables_take_meets_the_conditions_of_both(below: int, verdict: ProofVerdict) -> None:
    found = proof(TWO_CUTS.format(below=below), "never pay before look_up")
    assert (found.verdict, found.confirmed) == (verdict, verdict is ProofVerdict.REFUTED)


def test_what_every_topic_offers_sets_its_variables_to_what_its_action_returns() -> None:
    """Its conditions tell values apart, too."""
    reading = read_script_model(HEAD + OFFERED_EVERYWHERE, "Desk.agent")
    [topic] = reading.emitted.topics
    check = next(tool for tool in topic.tools if tool.name == "check")
    own = replace(topic, tools=tuple(tool for tool in topic.tools if tool is not check))
    agent = replace(reading.emitted, topics=(own,), everywhere=(check,))
    watched = parse_property("never pay before look_up")
    assert not isinstance(watched, UnreadableProperty)
    found = prove_model(agent, watched)
    assert (found.verdict, found.confirmed) == (ProofVerdict.REFUTED, True)


OFFERED_EVERYWHERE = """    kept: mutable boolean = False
start_agent desk:
    reasoning:
        actions:
            check: @actions.check
                if @variables.used is None:
                    set @variables.kept = True
                set @variables.used = @outputs.ok
            pay: @actions.pay
                available when @variables.kept
"""
