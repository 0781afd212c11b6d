"""The passages of a commit that a model reads: prompt templates, instructions and descriptions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wavegate.findings.finding import Location
from wavegate.guardrails.model import Action, AgentModel, Guardrails, Sentence, Tool, Topic

PROMPT = "prompt template"
AGENT = "agent"


@dataclass(frozen=True, kw_only=True, slots=True)
class PassageId:
    """Which passage. kind: PROMPT or AGENT. owner: name of the template or agent. place: within it, '' for all."""

    kind: str
    owner: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.owner}" + (f", {self.place}" if self.place else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A passage. text: one sentence a line, with white space joined. location: of its first sentence."""

    id: PassageId
    text: str
    location: Location


def passages_of(guardrails: Guardrails) -> dict[PassageId, Passage]:
    """Every passage that is not empty, in the order of prompts and agents."""
    found = {each.id: each for each in _all(guardrails)}
    return {key: each for key, each in found.items() if each.text}


def _all(guardrails: Guardrails) -> Iterator[Passage]:
    for name, prompt in sorted(guardrails.prompts.items()):
        yield _passage(PassageId(kind=PROMPT, owner=name), prompt.sentences, prompt.location)
    for name, reading in sorted(guardrails.agents.items()):
        yield from _of_agent(name, reading.written)


def _of_agent(name: str, model: AgentModel) -> Iterator[Passage]:
    yield _passage(_id(name, "instructions"), model.instructions, model.location)
    for topic in model.topics:
        yield from _of_topic(name, topic)
    yield from _of_tools(name, "every topic", model.everywhere, model.everywhere_actions)


def _of_topic(agent: str, topic: Topic) -> Iterator[Passage]:
    place = f"topic {topic.name}"
    yield _described(_id(agent, f"{place}: description"), topic.description, topic.location)
    yield _passage(_id(agent, f"{place}: instructions"), topic.instructions, topic.location)
    yield _passage(_id(agent, f"{place}: system instructions"), topic.system or (), topic.location)
    yield from _of_tools(agent, place, topic.tools, topic.actions)


def _of_tools(agent: str, place: str, tools: Iterable[Tool], actions: Iterable[Action]) -> Iterator[Passage]:
    said = {each.name: each.description for each in actions}
    for each in actions:
        yield _described(_id(agent, f"{place}, action {each.name}: description"), each.description, each.location)
    for tool in tools:
        if tool.description == said.get(tool.target):
            continue  # a tool without a description of its own has that of its action
        yield _described(_id(agent, f"{place}, tool {tool.name}: description"), tool.description, tool.location)


def _id(agent: str, place: str) -> PassageId:
    return PassageId(kind=AGENT, owner=agent, place=place)


def _passage(key: PassageId, sentences: Iterable[Sentence], location: Location) -> Passage:
    given = tuple(sentences)
    return Passage(
        id=key, text="\n".join(each.text for each in given), location=given[0].location if given else location
    )


def _described(key: PassageId, text: str, location: Location) -> Passage:
    return Passage(id=key, text=" ".join(text.split()), location=location)
