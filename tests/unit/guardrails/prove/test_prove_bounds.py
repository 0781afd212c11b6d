"""A bound that is reached is said, and what is not understood is never a proof."""

import pytest

from wavegate.guardrails.model import AgentReading
from wavegate.guardrails.properties import UnreadableProperty, parse_property
from wavegate.guardrails.prove.checker import prove
from wavegate.guardrails.prove.proof import Bounds, Proof, ProofVerdict
from wavegate.guardrails.script.read import read_script_model

HEAD = """config:
    agent_name: "Card_Desk"
    additional_parameter__reset_to_initial_node: True
variables:
    ok: mutable boolean = False
{variables}
start_agent desk:
    description: "Helps"
    reasoning:
        instructions: ->
            | Help.
        actions:
            pay: @actions.pay
                available when @variables.ok == True
            check: @actions.check
                set @variables.ok = @outputs.ok
{tools}
    actions:
        pay:
            description: "Pays"
            target: "flow://Pay"
        check:
            description: "Checks"
            target: "flow://Check"
            outputs:
                ok: boolean
"""


def script(variables: str = "", tools: str = "") -> AgentReading:
    return read_script_model(HEAD.format(variables=variables, tools=tools), "desk.agent")


def many(count: int) -> AgentReading:
    """An agent whose last tool needs `count` steps, each open only after the one before."""
    variables = "\n".join(f"    v{number}: mutable boolean = False" for number in range(count))
    tools = "\n".join(
        f"            t{number}: @utils.setVariables\n"
        f"                available when @variables.v{(number + 1) % count} == False\n"
        f"                with v{number}=..."
        for number in range(count)
    )
    last = (
        "            late: @actions.check\n"
        f"                available when @variables.v{count - 1}\n"
        "                set @variables.ok = True"
    )
    return script(variables, f"{tools}\n{last}")


def proof(agent: AgentReading, line: str, bounds: Bounds | None = None) -> Proof:
    watched = parse_property(line)
    assert not isinstance(watched, UnreadableProperty)
    return prove(agent, watched, bounds or Bounds())


@pytest.mark.parametrize("bounds", [Bounds(states=40), Bounds(work=400)], ids=["states", "work"])
def test_a_proof_survives_without_the_variables_that_concern_it_least(bounds: Bounds) -> None:
    whole = proof(many(6), "never pay unless ok is True")
    assert (whole.verdict, whole.dropped) == (ProofVerdict.PROVED, ())
    found = proof(many(6), "never pay unless ok is True", bounds)
    assert found.verdict is ProofVerdict.PROVED
    assert found.dropped
    assert "ok" not in found.dropped


def test_a_bound_that_leaves_nothing_to_say_is_said() -> None:
    found = proof(many(6), "never pay before late", Bounds(states=1))
    assert found.verdict is ProofVerdict.UNKNOWN
    assert found.reason.startswith("The search was given up: more than 1 state")


def test_time_that_is_up_ends_the_search() -> None:
    found = proof(many(6), "check at most 20 times", Bounds(late=lambda: True))
    assert found.dropped
    assert proof(many(6), "check at most 20 times").dropped == ()


def test_a_refutation_that_needs_what_is_not_followed_is_not_claimed() -> None:
    line = "never pay unless v0 is True"
    bounded = proof(many(6), line, Bounds(states=3))
    assert proof(many(6), line).verdict is ProofVerdict.REFUTED
    assert bounded.verdict in (ProofVerdict.UNKNOWN, ProofVerdict.REFUTED)
    assert bounded.verdict is ProofVerdict.UNKNOWN or bounded.confirmed


def test_a_line_that_is_not_understood_is_never_part_of_a_proof() -> None:
    found = proof(script(tools="            odd: @utils.teleport to somewhere"), "never pay unless ok is True")
    assert found.verdict is ProofVerdict.UNKNOWN
    assert "could not be read, first desk.agent:" in found.reason


def test_a_condition_that_is_not_known_goes_both_ways_and_is_not_called_confirmed() -> None:
    tools = "            odd: @actions.check\n                available when len(@variables.bag) > 1\n"
    tools += "                set @variables.ok = True"
    agent = script("    bag: mutable list[string]", tools)
    found = proof(agent, "ok set only by nobody")
    assert found.verdict is ProofVerdict.REFUTED
    unsure = proof(agent, "never odd unless ok is True")
    assert (unsure.verdict, unsure.confirmed) == (ProofVerdict.REFUTED, False)
    assert "it was not confirmed with concrete values" in unsure.reason


@pytest.mark.parametrize(
    "tools",
    [
        "            away: @utils.transition to @subagent.nowhere",
        "            loop: @utils.transition to @subagent.desk",
        "            call: @subagent.desk",
    ],
)
def test_odd_transitions_end_in_a_verdict(tools: str) -> None:
    assert proof(script(tools=tools), "never pay unless ok is True").verdict is ProofVerdict.PROVED
    assert proof(script(tools=tools), "escalation reachable from every topic").verdict is ProofVerdict.REFUTED


def test_topics_that_only_lead_to_each_other_end_in_a_verdict() -> None:
    text = HEAD.format(variables="", tools="            on: @utils.transition to @subagent.b")
    for name, other in (("b", "c"), ("c", "b")):
        text += f"subagent {name}:\n    before_reasoning:\n        transition to @subagent.{other}\n"
    agent = read_script_model(text, "desk.agent")
    assert proof(agent, "never pay unless ok is True").verdict is ProofVerdict.PROVED
    assert proof(agent, "desk reachable from b").verdict is ProofVerdict.VACUOUS
