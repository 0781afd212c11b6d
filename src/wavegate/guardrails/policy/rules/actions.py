"""Rules about the actions that the model can have executed: side effects, inputs, targets."""

import re
from collections.abc import Iterator

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.expression import AtReference, Chosen
from wavegate.guardrails.model import AgentSource, Binding, SetStep, Tool, ToolKind, VariableKind
from wavegate.guardrails.policy.context import AgentContext, ModelCall
from wavegate.guardrails.policy.effects import hands_over
from wavegate.guardrails.policy.paths import every_step, walk
from wavegate.guardrails.policy.scoped import ScopedFinding, ScopedFindings
from wavegate.text import join_names, pluralize

_IDENTITY = re.compile(
    r"(?:verified|authenticated|current|my)?_?(?:contact|customer|account|user|member|patient|employee|caller|person"
    r"|cardholder|guest|student|tenant|policyholder|passenger)s?_?(?:id|number|no|nr|key|ref|record_?id)?"
)
"""The name of an input that says on whose behalf an action is called."""
_IDENTITY_ENDINGS = ("id", "number", "no", "nr", "key", "ref")


def unprotected_actions(context: AgentContext) -> ScopedFindings:
    """Actions with a side effect that the model can have executed, without a guard or a confirmation on the way."""
    found: dict[tuple[Location, str], list[ModelCall]] = {}
    for call in unprotected_calls(context):
        is_meant = hands_over(call.action) or _opens_guards(context, call.tool)
        if context.effects(call.action).changes and not is_meant:
            found.setdefault((call.tool.location, call.action.name), []).append(call)
    for (place, name), calls in found.items():
        topics = f"topic{'s' if len(calls) > 1 else ''} {join_names([call.topic.name for call in calls])}"
        tool = calls[0].tool
        chained = "" if tool.target == name else f", chained to tool `{tool.name}`,"
        message = (
            f"`{name}` in {topics}{chained} {context.effects(calls[0].action).shown}, and has neither a guard nor a "
            "confirmation: the model may call it at any time."
        )
        yield context.scope(calls[0].topic, name).warning("action/unprotected", place, message, _protection(context))


def _opens_guards(context: AgentContext, tool: Tool) -> bool:
    """Whether what a tool's action returns opens guards: a check of who is speaking comes before any guard."""
    sets = {step.variable for step, _ in walk(tool.then) if isinstance(step, SetStep)}
    return not context.guard_variables.isdisjoint(sets)


def _protection(context: AgentContext) -> str:
    if context.agent.source is AgentSource.SCRIPT:
        return "Add `available when` to the tool, or `require_user_confirmation: True` to the action."
    return "Ask for a confirmation in the action, or assign a rule expression to it."


def unknown_effects(context: AgentContext) -> ScopedFindings:
    """One notice for the unprotected actions of which nothing says what they do."""
    calls = [call for call in unprotected_calls(context) if context.effects(call.action).unclear]
    names = tuple(dict.fromkeys(call.action.name for call in calls))
    if calls:
        message = (
            f"Nothing in the project says what {pluralize(len(names), 'action')} without a guard or a confirmation "
            f"may do: {join_names(names)}."
        )
        fix = "Keep the flow or class that it calls in the project, or add a guard."
        yield context.scope(calls[0].topic).notice("action/unknown-effect", calls[0].tool.location, message, fix)


def unprotected_calls(context: AgentContext) -> Iterator[ModelCall]:
    """Each action once for each topic in which a conversation can get to it although nothing was ever checked."""
    seen = set()
    for call in context.calls:
        key = (call.topic.name, call.action.name)
        is_open = call.topic.name in context.paths.unguarded and not call.guarded and not call.action.confirmed
        if is_open and key not in seen:
            seen.add(key)
            yield call


def bypassed_entries(context: AgentContext) -> ScopedFindings:
    """Ways without a guard into a topic with side effects that has a guard on another way."""
    if not context.agent.start:
        return  # every topic may be entered first, whatever the ways between them
    harmful = {
        call.topic.name: call
        for call in reversed(context.calls)
        if not call.guarded and not call.action.confirmed and context.effects(call.action).changes
    }
    reachable = {each.name for each in context.paths.reachable}
    for name, call in harmful.items():
        entries = [
            each
            for each in context.paths.entries
            if each.target == name and each.source in reachable and each.source != name
        ]
        guarded = [each.source for each in entries if each.tool and context.paths.binding((each.tool.guard,))]
        for entry in entries if guarded and name in context.paths.unguarded else ():
            if entry.tool and not entry.guards and entry.source in context.paths.unguarded:
                yield _bypassed(context, call, entry.source, entry.tool, guarded[0])


