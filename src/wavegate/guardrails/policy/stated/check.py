"""The team's properties, checked: by the agent's structure where that is exact, else by the model checker."""

from collections.abc import Callable, Iterable, Iterator

from wavegate.findings.finding import Finding, Severity
from wavegate.guardrails.model import AgentSource
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.scoped import RuleScope, ScopedFinding
from wavegate.guardrails.policy.stated.aliases import other_names
from wavegate.guardrails.policy.stated.read import StatedProperty, named_things
from wavegate.guardrails.policy.stated.structure import PropertyBreach, StaticProperty, breaches
from wavegate.guardrails.properties import AlwaysConfirm, OnlyFrom, Reachable, SetOnlyBy
from wavegate.guardrails.prove.checker import prove
from wavegate.guardrails.prove.proof import Bounds, Proof, ProofVerdict
from wavegate.text import clip

NewBounds = Callable[[], Bounds]
"""Makes the bounds of one proof; its time starts then."""

_NEW_LINE = "\n"
_MAX_STEPS = 12
"""Steps of a conversation that a message shows."""


def property_findings(
    properties: Iterable[StatedProperty], contexts: Iterable[AgentContext], bounds: NewBounds
) -> Iterator[ScopedFinding]:
    """What is wrong with each property for each agent that it is about."""
    by_name = {each.name: each for each in contexts}
    properties = tuple(properties)
    named = {getattr(stated.property, "action", "") for stated in properties}
    for stated in properties:
        for agent in stated.agents:
            yield from other_names(stated, by_name[agent], named)
            yield from _of_agent(stated, by_name[agent], bounds)


def _of_agent(stated: StatedProperty, context: AgentContext, bounds: NewBounds) -> Iterator[ScopedFinding]:
    property_ = stated.property
    if reason := _not_understood(stated, context):
        yield _unknown(stated, context, reason)
    elif isinstance(property_, AlwaysConfirm | OnlyFrom | SetOnlyBy):
        yield from _static(stated, property_, context)
    else:
        yield from _proved(stated, context, prove(context.reading, property_, bounds()))


def _proved(stated: StatedProperty, context: AgentContext, proof: Proof) -> Iterator[ScopedFinding]:
    match proof.verdict:
        case ProofVerdict.REFUTED:
            yield _violated(stated, context, _breach(stated, context, proof))
        case ProofVerdict.VACUOUS:
            yield _vacuous(stated, context)
        case ProofVerdict.UNKNOWN:
            yield _unknown(stated, context, proof.reason.rstrip("."))
        case ProofVerdict.PROVED:
            refuted = [each for each in proof.companions if each.verdict is ProofVerdict.REFUTED]
            yield from (_unsupported(stated, context, each) for each in refuted)


def _breach(stated: StatedProperty, context: AgentContext, proof: Proof) -> PropertyBreach:
    places = [each.location for each in proof.conversation if each.location]
    steps = [each.text.rstrip(".") for each in proof.conversation[-_MAX_STEPS:]]
    shown = f" The shortest conversation: {'; '.join(steps)}." if steps else ""
    reachable = isinstance(stated.property, Reachable)
    written = f" As it is written, it is {proof.written}: the compiler loses a part." if proof.losses else ""
    return PropertyBreach(
        location=places[-1] if places else context.agent.location,
        message=f"{proof.reason}{shown}{written}",
        fix=f"{'Add a way there' if reachable else 'Add a guard on the way'}, or correct the property.",
    )


def _unsupported(stated: StatedProperty, context: AgentContext, companion: Proof) -> ScopedFinding:
    places = [each.location for each in companion.conversation if each.location]
    message = (
        f"`{clip(stated.line.text, 200)}` holds of `{context.name}`, but is worth little: {companion.reason} "
        f"`{companion.property}` does not hold."
    )
    fix = "State that property too, and remove what else sets the variable."
    scope = RuleScope(agent=context.name)
    return scope.warning("property/unsupported", places[-1] if places else stated.line.location, message, fix)


def _static(stated: StatedProperty, property_: StaticProperty, context: AgentContext) -> Iterator[ScopedFinding]:
    found = breaches(property_, context)
    if found is None:
        yield _vacuous(stated, context)
        return
    for each in found:
        yield _violated(stated, context, each)


def _not_understood(stated: StatedProperty, context: AgentContext) -> str:
    """Why a property cannot be decided for an agent at all; '' if it can."""
    if context.agent.source is AgentSource.OPAQUE:
        return "its metadata is not modelled"
    names = named_things(stated.property)
    words = names.actions | names.variables | names.topics
    unclear = next(
        (each for each in context.agent.unknown if each.cut or any(word in each.text for word in words)), None
    )
    return f"`{clip(unclear.text.strip().partition(_NEW_LINE)[0], 80)}` was not understood" if unclear else ""


def _violated(stated: StatedProperty, context: AgentContext, breach: PropertyBreach) -> ScopedFinding:
    """The finding of a property that does not hold."""
    because = f" The policy says: {stated.line.reason}" if stated.line.reason else ""
    message = f"`{clip(stated.line.text, 200)}` does not hold of `{context.name}`: {breach.message}{because}"
    finding = Finding(
        rule="property/violated",
        severity=stated.line.severity,
        location=breach.location,
        message=message,
        fix=breach.fix,
    )
    return ScopedFinding(finding=finding, agent=context.name, topic=breach.topic, tool=breach.tool)


def _vacuous(stated: StatedProperty, context: AgentContext) -> ScopedFinding:
    """The finding of a property about something that no conversation reaches."""
    message = f"`{clip(stated.line.text, 200)}` holds of `{context.name}` only because no conversation gets there."
    fix = "Correct the names, or delete the property."
    return RuleScope(agent=context.name).warning("property/vacuous", stated.line.location, message, fix)


def _unknown(stated: StatedProperty, context: AgentContext, reason: str) -> ScopedFinding:
    message = f"Whether `{clip(stated.line.text, 200)}` holds of `{context.name}` is unknown: {reason}."
    fix = "Correct what was not understood, or make the property about less."
    finding = Finding(
        rule="property/unknown", severity=Severity.WARNING, location=stated.line.location, message=message, fix=fix
    )
    return ScopedFinding(finding=finding, agent=context.name)
