"""A topic (subagent) in both readings."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from wavegate.guardrails.model import Action, Sentence, Setting, Statement, Tool, Topic
from wavegate.guardrails.script.collecting import collect_place, collected, collecting_tools, resumption
from wavegate.guardrails.script.definitions import bound_tools, read_actions
from wavegate.guardrails.script.found import Both, Scope
from wavegate.guardrails.script.keys import first_of_each, with_strays
from wavegate.guardrails.script.lines import Entry, entry, keyword, place
from wavegate.guardrails.script.settings import read_settings
from wavegate.guardrails.script.steps import drop, misplaced, read_steps
from wavegate.guardrails.script.texts import sentences_of, text_of
from wavegate.guardrails.script.tools import read_tools
from wavegate.guardrails.script.tree import ScriptLine

_BLOCKS = frozenset({"reasoning", "system", "model_config"})
_NO_TOOLS: Both[tuple[Tool, ...]] = Both((), ())
_NO_ACTIONS: Both[tuple[Action, ...]] = Both((), ())


@dataclass(kw_only=True, slots=True)
class _TopicParts:
    """What is found of a topic so far."""

    texts: dict[str, str] = field(default_factory=dict)
    instructions: tuple[Sentence, ...] = ()
    system: tuple[Sentence, ...] | None = None
    settings: tuple[Setting, ...] = ()
    tools: Both[tuple[Tool, ...]] = _NO_TOOLS
    actions: Both[tuple[Action, ...]] = _NO_ACTIONS
    bound: tuple[Tool, ...] = ()
    collecting: tuple[Tool, ...] = ()
    resumption: tuple[Statement, ...] = ()
    steps: dict[str, Both[tuple[Statement, ...]]] = field(default_factory=dict)


def read_topic(found: Entry, name: str, scope: Scope) -> Both[Topic]:
    """The topic of a block `subagent NAME:` in both readings."""
    parts = _TopicParts()
    custom = any(line.key == "schema" for node in found.node.children if (line := entry(node)))
    scope = replace(scope, custom=custom)
    for node, line in first_of_each(with_strays(found.node.children, _BLOCKS), scope):
        if line is None or line.name:
            _note_line(node, scope)
        else:
            _read(parts, line, scope)
    written = _topic(parts, name, found.node, scope, emitted=False)
    emitted = _topic(parts, name, found.node, scope, emitted=True)
    same = parts.tools.same and parts.actions.same and all(steps.same for steps in parts.steps.values())
    return Both(written, written if same else emitted)


def _read(parts: _TopicParts, line: Entry, scope: Scope) -> None:
    match line.key:
        case "label" | "description" | "source":
            parts.texts[line.key] = text_of(line)
            scope.only_text_beneath(line.node)
        case "system":
            _read_system(parts, line.node.children, scope)
        case "model_config":
            parts.settings += tuple(read_settings(line.node.children, scope))
        case "actions":
            scope.no_value(line)
            parts.actions = read_actions(line.node.children, scope)
            parts.bound = bound_tools(line.node.children, scope) if scope.custom else ()
        case "reasoning":
            scope.no_value(line)
            _read_reasoning(parts, line.node.children, scope)
        case "before_reasoning" | "after_reasoning":
            scope.no_value(line)
            parts.steps[line.key] = read_steps(line.node.children, scope)
        case "schema":
            parts.settings += (*read_settings([line.node], scope),)
            scope.not_understood(line.node, "other code runs this topic, and decides which actions it calls")
        case "parameters":
            parts.settings += tuple(read_settings(line.node.children, scope, "parameters."))
        case _:
            scope.not_understood(line.node)


def _read_system(parts: _TopicParts, nodes: Sequence[ScriptLine], scope: Scope) -> None:
    for node, line in first_of_each(nodes, scope):
        if line and line.key == "instructions":
            parts.system = sentences_of(line, scope.path)
        else:
            parts.settings += tuple(read_settings([node], scope, "system."))


def _read_reasoning(parts: _TopicParts, nodes: Sequence[ScriptLine], scope: Scope) -> None:
    for node, line in first_of_each(nodes, scope):
        match line.key if line and not line.name else "":
            case "instructions" if line:
                parts.instructions = sentences_of(line, scope.path)
                if not line.node.prose:
                    statements = _without_texts(node.children)
                    parts.steps["reasoning"] = read_steps(statements, scope)
                    _add_collecting(parts, statements, scope)
            case "actions" if line:
                scope.no_value(line)
                parts.tools = read_tools(node.children, scope)
            case _:
                _note_line(node, scope)


def _add_collecting(parts: _TopicParts, nodes: Sequence[ScriptLine], scope: Scope) -> None:
    """Adds what the compiler makes of `collect`; in the start topic it refuses it."""
    steps = collected(nodes)
    if not steps or scope.topic == scope.start:
        return
    location = collect_place(nodes, scope.path)
    parts.collecting = collecting_tools(steps, scope.topic, scope.start, location)
    parts.resumption = (resumption(steps, scope.topic, location),)


def _without_texts(nodes: Sequence[ScriptLine]) -> list[ScriptLine]:
    return [node for node in nodes if not node.text.startswith('"')]


def _note_line(node: ScriptLine, scope: Scope) -> None:
    word = keyword(node)
    if word == "available when":
        misplaced(node, scope)
    elif word in {"set", "run", "transition", "if", "with"}:
        drop(node, "outside of a tool or procedure", scope, "Indent it beneath the tool or procedure it belongs to.")
        for child in node.children:
            if entry(child):
                scope.not_understood(child)
    else:
        scope.not_understood(node)


def _topic(parts: _TopicParts, name: str, node: ScriptLine, scope: Scope, *, emitted: bool) -> Topic:
    def steps(key: str) -> tuple[Statement, ...]:
        return parts.steps.get(key, Both((), ()))[emitted]

    return Topic(
        name=name,
        label=parts.texts.get("label", ""),
        description=parts.texts.get("description", ""),
        tools=(*parts.bound, *parts.tools[emitted], *parts.collecting),
        actions=parts.actions[emitted],
        instructions=parts.instructions,
        location=place(node, scope.path),
        system=parts.system,
        before=steps("before_reasoning"),
        during=steps("reasoning"),
        after=(*steps("after_reasoning"), *parts.resumption),
        settings=parts.settings,
    )