def _bypassed(context: AgentContext, call: ModelCall, source: str, tool: Tool, guarded: str) -> ScopedFinding:
    message = (
        f"Topic `{call.topic.name}`, where the model may call `{call.action.name}`, is entered from `{source}` "
        f"without a condition, but from `{guarded}` only with one."
    )
    fix = "Add the same `available when` here, or a guard to the tools of the topic."
    scope = context.scope(context.paths.topics.get(source), tool.name)
    return scope.warning("topic/unguarded-entry", tool.location, message, fix)


def unpinned_identities(context: AgentContext) -> ScopedFindings:
    """Inputs that say on whose behalf an action is called, left to the model although a variable holds the value."""
    known = _known_identities(context)
    for call in context.calls:
        if call.tool.kind is not ToolKind.ACTION or call.tool.target != call.action.name:
            continue
        sets = {_folded(step.variable) for step, _ in walk(call.tool.then) if isinstance(step, SetStep)}
        for binding in _left_to_model(call):
            folded = _folded(binding.name)
            if not is_identity(binding.name) or folded not in known or folded in sets:
                continue
            message = (
                f"The model chooses `{binding.name}` of `{call.action.name}`, so the user can name somebody "
                f"else's; variable `{known[folded]}` holds the value, assumed by its name."
            )
            fix = _how_to_bind(context, binding.name, known[folded])
            scope = context.scope(call.topic, call.tool.name)
            yield scope.warning("input/identity-left-to-model", binding.location, message, fix)


def _how_to_bind(context: AgentContext, name: str, variable: str) -> str:
    if context.agent.source is AgentSource.SCRIPT:
        return f"Write `with {name}=@variables.{variable}`."
    return f"Map the input to the variable `{variable}` with `attributeMappings` in the planner bundle."


def is_identity(name: str) -> bool:
    """Whether an input's name says that it identifies a person or account."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).casefold().rpartition(":")[2]
    return _IDENTITY.fullmatch(plain) is not None and plain.endswith(_IDENTITY_ENDINGS)


def _left_to_model(call: ModelCall) -> Iterator[Binding]:
    """What the model fills in: `...`, and required inputs that nothing binds."""
    bound = {each.name for each in call.tool.bindings}
    yield from (each for each in call.tool.bindings if isinstance(each.value, Chosen))
    for each in call.action.inputs:
        if each.required and each.default is None and each.name not in bound:
            yield Binding(name=each.name, value=Chosen(), location=call.tool.location)


def _known_identities(context: AgentContext) -> dict[str, str]:
    """Variables, by folded name, whose value comes from the session or from an action's output."""
    written = {
        step.variable
        for _, step, _ in every_step(context.agent)
        if isinstance(step, SetStep) and isinstance(step.value, AtReference) and step.value.space == "outputs"
    }
    return {
        _folded(each.name): each.name
        for each in context.agent.variables
        if each.kind is VariableKind.LINKED or each.name in written
    }


def _folded(name: str) -> str:
    return re.sub(r"^(?:verified|authenticated|current)|_", "", name.casefold().rpartition(":")[2])


def placeholder_targets(context: AgentContext) -> ScopedFindings:
    """Actions that the model can have executed and that call nothing real."""
    seen = set()
    for call in context.calls:
        action = call.action
        is_stub = action.target.partition("://")[0].casefold() == "placeholder"
        if (is_stub or not action.target) and action.location not in seen:
            seen.add(action.location)
            what = "calls a placeholder" if is_stub else "has no target"
            message = f"`{action.name}` {what}, but the model can choose it in topic `{call.topic.name}`."
            fix = "Set `target` to the flow, class or prompt template that it calls."
            if action.name not in context.actions(call.topic):
                message = f"Topic `{call.topic.name}` does not define `{action.name}`, but the model can choose it."
                fix = "Define it under the topic's `actions`, with its `target`."
            scope = context.scope(call.topic, action.name)
            yield scope.warning("action/placeholder-target", action.location, message, fix)
