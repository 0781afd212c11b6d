"""What an adversary in place of the model finds that a quick reader of the script does not."""

import pytest

from wavegate.guardrails.properties import UnreadableProperty, parse_property
from wavegate.guardrails.prove.checker import prove
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
