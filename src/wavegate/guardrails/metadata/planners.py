"""An agent whose topics a planner holds: its bot, the bot's version and the planner as one model.

Source: Bot, BotVersion, GenAiPlannerBundle and GenAiPlanner in Salesforce's Metadata API guide.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wavegate.components.metadata import Element
from wavegate.guardrails.metadata.actions import Mappings
from wavegate.guardrails.metadata.rules import PlannerRules
from wavegate.guardrails.metadata.settings import location, nested, not_modelled, settings
from wavegate.guardrails.metadata.topics import Library, TopicReader, text_sentences
from wavegate.guardrails.model import (
    AgentModel,
    AgentReading,
    AgentSource,
    Setting,
    Unknown,
    Variable,
    VariableKind,
)

_PLANNER = (
    "attributeMappings", "genAiFunctions", "genAiPlugins", "localTopics", "localTopicLinks", "localActionLinks",
    "plannerActions", "ruleExpressions", "genAiPlannerRuleExpressions", "ruleExpressionAssignments",
    "plannerSurfaces",
)  # fmt: skip
_BOT = ("botMlDomain", "contextVariables", "conversationChannelProviders", "localMlDomain")
_VERSION = ("conversationDefinitionPlanners", "conversationVariables", "botDialogs", "conversationSystemDialogs",
            "botDialogGroups", "nlpProviders", "welcomeRecommendations")  # fmt: skip
_OPAQUE = ("agentGraph", "agentScript")
_TYPES: Mapping[str, str] = {"Text": "string", "Id": "string", "Currency": "number", "DateTime": "date"}
"""Data types of a bot's variables that Agent Script names otherwise, beside the case."""
_INSTRUCTIONS = ("role", "company")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedElement:
    """An element and the file it is in."""

    element: Element
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedAgent:
    """The files of an agent. bot, version: None where the project does not have them."""

    name: str
    planner: PlacedElement
    bot: PlacedElement | None = None
    version: PlacedElement | None = None


def read_planner(agent: PlannedAgent, library: Library) -> AgentReading:
    """The agent. Its topics may all be entered first: a planner chooses one for each message."""
    planner, path = agent.planner.element, agent.planner.path
    variables = tuple(_variables(agent))
    types = {each.name: each.type for each in variables}
    rules = PlannerRules(planner, path, types)
    reader = TopicReader(library, rules, Mappings(planner, path, types), path)
    topics = tuple(reader.topics(planner))
    everywhere, actions = reader.everywhere(planner)
    model = AgentModel(
        name=agent.name,
        source=AgentSource.PLANNER,
        start="",
        topics=topics,
        variables=variables,
        instructions=tuple(
            each
            for tag in _INSTRUCTIONS
            if agent.version
            for each in text_sentences(agent.version.element, tag, agent.version.path)
        ),
        settings=tuple(_settings(agent)),
        location=location(planner, path),
        everywhere=everywhere,
        everywhere_actions=tuple(each.action for each in actions),
        escalations=tuple(_escalations(agent)),
        unknown=(*reader.unknown, *_unknown(agent)),
    )
    return AgentReading(emitted=model, written=model, losses=tuple(rules.losses()))


def _variables(agent: PlannedAgent) -> Iterator[Variable]:
    """The variables that the bot takes from a session or record, and those of the conversation."""
    for each in agent.bot.element.all("contextVariables") if agent.bot else ():
        fields = {mapping.value("fieldName") for mapping in each.all("contextVariableMappings")}
        yield _variable(each, VariableKind.LINKED, agent.bot, source=", ".join(sorted(fields)))
    for each in agent.version.element.all("conversationVariables") if agent.version else ():
        yield _variable(each, VariableKind.MUTABLE, agent.version)


def _variable(element: Element, kind: VariableKind, file: PlacedElement | None, source: str = "") -> Variable:
    type_ = element.value("dataType")
    return Variable(
        name=element.value("developerName"),
        kind=kind,
        type=_TYPES.get(type_, type_.lower()),
        default=None,
        external=element.value("visibility") == "External",
        source=source,
        location=location(element, file.path if file else ""),
    )


def _settings(agent: PlannedAgent) -> Iterator[Setting]:
    for file in filter(None, (agent.bot, agent.version)):
        yield from settings(file.element, file.path, without=("description", *_INSTRUCTIONS))
        yield from _in_prompt(file)
    planner, path = agent.planner.element, agent.planner.path
    yield from settings(planner, path, without=_OPAQUE)
    for each in planner.all("plannerSurfaces"):
        yield from nested(each, path, prefix=f"surface.{each.value('surfaceType')}")


def _in_prompt(file: PlacedElement) -> Iterator[Setting]:
    """Which variables the model is shown."""
    for tag in ("contextVariables", "conversationVariables"):
        for each in file.element.all(tag):
            if shown := next(each.all("includeInPrompt"), None):
                name = f"includeInPrompt.{each.value('developerName')}"
                yield Setting(name=name, value=shown.text, location=location(shown, file.path))


def _escalations(agent: PlannedAgent) -> Iterator[Setting]:
    """Where a hand-off goes: the flow of the bot or of a surface, and the dialogs that transfer to a person."""
    if agent.bot:
        yield from (
            each for each in settings(agent.bot.element, agent.bot.path) if each.name == "defaultOutboundFlow"
        )
    for each in agent.version.element.all("botDialogs") if agent.version else ():
        messages = (step.all("conversationSystemMessage") for step in each.all("botSteps"))
        if agent.version and any(message.value("type") == "Transfer" for step in messages for message in step):
            yield Setting(
                name="dialog", value=each.value("developerName"), location=location(each, agent.version.path)
            )
    for surface in agent.planner.element.all("plannerSurfaces"):
        for setting in nested(surface, agent.planner.path, prefix=f"surface.{surface.value('surfaceType')}"):
            if setting.name.endswith("outboundRouteName"):
                yield setting


def _unknown(agent: PlannedAgent) -> Iterator[Unknown]:
    files: Mapping[tuple[str, ...], PlacedElement | None] = {
        _PLANNER: agent.planner,
        _BOT: agent.bot,
        _VERSION: agent.version,
    }
    for modelled, file in files.items():
        if file:
            yield from not_modelled(file.element, modelled, file.path)
    for each in agent.version.element.all("botDialogs") if agent.version else ():
        if agent.version:
            yield from _invocations(each, agent.version.path)


def _invocations(dialog: Element, path: str) -> Iterator[Unknown]:
    """The flows and classes that a dialog runs outside of any topic."""
    waiting = [dialog]
    while waiting:
        element = waiting.pop()
        if element.tag == "botInvocation":
            called = f"{element.value('invocationActionType')}://{element.value('invocationActionName')}"
            text = f"Dialog `{dialog.value('developerName')}` runs {called}."
            yield Unknown(text=text, location=location(element, path))
        waiting += reversed(element.children)
