"""Names in a policy that the project does not have."""

from collections.abc import Iterable, Iterator

from wavegate.findings.finding import Finding, Location, error
from wavegate.findings.suggestions import suggestion
from wavegate.guardrails.model import AgentModel, Guardrails
from wavegate.release.policy.values import Exemption, GuardrailPolicy


def unknown_names(policy: GuardrailPolicy, guardrails: Guardrails) -> Iterator[Finding]:
    """A finding for each agent, topic and tool that the policy names and the project does not have."""
    for listed in policy.customer_facing:
        yield from _unknown_agent(listed.name, listed.location, guardrails)
    for line in policy.properties:
        yield from _unknown_agent(line.agent, line.location, guardrails)
    for exemption in policy.exemptions:
        yield from _unknown_agent(exemption.agent, exemption.location, guardrails)
        if not exemption.agent or exemption.agent in guardrails.agents:
            yield from _unknown_parts(exemption, guardrails)


def _unknown_agent(name: str, place: Location, guardrails: Guardrails) -> Iterator[Finding]:
    yield from unknown_name("agent", name, place, guardrails.agents) if name else ()


def _unknown_parts(exemption: Exemption, guardrails: Guardrails) -> Iterator[Finding]:
    readings = [each for name, each in guardrails.agents.items() if exemption.agent in ("", name)]
    agents = [each.emitted for each in readings] + [each.written for each in readings]
    topics = {topic.name for agent in agents for topic in agent.topics}
    if exemption.topic:
        yield from unknown_name("topic", exemption.topic, exemption.location, topics)
    if exemption.tool:
        known = {name for agent in agents for name in tool_names(agent)}
        yield from unknown_name("tool", exemption.tool, exemption.location, known)


def tool_names(agent: AgentModel) -> Iterator[str]:
    """Names of an agent's tools and actions."""
    for topic in agent.topics:
        yield from (each.name for each in topic.tools)
        yield from (each.name for each in topic.actions)
    yield from (each.name for each in agent.everywhere)
    yield from (each.name for each in agent.everywhere_actions)


def unknown_name(noun: str, name: str, place: Location, known: Iterable[str]) -> Iterator[Finding]:
    """A finding if a name is not a known one."""
    known = sorted(known)
    if name not in known:
        fix = f"Correct the name.{suggestion(name, known)}"
        yield error("policy/unknown-name", place, f"The project has no {noun} `{name}`.", fix)
