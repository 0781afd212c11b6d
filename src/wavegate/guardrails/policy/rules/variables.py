"""Rules about the variables that guards read: who may set them, whether anything does, what they start with."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wavegate.findings.finding import Location
from wavegate.findings.suggestions import suggestion
from wavegate.guardrails.conditions.domains import references
from wavegate.guardrails.conditions.expression import (
    AtReference,
    Binary,
    Chosen,
    Expression,
    Group,
    Literal,
    Not,
)
from wavegate.guardrails.model import AgentSource, BranchStep, Guard, SetStep, Tool, ToolKind, Topic, VariableKind
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.paths import every_step, walk
from wavegate.guardrails.policy.scoped import ScopedFinding, ScopedFindings
from wavegate.text import join_names

_NO_TEXT = Literal(value="")
_EMPTY = frozenset({_NO_TEXT, Literal(value=None)})


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardUse:
    """A tool's guard. topic: None for a tool of the whole agent."""

    guard: Guard
    topic: Topic | None
    tool: Tool


def variables_of(expression: Expression) -> frozenset[str]:
    """Names of the variables that an expression reads."""
    return frozenset(each.name for each in references(expression).values() if each.space == "variables")


def tool_guards(context: AgentContext) -> Iterator[GuardUse]:
    """The guards of the tools."""
    for topic in (*context.agent.topics, None):
        for tool in topic.tools if topic else context.agent.everywhere:
            if tool.guard:
                yield GuardUse(guard=tool.guard, topic=topic, tool=tool)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelWriter:
    """A tool with which the model may set a variable: to any value, or to True whenever it likes."""

    variable: str
    topic: Topic | None
    tool: str
    any_value: bool
    location: Location


def model_set_variables(context: AgentContext) -> ScopedFindings:
    """Variables whose value guards compare and the model may choose."""
    compared: dict[str, list[GuardUse]] = {}
    kinds = {each.name: each.type for each in context.agent.variables}
    for use in tool_guards(context):
        for name in variables_of(use.guard.condition) - _presence_only(use.guard.condition, kinds):
            compared.setdefault(name, []).append(use)
    seen = set()
    for writer in _model_writers(context):
        uses = compared.get(writer.variable)
        if uses and writer.variable not in seen:
            protects = any(_protects(context, use) for use in uses)
            if protects or writer.any_value:
                seen.add(writer.variable)
                yield _model_set(context, writer, uses, protects=protects)


def _model_set(
    context: AgentContext, writer: ModelWriter, uses: Iterable[GuardUse], *, protects: bool
) -> ScopedFinding:
    guarded = join_names(tuple(dict.fromkeys(use.tool.name for use in uses)))
    how = "to any value" if writer.any_value else "to True whenever it likes"
    message = (
        f"The model may set `{writer.variable}` {how} with `{writer.tool}`, and it guards {guarded}: "
        "what a customer says opens the guard."
    )
    fix = f"Set `{writer.variable}` from an action's output, or guard with a variable that only an action sets."
    scope = context.scope(writer.topic, writer.tool)
    return (scope.warning if protects else scope.notice)("guard/model-set-variable", writer.location, message, fix)


def _protects(context: AgentContext, use: GuardUse) -> bool:
    """Whether a guard stands before a side effect: that of its tool, or one in the topic that it leads to."""
    names = {use.tool.target} if use.tool.kind is ToolKind.ACTION else set()
    leads = use.tool.target if use.tool.kind in (ToolKind.TRANSITION, ToolKind.DELEGATION) else ""
    return any(
        (context.effects(call.action).changes or context.effects(call.action).unclear)
        for call in context.calls
        if (call.action.name in names and (use.topic is None or call.topic.name == use.topic.name))
        or (leads and call.topic.name == leads and not call.guarded)
    )


def _model_writers(context: AgentContext) -> Iterator[ModelWriter]:
    """The tools with which the model may set a variable. A guard on a tool that sets True is trusted."""
    for topic in (*context.agent.topics, None):
        for tool in topic.tools if topic else context.agent.everywhere:
            for name, value, place in _written_by(tool):
                any_value = isinstance(value, Chosen)
                if any_value or (value == Literal(value=True) and tool.kind is ToolKind.SET and not tool.guard):
                    yield ModelWriter(variable=name, topic=topic, tool=tool.name, any_value=any_value, location=place)


def _written_by(tool: Tool) -> Iterator[tuple[str, Expression, Location]]:
    """Variable, value and place of what a tool sets."""
    if tool.kind is ToolKind.SET:
        yield from ((each.name, each.value, each.location) for each in tool.bindings)
    for step, _ in walk(tool.then):
        if isinstance(step, SetStep):
            yield step.variable, step.value, step.location


def _presence_only(condition: Expression, kinds: Mapping[str, str]) -> frozenset[str]:
    """Variables that a condition only asks for a value, whatever it is. kinds: types of the variables."""
    empty: set[str] = set()
    other: set[str] = set()
    for each in comparisons(condition):
        asks = isinstance(each, AtReference) and kinds.get(each.name, "boolean") != "boolean"
        (empty if asks or _compares_with_nothing(each) else other).update(variables_of(each))
    return frozenset(empty - other)


def _compares_with_nothing(expression: Expression) -> bool:
    return (
        isinstance(expression, Binary)
        and expression.operator in ("==", "!=", "is", "is not")
        and not {expression.left, expression.right}.isdisjoint(_EMPTY)
    )


def unset_variables(context: AgentContext) -> ScopedFindings:
    """Comparisons in guards whose variables nothing sets, so that they never change."""
    if context.agent.source is not AgentSource.SCRIPT:
        return
    settable = _written(context)
    fixed = {
        each.name
        for each in context.agent.variables
        if each.kind is VariableKind.MUTABLE and not each.external and each.name not in settable
    }
    seen: set[frozenset[str]] = set()
    for use in tool_guards(context):
        for names in map(variables_of, comparisons(use.guard.condition)):
            if names and names <= fixed and names not in seen:
                seen.add(names)
                shown = join_names(sorted(names))
                message = f"Nothing in the script sets {shown}, so this guard always sees its initial value."
                fix = f"Set {shown} from an action's output, or delete the condition if it never has to change."
                scope = context.scope(use.topic, use.tool.name)
                yield scope.warning("guard/unset-variable", use.guard.location, message, fix)


def comparisons(condition: Expression) -> Iterator[Expression]:
    """The parts of a condition that `and`, `or` and `not` join."""
    waiting = [condition]
    while waiting:
        match waiting.pop():
            case Group(inner=inner) | Not(operand=inner):
                waiting.append(inner)
            case Binary(operator="and" | "or", left=left, right=right):
                waiting += [right, left]
            case other:
                yield other


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
                fix = f"Declare it under `variables:`, or correct the name.{suggestion(name, declared)}"
                yield context.scope(topic, tool).error("guard/undeclared-variable", guard.location, message, fix)


def _conditions(context: AgentContext) -> Iterator[tuple[Topic | None, str, Guard]]:
    for use in tool_guards(context):
        yield use.topic, use.tool.name, use.guard
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
            scope = context.scope(use.topic, use.tool.name)
            yield scope.warning("guard/no-default", use.guard.location, message, fix)


def _not_empty(condition: Expression) -> frozenset[str]:
    """Variables of `V != ""`, without those that the condition also asks something else about."""
    unequal: set[str] = set()
    other: set[str] = set()
    for each in comparisons(condition):
        is_unequal = isinstance(each, Binary) and each.operator == "!=" and _NO_TEXT in (each.left, each.right)
        (unequal if is_unequal else other).update(variables_of(each))
    return frozenset(unequal - other)
