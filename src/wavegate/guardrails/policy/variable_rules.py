"""Rules about the variables that guards read: who may set them, whether anything does, what they start with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.expression import (
    AtReference,
    Binary,
    Call,
    Chosen,
    Expression,
    Group,
    Literal,
    Negative,
    Not,
    Ternary,
)
from wavegate.guardrails.model import AgentSource, BranchStep, Guard, SetStep, Tool, ToolKind, Topic, VariableKind
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.paths import every_step, walk
from wavegate.guardrails.policy.scoped import ScopedFindings
from wavegate.text import join_names

_EMPTY = (Literal(value=""), Literal(value=None))


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardUse:
    """A guard and what it protects. tool: None for a gate at a topic's entry."""

    guard: Guard
    topic: Topic | None
    tool: Tool | None


def subexpressions(expression: Expression) -> Iterator[Expression]:
    """An expression and all within it."""
    waiting = [expression]
    while waiting:
        each = waiting.pop()
        yield each
        match each:
            case Group(inner=inner):
                waiting.append(inner)
            case Not(operand=operand) | Negative(operand=operand):
                waiting.append(operand)
            case Binary(left=left, right=right):
                waiting += [right, left]
            case Ternary(test=test, then=then, otherwise=otherwise):
                waiting += [otherwise, then, test]
            case Call(arguments=arguments):
                waiting += reversed(arguments)


def variables_of(expression: Expression) -> frozenset[str]:
    """Names of the variables that an expression reads."""
    return frozenset(
        each.name
        for each in subexpressions(expression)
        if isinstance(each, AtReference) and each.space == "variables"
    )


def tool_guards(context: AgentContext) -> Iterator[GuardUse]:
    """The guards of tools, and the conditions of the gates at the entry of topics."""
    for topic in (*context.agent.topics, None):
        for tool in topic.tools if topic else context.agent.everywhere:
            if tool.guard:
                yield GuardUse(guard=tool.guard, topic=topic, tool=tool)


def model_set_variables(context: AgentContext) -> ScopedFindings:
    """Variables whose value guards compare and the model may choose."""
    compared: dict[str, list[GuardUse]] = {}
    for use in tool_guards(context):
        for name in variables_of(use.guard.condition) - _presence_only(use.guard.condition):
            compared.setdefault(name, []).append(use)
    for name, (topic, tool, place) in _model_writers(context).items():
        if uses := compared.get(name):
            guarded = tuple(dict.fromkeys(use.tool.name for use in uses if use.tool))
            message = (
                f"The model may set `{name}` to any value with `{tool}`, and it guards {join_names(guarded)}: "
                "what a customer says opens the guard."
            )
            fix = f"Set `{name}` from an action's output, or guard with a variable that only an action sets."
            scope = context.scope(topic, tool)
            report = scope.warning if any(_protects(context, use) for use in uses) else scope.notice
            yield report("guard/model-set-variable", place, message, fix)


def _protects(context: AgentContext, use: GuardUse) -> bool:
    """Whether a guard stands before a side effect: that of its tool, or one in the topic that it leads to."""
    if use.tool is None:
        return False
    names = {use.tool.target} if use.tool.kind is ToolKind.ACTION else set()
    leads = use.tool.target if use.tool.kind in (ToolKind.TRANSITION, ToolKind.DELEGATION) else ""
    return any(
        not context.effects(call.action).harmless
        for call in context.calls
        if (call.action.name in names and (use.topic is None or call.topic.name == use.topic.name))
        or (leads and call.topic.name == leads and not call.guarded)
    )


def _model_writers(context: AgentContext) -> Mapping[str, tuple[Topic | None, str, Location]]:
    """Variables that the model may fill in, with the first tool that lets it."""
    found: dict[str, tuple[Topic | None, str, Location]] = {}
    for topic in (*context.agent.topics, None):
        for tool in topic.tools if topic else context.agent.everywhere:
            chosen = [(each.name, each.location) for each in tool.bindings if isinstance(each.value, Chosen)]
            steps = [step for step, _ in walk(tool.then) if isinstance(step, SetStep)]
            filled = [(each.variable, each.location) for each in steps if isinstance(each.value, Chosen)]
            for name, place in [*(chosen if tool.kind is ToolKind.SET else ()), *filled]:
                found.setdefault(name, (topic, tool.name, place))
    return found


def _presence_only(condition: Expression) -> frozenset[str]:
    """Variables that a condition only compares with nothing: whether there is a value, whatever it is."""
    empty: set[str] = set()
    other: set[str] = set()
    for each in subexpressions(condition):
        if isinstance(each, Binary) and each.operator in ("==", "!=", "is", "is not"):
            (empty if each.left in _EMPTY or each.right in _EMPTY else other).update(variables_of(each))
    compared = empty | other
    return frozenset(empty - other) if compared == variables_of(condition) else frozenset()


