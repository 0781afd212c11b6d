"""The properties without which another one is worth little: who sets the values that it rests on."""

from collections.abc import Iterator

from wavegate.guardrails.conditions.expression import Chosen
from wavegate.guardrails.model import AgentModel, RunStep, SetStep, Statement, ToolKind, VariableKind
from wavegate.guardrails.properties import NeverBeforeValue, NeverUnless, Property, SetOnlyBy
from wavegate.guardrails.prove.relevance import variables_of


def companions_of(model: AgentModel, watched: Property) -> tuple[SetOnlyBy, ...]:
    """`VARIABLE set only by …` for each variable of the property's condition, by the actions that set it now.

    None for a variable that only the session or the script itself sets.
    """
    if not isinstance(watched, NeverUnless | NeverBeforeValue):
        return ()
    mutable = {each.name for each in model.variables if each.kind is VariableKind.MUTABLE}
    return tuple(_companion(model, name) for name in sorted(variables_of(watched.condition) & mutable))


def _companion(model: AgentModel, variable: str) -> SetOnlyBy:
    sources = tuple(dict.fromkeys(_sources(model, variable))) or ("nothing",)
    return SetOnlyBy(variable=variable, sources=sources, text=f"{variable} set only by {', '.join(sources)}")


def _sources(model: AgentModel, variable: str) -> Iterator[str]:
    """The actions whose output sets the variable, else the topic or tool that does; not what the model fills in."""
    for topic in model.topics:
        for statement in (*topic.before, *topic.during, *topic.after):
            yield from _within(statement, variable, topic.name)
        for tool in (*topic.tools, *model.everywhere):
            for statement in tool.then:
                yield from _within(statement, variable, tool.target if tool.kind is ToolKind.ACTION else tool.name)


def _within(statement: Statement, variable: str, source: str) -> Iterator[str]:
    match statement:
        case SetStep(variable=name, value=value):
            if name == variable and not isinstance(value, Chosen):
                yield source
        case RunStep(action=action, then=then):
            for inner in then:
                yield from _within(inner, variable, action)
        case _:
            for inner in (*getattr(statement, "then", ()), *getattr(statement, "otherwise", ())):
                yield from _within(inner, variable, source)
