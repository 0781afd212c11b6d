"""Small random agents: every verdict is that of a plain enumeration of concrete conversations.

`tests/corpus/enumerate_agents.py` does so with as many of them as there is time for.
"""

from hypothesis import given, settings
from tests.support.enumerated_agents import agents, traps_agree, verdicts_agree

from wavegate.guardrails.model import AgentModel


@given(agents())
@settings(max_examples=40, deadline=None)
def test_verdicts_and_shortest_conversations_are_those_of_an_enumeration(agent: AgentModel) -> None:
    verdicts_agree(agent)


@given(agents())
@settings(max_examples=30, deadline=None)
def test_a_way_to_a_human_is_found_as_by_an_enumeration(agent: AgentModel) -> None:
    traps_agree(agent)