def unset_variables(context: AgentContext) -> ScopedFindings:
    """Variables of guards that nothing sets, so that the guard never changes."""
    if context.agent.source is not AgentSource.SCRIPT:
        return
    written = _written(context)
    kinds = {each.name: each for each in context.agent.variables}
    seen = set()
    for use in tool_guards(context):
        for name in sorted(variables_of(use.guard.condition) & kinds.keys() - written):
            variable = kinds[name]
            if variable.kind is VariableKind.MUTABLE and not variable.external and name not in seen:
                seen.add(name)
                message = f"Nothing in the script sets `{name}`, so this guard always sees its first value."
                fix = f"Set `{name}` from an action's output, or delete the guard if it never has to change."
                scope = context.scope(use.topic, use.tool.name if use.tool else "")
                yield scope.warning("guard/unset-variable", use.guard.location, message, fix)


def _written(context: AgentContext) -> set[str]:
    """Variables that something sets, and those that a line which was not understood mentions."""
    agent = context.agent
    steps = {step.variable for _, step, _ in every_step(agent) if isinstance(step, SetStep)}
    tools = [tool for topic in agent.topics for tool in topic.tools] + list(agent.everywhere)
    bound = {each.name for tool in tools if tool.kind is ToolKind.SET for each in tool.bindings}
    unclear = " ".join(each.text for each in agent.unknown)
    return steps | bound | {each.name for each in agent.variables if each.name in unclear}


def undeclared_variables(context: AgentContext) -> ScopedFindings:
    """Variables of conditions that the script does not declare."""
    if context.agent.source is not AgentSource.SCRIPT:
        return
    declared = {each.name for each in context.agent.variables}
    seen = set()
    for topic, tool, guard in _conditions(context):
        for name in sorted(variables_of(guard.condition) - declared):
            if name not in seen:
                seen.add(name)
                message = f"The script does not declare variable `{name}`, which this condition reads."
                fix = f"Declare it under `variables:`, or correct the name.{_suggested(name, declared)}"
                yield context.scope(topic, tool).error("guard/undeclared-variable", guard.location, message, fix)


def _suggested(name: str, declared: set[str]) -> str:
    from wavegate.findings.suggestions import suggestion

    return suggestion(name, declared)


def _conditions(context: AgentContext) -> Iterator[tuple[Topic | None, str, Guard]]:
    for use in tool_guards(context):
        yield use.topic, use.tool.name if use.tool else "", use.guard
    for topic, step, _ in every_step(context.agent):
        if isinstance(step, BranchStep):
            yield topic, "", step.guard


def empty_without_default(context: AgentContext) -> ScopedFindings:
    """Guards that a variable without a value passes: `!= ""` holds for None."""
    if context.agent.source is not AgentSource.SCRIPT:
        return
    no_default = {
        each.name
        for each in context.agent.variables
        if each.default is None and each.kind is VariableKind.MUTABLE and each.type.casefold() in ("string", "id")
    }
    for use in tool_guards(context):
        for name in sorted(_not_empty(use.guard.condition) & no_default):
            message = (
                f'`{name}` has no default, so it starts without a value, and `!= ""` holds for it: '
                "the guard is open from the start."
            )
            fix = f'Declare `{name}: mutable string = ""`.'
            scope = context.scope(use.topic, use.tool.name if use.tool else "")
            yield scope.warning("guard/no-default", use.guard.location, message, fix)


def _not_empty(condition: Expression) -> frozenset[str]:
    """Variables of `V != ""`, without those that the condition also compares with None or reads alone."""
    unequal: set[str] = set()
    other: set[str] = set()
    for each in subexpressions(condition):
        if not isinstance(each, Binary) or each.operator in ("and", "or"):
            continue
        is_unequal = each.operator == "!=" and Literal(value="") in (each.left, each.right)
        (unequal if is_unequal else other).update(variables_of(each))
    return frozenset(unequal - other - _alone(condition))


def _alone(condition: Expression) -> frozenset[str]:
    """Variables whose truth the condition reads as such: `@variables.v and …`."""
    match condition:
        case AtReference(space="variables", name=name):
            return frozenset({name})
        case Group(inner=inner):
            return _alone(inner)
        case Not(operand=operand):
            return _alone(operand)
        case Binary(operator="and" | "or", left=left, right=right):
            return _alone(left) | _alone(right)
    return frozenset()
