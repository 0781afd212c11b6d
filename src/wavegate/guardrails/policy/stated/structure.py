"""The properties that the agent's structure alone decides: who confirms, who calls, who sets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.expression import Chosen, Expression
from wavegate.guardrails.model import (
    Action,
    BranchStep,
    RunStep,
    SetStep,
    Statement,
    Tool,
    ToolKind,
    Topic,
    VariableKind,
)
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.paths import walk
from wavegate.guardrails.properties import AlwaysConfirm, OnlyFrom, SetOnlyBy
from wavegate.guardrails.prove.meanings import NameMeanings
from wavegate.text import join_names

StaticProperty = AlwaysConfirm | OnlyFrom | SetOnlyBy


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyBreach:
    """Where a property does not hold, and what to do. topic, tool: '' outside of one."""

    location: Location
    message: str
    fix: str
    topic: str = ""
    tool: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Execution:
    """A place that has an action executed. tool: None if it is a step of the topic."""

    topic: Topic
    tool: Tool | None
    action: Action
    location: Location

    @property
    def chosen(self) -> bool:
        """Whether the model calls the action itself."""
        return self.tool is not None and self.tool.target == self.action.name and self.location == self.tool.location


def breaches(property_: StaticProperty, context: AgentContext) -> tuple[PropertyBreach, ...] | None:
    """Where the property does not hold of an agent; None if no conversation reaches what it is about."""
    match property_:
        case AlwaysConfirm(action=name):
            executions = list(_executions(context, name))
            return tuple(_unconfirmed(executions)) if executions else None
        case OnlyFrom(action=name, topics=topics):
            executions = list(_executions(context, name))
            return tuple(_elsewhere(executions, topics)) if executions else None
        case SetOnlyBy(variable=variable, sources=sources):
            writers = [*_caller(context, variable), *_writers(context, variable, NameMeanings(context.agent))]
            return tuple(_not_allowed(writers, variable, sources)) if writers else None


def _executions(context: AgentContext, name: str) -> Iterator[_Execution]:
    """Where an action is executed in a reachable topic. name: of the action, or of a tool that calls it."""
    meanings = NameMeanings(context.agent)
    for topic in context.paths.reachable:
        actions = context.actions(topic)
        for tool in context.paths.tools(topic):
            if tool.kind is ToolKind.ACTION and name in meanings.of_tool(tool) and tool.target:
                action = context.called(actions, tool.target, tool.location)
                yield from _execution(topic, tool, action, tool.location)
            yield from _runs(context, topic, tool, tool.then, name)
        yield from _runs(context, topic, None, (*topic.before, *topic.during, *topic.after), name)


def _execution(topic: Topic, tool: Tool | None, action: Action | None, location: Location) -> Iterator[_Execution]:
    if action:
        yield _Execution(topic=topic, tool=tool, action=action, location=location)


def _runs(
    context: AgentContext, topic: Topic, tool: Tool | None, steps: Iterable[Statement], name: str
) -> Iterator[_Execution]:
    for step, _ in walk(steps):
        if isinstance(step, RunStep) and step.action == name:
            action = context.called(context.actions(topic), name, step.location)
            yield from _execution(topic, tool, action, step.location)


def _unconfirmed(executions: Iterable[_Execution]) -> Iterator[PropertyBreach]:
    seen = set()
    for each in executions:
        name, topic = each.action.name, each.topic.name
        if not each.action.confirmed and each.action.location not in seen:
            seen.add(each.action.location)
            message = f"`{name}` of topic `{topic}` is not confirmed by the user."
            fix = "Add `require_user_confirmation: True` to the action."
            yield PropertyBreach(location=each.action.location, message=message, fix=fix, topic=topic, tool=name)
        elif each.action.confirmed and not each.chosen:
            message = f"`{name}` is run here without the model's choice: whether the user is asked is unknown."
            fix = "Let the model call it as a tool of its own."
            yield PropertyBreach(location=each.location, message=message, fix=fix, topic=topic, tool=name)


def _elsewhere(executions: Iterable[_Execution], topics: tuple[str, ...]) -> Iterator[PropertyBreach]:
    for each in executions:
        if each.topic.name not in topics:
            message = f"Topic `{each.topic.name}` has `{each.action.name}` executed, too."
            fix = f"Remove it here: only {join_names(topics)} may."
            yield PropertyBreach(
                location=each.location, message=message, fix=fix, topic=each.topic.name, tool=each.action.name
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Writer:
    """What sets a variable. names: by which a property may allow it. chosen: the model fills the value in."""

    location: Location
    names: tuple[str, ...]
    shown: str
    chosen: bool
    topic: str = ""
    tool: str = ""


def _not_allowed(writers: Iterable[_Writer], variable: str, sources: tuple[str, ...]) -> Iterator[PropertyBreach]:
    for each in writers:
        if each.chosen or not set(each.names) & set(sources):
            how = "lets the model set" if each.chosen else "sets"
            message = f"{each.shown} {how} `{variable}`, too."
            fix = f"Remove it: only {join_names(sources)} may set the variable."
            yield PropertyBreach(location=each.location, message=message, fix=fix, topic=each.topic, tool=each.tool)


def _caller(context: AgentContext, name: str) -> Iterator[_Writer]:
    """The caller, if the variable is one that it may set."""
    for each in context.agent.variables:
        if each.name == name and (each.external or each.kind is VariableKind.LINKED):
            shown = (
                "The caller" if each.external else f"The session ({each.source})" if each.source else "The session"
            )
            yield _Writer(location=each.location, names=(), shown=shown, chosen=False)


def _writers(context: AgentContext, name: str, meanings: NameMeanings) -> Iterator[_Writer]:
    for topic in context.paths.reachable:
        for tool in context.paths.tools(topic):
            bindings = tool.bindings if tool.kind is ToolKind.SET else ()
            for binding in (each for each in bindings if each.name == name):
                yield _writer(meanings, binding.location, binding.value, topic, tool, "")
            owner = tool.target if tool.kind is ToolKind.ACTION else ""
            for step, action in _sets(tool.then, name, owner):
                yield _writer(meanings, step.location, step.value, topic, tool, action)
        for step, action in _sets((*topic.before, *topic.during, *topic.after), name, ""):
            yield _writer(meanings, step.location, step.value, topic, None, action)


def _writer(
    meanings: NameMeanings, location: Location, value: Expression, topic: Topic, tool: Tool | None, action: str
) -> _Writer:
    names = (*meanings.of_topic(topic.name), *(meanings.of_tool(tool) if tool else ()), *([action] if action else []))
    shown = f"`{action}`" if action else f"Tool `{tool.name}`" if tool else f"Topic `{topic.name}`"
    return _Writer(
        location=location,
        names=names,
        shown=shown,
        chosen=isinstance(value, Chosen),
        topic=topic.name,
        tool=tool.name if tool else "",
    )


def _sets(steps: Iterable[Statement], name: str, action: str) -> Iterator[tuple[SetStep, str]]:
    """The steps that set a variable, with the action whose call they follow."""
    waiting = [(each, action) for each in steps]
    while waiting:
        step, owner = waiting.pop(0)
        match step:
            case SetStep(variable=variable) if variable == name:
                yield step, owner
            case BranchStep(then=then, otherwise=otherwise):
                waiting[:0] = [(each, owner) for each in (*then, *otherwise)]
            case RunStep(action=called, then=then):
                waiting[:0] = [(each, called) for each in then]
