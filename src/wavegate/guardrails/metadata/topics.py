"""Topics of planners: what each offers, when, and its instructions.

Source: GenAiPlugin, GenAiPlannerBundle and GenAiPlanner in Salesforce's Metadata API guide.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wavegate.components.component import without_org_suffix
from wavegate.components.metadata import Element
from wavegate.findings.finding import Location
from wavegate.guardrails.metadata.actions import DefinedAction, Mappings, Schemas, own_name, read_action
from wavegate.guardrails.metadata.rules import PlannerRules, both
from wavegate.guardrails.metadata.settings import (
    is_true,
    location,
    nested,
    not_modelled,
    settings,
    text_location,
)
from wavegate.guardrails.model import Guard, Sentence, Setting, Tool, ToolKind, Topic, Unknown
from wavegate.guardrails.sentences import sentences

_MODELLED = ("localActions", "localActionLinks", "genAiFunctions", "genAiPluginInstructions", "aiPluginUtterances")
_NOT_SETTINGS = ("description", "scope", "canEscalate")


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """What a planner can refer to besides what is defined inside it.

    plugins, functions: path and root of each topic and action with a file of its own, by case-folded name.
    """

    plugins: Mapping[str, tuple[str, Element]]
    functions: Mapping[str, tuple[str, Element]]
    schemas: Schemas


class TopicReader:
    """Reads the topics of one planner. unknown: what they refer to and the project does not have."""

    def __init__(self, library: Library, rules: PlannerRules, mappings: Mappings, path: str) -> None:
        self._library = library
        self._rules = rules
        self._mappings = mappings
        self._path = path
        self._folder = path[: path.rfind("/") + 1]
        self.unknown: list[Unknown] = []

    def topics(self, planner: Element) -> Iterator[Topic]:
        """The topics that the planner links to, its own and those with a file, in order."""
        local = {each.value("fullName") or each.value("developerName"): each for each in planner.all("localTopics")}
        for link in (*planner.all("localTopicLinks"), *planner.all("genAiPlugins")):
            name = link.value("genAiPluginName")
            found = self._library.plugins.get(without_org_suffix(name).casefold())
            if name in local:
                yield self._topic(local[name], self._path, f"{self._folder}localActions/{name}/")
            elif found:
                yield self._topic(found[1], found[0], "")
            else:
                self._missing("Topic", name, link, "")

    def everywhere(self, planner: Element) -> tuple[tuple[Tool, ...], tuple[DefinedAction, ...]]:
        """The tools that every topic offers, and their actions."""
        actions = tuple(self._actions(planner, self._path, "", "plannerActions", f"{self._folder}plannerActions/"))
        return tuple(self._tool(each, "", None) for each in actions), actions

    def _topic(self, topic: Element, path: str, folder: str) -> Topic:
        name = own_name(topic)
        guard = self._rules.guard(name, topic=True)
        actions = tuple(self._actions(topic, path, name, "localActions", folder))
        tools = tuple(self._tool(each, name, guard) for each in actions)
        self.unknown += not_modelled(topic, _MODELLED, path, topic=name)
        return Topic(
            name=name,
            label=topic.value("masterLabel"),
            description=topic.value("description"),
            tools=(*tools, *_escalation(topic, path, guard)),
            actions=tuple(each.action for each in actions),
            instructions=tuple(_instructions(topic, path)),
            location=location(topic, path),
            settings=tuple(_settings(topic, path, guard)),
        )

    def _actions(self, owner: Element, path: str, topic: str, tag: str, folder: str) -> Iterator[DefinedAction]:
        local = {each.value("fullName") or each.value("developerName"): each for each in owner.all(tag)}
        for link in (*owner.all("localActionLinks"), *owner.all("genAiFunctions")):
            name = link.value("functionName") or link.value("genAiFunctionName")
            if name in local:
                element = local[name]
                own = own_name(element)
                yield read_action(element, path, own, f"{folder}{name}/", self._library.schemas)
            elif found := self._library.functions.get(without_org_suffix(name).casefold()):
                folder_of = found[0][: found[0].rfind("/") + 1]
                yield read_action(found[1], found[0], without_org_suffix(name), folder_of, self._library.schemas)
            else:
                self._missing("Action", name, link, topic, path)

    def _tool(self, defined: DefinedAction, topic: str, guard: Guard | None) -> Tool:
        name = defined.action.name
        names = (f"{topic}.{name}", name) if topic else (name,)
        own = self._rules.guard(*names, topic=False)
        ambiguous = self._rules.is_ambiguous(*names, topic=False) or self._rules.is_ambiguous(topic, topic=True)
        return self._mappings.tool(defined, topic, both((guard, own)), certain=not ambiguous)

    def _missing(self, kind: str, name: str, link: Element, topic: str, path: str = "") -> None:
        text = f"{kind} `{without_org_suffix(name)}` is not in the project."
        self.unknown.append(Unknown(text=text, location=location(link, path or self._path), topic=topic))


def _instructions(topic: Element, path: str) -> Iterator[Sentence]:
    yield from text_sentences(topic, "scope", path)
    for each in topic.all("genAiPluginInstructions"):
        yield from text_sentences(each, "description", path)


def text_sentences(element: Element, tag: str, path: str) -> Iterator[Sentence]:
    """The sentences in the text of the first child with that name."""
    text = element.value(tag)
    if text:
        yield from sentences(text, text_location(element, tag, path))


def _escalation(topic: Element, path: str, guard: Guard | None) -> Iterator[Tool]:
    if is_true(topic, "canEscalate"):
        yield Tool(
            name="escalate",
            kind=ToolKind.ESCALATION,
            target="",
            guard=guard,
            bindings=(),
            then=(),
            description="",
            location=text_location(topic, "canEscalate", path),
        )


def _settings(topic: Element, path: str, guard: Guard | None) -> Iterator[Setting]:
    """The plain settings of a topic, and the rule that opens it, also if it has no action."""
    yield from settings(topic, path, without=_NOT_SETTINGS)
    for each in topic.all("aiPluginUtterances"):
        yield from nested(each, path, prefix="utterance")
    if guard:
        yield Setting(name="available when", value=guard.text, location=Location(*guard.location))
