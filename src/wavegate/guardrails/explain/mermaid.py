"""An agent as a Mermaid state diagram: topics, the ways between them, and the actions of each.

Names and conditions come from strangers: what could end a label, start a directive or be read as HTML is replaced.
"""

import re
from collections.abc import Iterator

from wavegate.guardrails.conditions.emit import shown
from wavegate.guardrails.model import (
    Action,
    AgentModel,
    BranchStep,
    Guard,
    RunStep,
    Statement,
    Tool,
    ToolKind,
    Topic,
    TransitionStep,
)

MAX_TOPICS = 30
"""Topics that are drawn; a larger diagram is unreadable."""
MAX_ARROWS = 120
MAX_ACTIONS = 10
"""Actions of a topic that its note lists."""
MAX_LABEL = 80
_HUMAN = "human"
_UNSAFE = re.compile(r"[^\w .,=!+()≤≥＜＞'-]")
_SIGNS = (("<=", "≤"), (">=", "≥"), ("<", "＜"), (">", "＞"))
_DASHES = re.compile(r"-{2,}")
_NOTE_END = re.compile(r"end note", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


def mermaid(model: AgentModel) -> str:
    """The diagram of a model, as the text of a `mermaid` code block; bounded, whatever the size of the agent."""
    return "\n".join(["stateDiagram-v2", *(f"  {line}" for line in _lines(model))])


def label(text: str) -> str:
    """Text as a label: one line, without a sign that Mermaid, Markdown or HTML gives a meaning."""
    for sign, shown_as in _SIGNS:
        text = text.replace(sign, shown_as)
    plain = _DASHES.sub("-", _SPACES.sub(" ", _UNSAFE.sub(" ", text))).strip()
    plain = _NOTE_END.sub("end-note", plain)
    return (plain if len(plain) <= MAX_LABEL else f"{plain[: MAX_LABEL - 1]}…") or "unnamed"


def _lines(model: AgentModel) -> Iterator[str]:
    ids = {topic.name: f"t{number}" for number, topic in enumerate(model.topics[:MAX_TOPICS])}
    topics = model.topics[:MAX_TOPICS]
    for topic in topics:
        yield f'state "{label(topic.name)}" as {ids[topic.name]}'
    arrows = list(dict.fromkeys(_arrows(model, topics, ids)))
    if any(f"--> {_HUMAN}" in arrow for arrow in arrows):
        yield f'state "a human" as {_HUMAN}'
    if left := len(model.topics) - len(topics) + (len(arrows) > MAX_ARROWS):
        yield f'state "{left} more, not drawn" as more'
    yield from arrows[:MAX_ARROWS]
    for topic in topics:
        yield from _note(topic, ids[topic.name], model.everywhere_actions)


def _arrows(model: AgentModel, topics: tuple[Topic, ...], ids: dict[str, str]) -> Iterator[str]:
    starts = [model.start] if model.start else [topic.name for topic in topics]
    yield from (f"[*] --> {ids[name]}" for name in starts if name in ids)
    for topic in topics:
        for tool in (*topic.tools, *model.everywhere):
            yield from _of_tool(tool, ids[topic.name], ids)
        for steps in (topic.before, topic.during, topic.after):
            yield from _automatic(steps, ids[topic.name], ids, "")


def _of_tool(tool: Tool, source: str, ids: dict[str, str]) -> Iterator[str]:
    text = label(f"{tool.name}{_when(tool.guard)}")
    if tool.kind in (ToolKind.TRANSITION, ToolKind.DELEGATION) and tool.target in ids:
        back = " and back" if tool.kind is ToolKind.DELEGATION else ""
        yield f"{source} --> {ids[tool.target]} : {text}{back}"
    elif tool.kind is ToolKind.ESCALATION:
        yield f"{source} --> {_HUMAN} : {text}"
    elif tool.kind is ToolKind.END:
        yield f"{source} --> [*] : {text}"
    yield from _automatic(tool.then, source, ids, f"{tool.name}, then ")


def _automatic(steps: tuple[Statement, ...], source: str, ids: dict[str, str], before: str) -> Iterator[str]:
    """The ways that the script takes by itself."""
    for step in steps:
        match step:
            case TransitionStep(topic=topic) if topic in ids:
                yield f"{source} --> {ids[topic]} : {label(before + 'always')}"
            case BranchStep(guard=guard, then=then, otherwise=otherwise):
                text = shown(guard.condition)
                yield from _leaving(then, source, ids, f"{before}if {text}")
                yield from _leaving(otherwise, source, ids, f"{before}unless {text}")
            case RunStep(then=then):
                yield from _automatic(then, source, ids, before)


def _leaving(steps: tuple[Statement, ...], source: str, ids: dict[str, str], text: str) -> Iterator[str]:
    for step in steps:
        if isinstance(step, TransitionStep) and step.topic in ids:
            yield f"{source} --> {ids[step.topic]} : {label(text)}"
        elif isinstance(step, BranchStep):
            yield from _automatic((step,), source, ids, f"{text}, ")


def _note(topic: Topic, source: str, everywhere: tuple[Action, ...]) -> Iterator[str]:
    """The actions of a topic, with their guards."""
    confirmed = {action.name for action in (*everywhere, *topic.actions) if action.confirmed}
    calls = [tool for tool in topic.tools if tool.kind is ToolKind.ACTION]
    if not calls:
        return
    yield f"note right of {source}"
    for tool in calls[:MAX_ACTIONS]:
        asks = " (asks first)" if tool.target in confirmed else ""
        yield f"  {label(f'{tool.target or tool.name}{asks}{_when(tool.guard)}')}"
    if len(calls) > MAX_ACTIONS:
        yield f"  and {len(calls) - MAX_ACTIONS} more"
    yield "end note"


def _when(guard: Guard | None) -> str:
    return f" when {shown(guard.condition)}" if guard else ""
