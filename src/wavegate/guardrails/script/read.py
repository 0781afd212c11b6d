"""One Agent Script file as a model in both readings. Nothing here raises, whatever the text."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from wavegate.findings.finding import Location
from wavegate.guardrails.model import (
    AgentModel,
    AgentReading,
    AgentSource,
    Loss,
    Sentence,
    Setting,
    Topic,
    Unknown,
    Variable,
)
from wavegate.guardrails.script.found import Both, Findings, Scope
from wavegate.guardrails.script.keys import first_of_each, last_of_each
from wavegate.guardrails.script.lines import Entry, entry, unquoted
from wavegate.guardrails.script.settings import prefix_of, read_settings
from wavegate.guardrails.script.texts import sentences_of
from wavegate.guardrails.script.topics import read_topic
from wavegate.guardrails.script.tree import ScriptLine, read_tree
from wavegate.guardrails.script.variables import read_variables

_SETTINGS = frozenset({"config", "access", "knowledge", "language", "model_config", "context"})
_TOPICS = frozenset({"start_agent", "subagent", "topic"})
_RESETS = ("runtime.reset_to_initial_node", "additional_parameter__reset_to_initial_node")


@dataclass(kw_only=True, slots=True)
class _AgentParts:
    """What is found of an agent so far."""

    name: str = ""
    start: str = ""
    topics: list[Both[Topic]] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    instructions: list[Sentence] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    escalations: list[Setting] = field(default_factory=list)


def read_script_model(text: str, path: str) -> AgentReading:
    """The agent of an Agent Script, as the official compiler emits it and as it is written.

    text: of the whole file. path: for the places. What is not understood is in `unknown` of both models.
    Source: the language's specification, checked against the official compiler (SDK 2.9.27).
    """
    tree = read_tree(text, path)
    scope = Scope(path=path, found=Findings(unknown=list(tree.unknown)))
    starts = (line.name for node in tree.nodes if (line := entry(node)) and line.key == "start_agent")
    parts = _AgentParts(start=next(starts, ""))
    scope = replace(scope, start=parts.start)
    for node, found in last_of_each(tree.nodes, scope):
        if found:
            _read(parts, found, scope)
        else:
            scope.not_understood(node)
    return _reading(parts, path, text, scope)


def _reading(parts: _AgentParts, path: str, text: str, scope: Scope) -> AgentReading:
    resets = next((each.value for each in parts.settings if each.name in _RESETS), "")
    written = AgentModel(
        name=parts.name or PurePosixPath(path).stem,
        source=AgentSource.SCRIPT,
        start=parts.start,
        topics=tuple(each.written for each in parts.topics),
        variables=tuple({each.name: each for each in parts.variables}.values()),
        instructions=tuple(parts.instructions),
        settings=tuple(parts.settings),
        location=Location(file=path),
        escalations=tuple(parts.escalations),
        resets={"True": True, "False": False}.get(resets),
        unknown=tuple(sorted(dict.fromkeys(_with_content(each, text) for each in scope.found.unknown), key=_line)),
    )
    topics = tuple(each.emitted for each in parts.topics)
    same = all(each.same for each in parts.topics)
    return AgentReading(
        emitted=written if same else replace(written, topics=topics),
        written=written,
        losses=tuple(sorted(scope.found.losses, key=_line)),
    )


def _with_content(unknown: Unknown, text: str) -> Unknown:
    """Names the whole script's content where a part of it is not listed, so that a change of it shows."""
    if not unknown.cut:
        return unknown
    content = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
    return replace(unknown, text=f"{unknown.text}; content {content}")


def _line(found: Loss | Unknown) -> Location:
    return found.location


def _read(parts: _AgentParts, found: Entry, scope: Scope) -> None:
    match found.key:
        case "system":
            _read_system(parts, found.node.children, scope)
        case "variables":
            parts.variables += read_variables(found.node.children, scope)
        case key if key in _TOPICS:
            _read_topic(parts, found, scope)
        case "connection" | "connections":
            _read_connection(parts, found, scope)
        case key if key in _SETTINGS:
            parts.settings += read_settings(found.node.children, scope, prefix_of(key))
            parts.name = parts.name or _name(found.node.children)
        case "modality" | "connected_subagent":
            prefix = f"{found.key} {found.name}".strip()
            parts.settings += read_settings(found.node.children, scope, f"{prefix}.")
        case _:
            scope.not_understood(found.node)


def _name(nodes: Iterable[ScriptLine]) -> str:
    names = {line.key: unquoted(line.value) for node in nodes if (line := entry(node))}
    return names.get("developer_name") or names.get("agent_name") or ""


def _read_system(parts: _AgentParts, nodes: Sequence[ScriptLine], scope: Scope) -> None:
    for node, line in first_of_each(nodes, scope):
        if line and line.key == "instructions":
            parts.instructions += sentences_of(line, scope.path)
        else:
            parts.settings += read_settings([node], scope)


def _read_topic(parts: _AgentParts, found: Entry, scope: Scope) -> None:
    name = found.name or found.key
    parts.topics.append(read_topic(found, name, replace(scope, topic=name)))


def _read_connection(parts: _AgentParts, found: Entry, scope: Scope) -> None:
    for node, line in first_of_each(found.node.children, scope):
        if line and line.key == "additional_system_instructions":
            parts.instructions += sentences_of(line, scope.path)
        else:
            prefix = f"{found.key} {found.name}".strip()
            parts.escalations += read_settings([node], scope, f"{prefix}.")
