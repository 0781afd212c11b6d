"""The library desk: an agent with one bound of each kind."""

from dataclasses import replace
from pathlib import Path

from wavegate.guardrails.conditions.parse import parse_expression
from wavegate.guardrails.model import AgentModel, Guard
from wavegate.guardrails.script.read import read_script_model

PROJECT = Path(__file__).resolve().parents[1] / "fixtures" / "guardrails" / "mutate" / "project"
PATH = "force-app/main/default/aiAuthoringBundles/Library_Desk/Library_Desk.agent"
SCRIPT = (PROJECT / PATH).read_text("utf-8")


def library_desk() -> AgentModel:
    """The agent as it is emitted."""
    return read_script_model(SCRIPT, PATH).emitted


def hostile_desk(text: str) -> AgentModel:
    """The agent with this text in the name of each topic and tool, and in each condition."""
    model = library_desk()
    names = {topic.name: f"{topic.name} {text}" for topic in model.topics}
    condition = Guard(condition=parse_expression(text), text=text, location=model.location)
    topics = tuple(
        replace(
            topic,
            name=names[topic.name],
            tools=tuple(
                replace(
                    tool,
                    name=f"{tool.name} {text}",
                    target=names.get(tool.target, tool.target + text),
                    guard=condition,
                )
                for tool in topic.tools
            ),
        )
        for topic in model.topics
    )
    return replace(model, topics=topics, start=names[model.start])
