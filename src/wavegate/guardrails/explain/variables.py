"""Who may set the variables of an agent."""

from collections.abc import Iterator, Mapping

from wavegate.guardrails.conditions.emit import shown
from wavegate.guardrails.conditions.expression import Chosen
from wavegate.guardrails.explain.values import Point
from wavegate.guardrails.explain.words import joined, value_in_words
from wavegate.guardrails.model import AgentModel, SetStep, Tool, ToolKind, Topic, Variable, VariableKind
from wavegate.guardrails.topology import steps_in, variables_read


def variable_points(model: AgentModel) -> Iterator[Point]:
    """A point for each variable: how it starts, who may set it, and whether it decides anything."""
    read = frozenset[str]().union(*(variables_read(topic) for topic in model.topics))
    writers = _writers(model)
    for each in model.variables:
        text = f"`{each.name}` {_start(each)}; {_set_by(each, writers)}.{_decides(each, read)}"
        yield Point(text=text, location=each.location)
    declared = {each.name for each in model.variables}
    for name in sorted(read - declared):
        yield Point(text=f"`{name}` decides what the agent may do, and is not declared.")


def _start(variable: Variable) -> str:
    if variable.kind is VariableKind.LINKED:
        return f"comes from `{variable.source or 'the session'}`"
    if variable.default is None:
        return "starts without a value"
    return f"starts as `{shown(variable.default)}`" if variable.kind is VariableKind.MUTABLE else "is constant"


def _set_by(variable: Variable, writers: Mapping[str, list[str]]) -> str:
    found = list(dict.fromkeys(writers.get(variable.name, ())))
    if variable.external:
        found.insert(0, "the caller of the agent")
    if found:
        return f"it may be set by {joined(found)}"
    return "nothing in the agent sets it"


def _decides(variable: Variable, read: frozenset[str]) -> str:
    return " It decides what the agent may do." if variable.name in read else ""


def _writers(model: AgentModel) -> Mapping[str, list[str]]:
    """By variable, what may set it."""
    found: dict[str, list[str]] = {}
    for topic in model.topics:
        for name, writer in (*_of_steps(topic), *(pair for tool in topic.tools for pair in _of_tool(tool, topic))):
            found.setdefault(name, []).append(writer)
    for tool in model.everywhere:
        for name, writer in _of_tool(tool, None):
            found.setdefault(name, []).append(writer)
    return found


def _of_tool(tool: Tool, topic: Topic | None) -> Iterator[tuple[str, str]]:
    where = f" in `{topic.name}`" if topic else ""
    for step in steps_in(tool.then):
        if not isinstance(step, SetStep):
            continue
        if isinstance(step.value, Chosen):
            yield step.variable, f"**the model**, with `{tool.name}`{where}"
        else:
            caller = tool.target if tool.kind is ToolKind.ACTION else tool.name
            yield step.variable, f"`{caller}`{where}, to {value_in_words(step.value)}"


def _of_steps(topic: Topic) -> Iterator[tuple[str, str]]:
    for step in steps_in((*topic.before, *topic.during, *topic.after)):
        if isinstance(step, SetStep):
            yield step.variable, f"the script in `{topic.name}`, to {value_in_words(step.value)}"
