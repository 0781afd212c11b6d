"""The properties of a policy, read, and the agents that each is about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wavegate.findings.finding import Finding, error
from wavegate.guardrails.conditions.domains import references
from wavegate.guardrails.metadata.planned import NO_AGENT
from wavegate.guardrails.model import AgentModel, AgentSource, Guardrails
from wavegate.guardrails.policy.names import tool_names, unknown_name
from wavegate.guardrails.properties import (
    AtMost,
    NeverBefore,
    NeverBeforeValue,
    NeverUnless,
    OnlyFrom,
    Property,
    Reachable,
    SetOnlyBy,
    UnreadableProperty,
    parse_property,
)
from wavegate.release.policy.values import GuardrailPolicy, PropertyLine


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedThings:
    """The names in a property, by what they must be. sources: an action, a tool or a topic."""

    actions: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedProperty:
    """A property, the line that states it, and the agents that have what it names."""

    line: PropertyLine
    property: Property
    agents: tuple[str, ...]


def read_stated(
    policy: GuardrailPolicy, guardrails: Guardrails, texts: Mapping[str, str]
) -> tuple[tuple[StatedProperty, ...], tuple[Finding, ...]]:
    """The properties with their agents, and what is wrong with the others. texts: see `read_properties`."""
    found: list[StatedProperty] = []
    problems: list[Finding] = []
    for each in read_properties(policy, texts):
        result = (each,) if isinstance(each, Finding) else stated(*each, guardrails)
        if isinstance(result, StatedProperty):
            found.append(result)
        else:
            problems += result
    return tuple(found), tuple(problems)


def read_properties(
    policy: GuardrailPolicy, texts: Mapping[str, str]
) -> Iterator[tuple[PropertyLine, Property] | Finding]:
    """Each property with its line, or the finding that says why it is not one.

    texts: of the policy's file, by path, for the place of a mistake within the line.
    """
    for line in policy.properties:
        found = parse_property(line.text)
        if isinstance(found, UnreadableProperty):
            place = line.location._replace(column=line.location.column + _offset(line, found, texts))
            yield error("property/unreadable", place, found.message, found.fix)
        else:
            yield line, found


def _offset(line: PropertyLine, found: UnreadableProperty, texts: Mapping[str, str]) -> int:
    """Characters from the start of the value to the mistake; 0 if the value is not written as it is read."""
    lines = texts.get(line.location.file, "").splitlines()
    written = lines[line.location.line - 1][line.location.column - 1 :] if line.location.line <= len(lines) else ""
    quote = written[:1] in ('"', "'")
    return found.column - 1 + quote if written[quote:].startswith(line.text) else 0


_FIX = "Keep the agents' scripts or planner bundles in the project, or delete the property."


def named_things(property_: Property) -> NamedThings:
    """The names in a property."""
    match property_:
        case NeverUnless(action=action, condition=condition) | NeverBeforeValue(action=action, condition=condition):
            names = (each.name for each in references(condition).values() if each.space == "variables")
            return NamedThings(actions=frozenset({action}), variables=frozenset(names))
        case NeverBefore(action=action, other=other):
            return NamedThings(actions=frozenset({action, other}))
        case OnlyFrom(action=action, topics=topics):
            return NamedThings(actions=frozenset({action}), topics=frozenset(topics))
        case Reachable(target=target, topics=topics):
            return NamedThings(topics=frozenset(filter(None, (target, *topics))))
        case SetOnlyBy(variable=variable, sources=sources):
            return NamedThings(variables=frozenset({variable}), sources=frozenset(sources))
        case AtMost(action=action):
            return NamedThings(actions=frozenset({action}))
    return NamedThings(actions=frozenset({property_.action}))


def _subject(property_: Property) -> NamedThings:
    """What an agent must have so that a property is about it."""
    match property_:
        case Reachable():
            return named_things(property_)
        case SetOnlyBy(variable=variable):
            return NamedThings(variables=frozenset({variable}))
    return NamedThings(actions=frozenset({property_.action}))


def stated(line: PropertyLine, property_: Property, guardrails: Guardrails) -> StatedProperty | tuple[Finding, ...]:
    """The property with its agents; the findings on names that none of them has."""
    # no conversation is with what no agent uses
    others = (NO_AGENT,) if isinstance(property_, Reachable) else ()
    known_agents = {name: each.emitted for name, each in guardrails.agents.items() if name not in others}
    models = {name: each for name, each in known_agents.items() if line.agent in ("", name)}
    names = named_things(property_)
    opaque = [name for name, each in models.items() if each.source is AgentSource.OPAQUE]
    agents = [name for name, each in models.items() if name not in opaque and not any(_missing(names, each))]
    if agents:  # the names are right: it is about every agent with its subject, whatever else that agent lacks
        subject = _subject(property_)
        agents = [name for name, each in models.items() if name not in opaque and not any(_missing(subject, each))]
    if not known_agents:
        return (
            error("policy/unknown-name", line.location, "The project has no agent that this could be about.", _FIX),
        )
    if agents or opaque or not models:
        return StatedProperty(line=line, property=property_, agents=(*agents, *opaque))
    # the agent that lacks the least is the one that is probably meant
    missing = min((list(_missing(names, each)) for each in models.values()), key=len, default=[])
    return tuple(
        finding for noun, name, known in missing for finding in unknown_name(noun, name, line.location, known)
    )


def _missing(names: NamedThings, agent: AgentModel) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Noun, name and known names of each name that an agent does not have."""
    topics = frozenset(each.name for each in agent.topics)
    tools = frozenset(tool_names(agent))
    kinds = (
        ("action", names.actions, tools),
        ("topic", names.topics, topics),
        ("variable", names.variables, frozenset(each.name for each in agent.variables)),
        ("action, tool or topic", names.sources, tools | topics),
    )
    for noun, wanted, known in kinds:
        yield from ((noun, name, known) for name in sorted(wanted - known))
