"""What an agent may do in each topic."""

from collections.abc import Iterable, Iterator, Mapping

from wavegate.guardrails.explain.values import Point, Section
from wavegate.guardrails.explain.words import (
    condition_in_words,
    effects_in_words,
    inputs_in_words,
    plain_condition,
    value_in_words,
)
from wavegate.guardrails.model import (
    Action,
    AgentModel,
    BranchStep,
    Guardrails,
    RunStep,
    SetStep,
    Statement,
    Tool,
    ToolKind,
    Topic,
    TransitionStep,
)
from wavegate.guardrails.reach import reach_of_action
from wavegate.guardrails.topology import ways

Places = Mapping[str, tuple[tuple[str, str], ...]]


def topic_sections(model: AgentModel, guardrails: Guardrails) -> Iterator[Section]:
    """A section for each topic, and one for what every topic offers."""
    places = ways(model)
    for topic in model.topics:
        yield _section(topic, model, places, guardrails)
    if model.everywhere:
        actions = {each.name: each for each in model.everywhere_actions}
        points = tuple(_tool(tool, actions, guardrails) for tool in model.everywhere)
        yield Section(title="In every topic", points=points)


def _section(topic: Topic, model: AgentModel, places: Places, guardrails: Guardrails) -> Section:
    actions = {each.name: each for each in (*model.everywhere_actions, *topic.actions)}
    points = [
        *_steps(topic.before, "Before the model is asked", actions, guardrails),
        *_steps(topic.during, "Each time the model is asked", actions, guardrails),
        *(_tool(tool, actions, guardrails) for tool in topic.tools),
        *_steps(topic.after, "After the reply", actions, guardrails),
    ]
    if topic.system is not None:
        points.append(Point(text="The agent's general instructions do not apply here: the topic has its own."))
    intro = f"{_entry(topic, model, places)} {topic.description}".strip()
    return Section(title=f"In the topic `{topic.name}`", points=tuple(points), intro=intro)


def _entry(topic: Topic, model: AgentModel, places: Places) -> str:
    if topic.name == model.start:
        return "Every conversation starts here."
    if not model.start:
        return "The planner may choose it at any time."
    if topic.name not in places:
        return "No conversation gets here."
    before = [name for name, _ in places[topic.name][:-1]]
    return f"It is entered from `{before[-1] if before else model.start}`."


def _tool(tool: Tool, actions: Mapping[str, Action], guardrails: Guardrails) -> Point:
    when = condition_in_words(tool.guard)
    uncertain = "" if tool.certain else " Part of it could not be read, so that this may not be all."
    may = _MAY[tool.kind].format(target=tool.target or tool.name, name=tool.name)
    text = f"{may}{when}{_details(tool, actions, guardrails)}.{_after(tool)}{uncertain}"
    return Point(text=text, location=tool.location)


_MAY = {
    ToolKind.ACTION: "It may call `{target}`",
    ToolKind.TRANSITION: "It may go to the topic `{target}`",
    ToolKind.DELEGATION: "It may hand over to `{target}`, and gets the conversation back",
    ToolKind.SET: "It may set variables with `{name}`",
    ToolKind.ESCALATION: "It may hand the conversation to a human",
    ToolKind.END: "It may end the conversation",
}


def _details(tool: Tool, actions: Mapping[str, Action], guardrails: Guardrails) -> str:
    if tool.kind is not ToolKind.ACTION:
        return ""
    inputs = inputs_in_words(tool.bindings)
    return f"{_call(tool.target, actions, guardrails)}{f'; {inputs}' if inputs else ''}"


def _call(name: str, actions: Mapping[str, Action], guardrails: Guardrails) -> str:
    """How an action is called and what it does: `, after asking the user, which writes …`."""
    action = actions.get(name)
    if action is None:
        return ", which is not defined"
    asked = "after the user confirms" if action.confirmed else "without asking the user"
    target = f" through `{action.target}`" if action.target else ""
    return f", {asked}: it {effects_in_words(reach_of_action(action, guardrails))}{target}"


def _after(tool: Tool) -> str:
    done = [_step(step) for step in tool.then]
    return f" Then {'; '.join(done)}." if done else ""


def _steps(
    steps: Iterable[Statement], start: str, actions: Mapping[str, Action], guardrails: Guardrails
) -> Iterator[Point]:
    for step in steps:
        more = _call(step.action, actions, guardrails) if isinstance(step, RunStep) else ""
        yield Point(text=f"{start}, {_step(step)}{more}.", location=step.location)


def _step(step: Statement) -> str:
    match step:
        case SetStep(variable=name, value=value):
            return f"`{name}` becomes {value_in_words(value)}"
        case RunStep(action=action, then=then):
            return f"`{action}` is called without the model's choice{_inside(then)}"
        case TransitionStep(topic=topic):
            return f"it goes to the topic `{topic}`"
        case BranchStep(guard=guard, then=then, otherwise=otherwise):
            other = f", otherwise {_all(otherwise)}" if otherwise else ""
            return f"if `{plain_condition(guard.condition)}`, {_all(then)}{other}"


def _inside(steps: tuple[Statement, ...]) -> str:
    return f" ({_all(steps)})" if steps else ""


def _all(steps: tuple[Statement, ...]) -> str:
    return ", ".join(map(_step, steps)) or "only the instructions differ"
