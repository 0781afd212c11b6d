"""Each place of a script that bounds the agent, with the changes that it takes."""

from collections.abc import Iterator
from dataclasses import dataclass

from wavegate.guardrails.model import Force, Sentence, Topic
from wavegate.guardrails.mutate.conditions import changed_conditions
from wavegate.guardrails.mutate.values import BoundKind, Mutation
from wavegate.guardrails.script.kinds import written_kind
from wavegate.guardrails.script.lines import (
    Entry,
    Piece,
    assigned,
    entry,
    keyword,
    reference,
    rest,
    separated,
    unquoted,
)
from wavegate.guardrails.script.tree import ScriptLine, read_tree

_TOPICS = frozenset({"start_agent", "subagent", "topic"})
_PROCEDURES = frozenset({"before_reasoning", "after_reasoning"})
_FIXED = {"boolean": "True", "string": '"mutant"', "": "True"}
"""What a variable is set to instead of a computed value, by its type; of other types the set is dropped."""
_LITERAL = frozenset({"True", "False", "None"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One change of a text in a line. old: the text there, and new: the other one; None to blank the line."""

    mutation: Mutation
    change: str
    old: str
    new: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundCandidate:
    """A place that bounds the agent, and its changes. line, column: of the text that they change."""

    kind: BoundKind
    topic: str
    tool: str
    action: str
    text: str
    line: int
    column: int
    edits: tuple[Edit, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Within:
    """Where the walk is. types: of the variables that a condition reads, by name."""

    path: str
    types: dict[str, str]
    topic: str = ""
    tool: str = ""
    action: str = ""


def code_candidates(text: str, path: str, types: dict[str, str]) -> Iterator[BoundCandidate]:
    """Guards, gates, branches, confirmations, pinned inputs and deterministic sets, in the order of the script.

    types: of the variables that some condition reads, by name: only setting those bounds the agent.
    """
    for node in read_tree(text, path).nodes:
        found = entry(node)
        if found and found.key in _TOPICS:
            within = _Within(path=path, types=types, topic=found.name or found.key)
            yield from _topic(node, within)


def _topic(topic: ScriptLine, within: _Within) -> Iterator[BoundCandidate]:
    for node in topic.children:
        found = entry(node)
        key = found.key if found else ""
        if key in _PROCEDURES:
            yield from _statements(node, _in(within, key))
        elif key == "actions":
            for each in node.children:
                yield from _definition(each, within)
        elif key == "reasoning":
            yield from _reasoning(node, within)


def _reasoning(reasoning: ScriptLine, within: _Within) -> Iterator[BoundCandidate]:
    for node in reasoning.children:
        found = entry(node)
        if found and found.key == "instructions":
            yield from _statements(node, _in(within, "instructions"))
        elif found and found.key == "actions":
            yield from _tools(node, within)


def _tools(actions: ScriptLine, within: _Within) -> Iterator[BoundCandidate]:
    inside = within
    for node in actions.children:
        found = entry(node)
        if found and not found.name:
            kind = written_kind(found)
            inside = _in(within, found.key, kind.target or found.key)
            yield from _inline(found, kind.inline, inside)
            yield from _statements(node, inside)
        elif keyword(node):
            yield from _statement(node, inside)


def _in(within: _Within, tool: str, action: str = "") -> _Within:
    return _Within(path=within.path, types=within.types, topic=within.topic, tool=tool, action=action)


def _definition(node: ScriptLine, within: _Within) -> Iterator[BoundCandidate]:
    found = entry(node)
    if found is None:
        return
    inside = _in(within, found.key, found.key)
    for each in node.children:
        line = entry(each)
        if line and line.key == "require_user_confirmation" and unquoted(line.value).lower() == "true":
            change = f"`{found.key}` is called without asking the user."
            edit = Edit(mutation=Mutation.OFF, change=change, old=line.value, new="False")
            yield _candidate(BoundKind.CONFIRMATION, inside, each.text, each.line, line.column, (edit,))
        elif keyword(each) == "available when":
            yield from _statement(each, inside)


def _statements(parent: ScriptLine, within: _Within) -> Iterator[BoundCandidate]:
    for node in parent.children:
        yield from _statement(node, within)


def _statement(node: ScriptLine, within: _Within) -> Iterator[BoundCandidate]:
    match keyword(node):
        case "available when":
            yield from _guard(node, within)
        case "if":
            yield from _branch(node, rest(node, "if"), within)
        case "else" if rest(node, "else").text.startswith("if "):
            after = rest(node, "else")
            test = after.text[2:].lstrip()
            yield from _branch(node, Piece(text=test, column=after.column + len(after.text) - len(test)), within)
        case "with":
            yield from _bindings(rest(node, "with"), node, within)
        case "set":
            yield from _set(node, within)
    if not entry(node) or keyword(node):
        yield from _statements(node, within)


def _candidate(
    kind: BoundKind, within: _Within, text: str, line: int, column: int, edits: tuple[Edit, ...]
) -> BoundCandidate:
    return BoundCandidate(
        kind=kind,
        topic=within.topic,
        tool=within.tool,
        action=within.action,
        text=text,
        line=line,
        column=column,
        edits=edits,
    )


def _guard(node: ScriptLine, within: _Within) -> Iterator[BoundCandidate]:
    piece = rest(node, "available when")
    if piece.text:
        gone = Edit(mutation=Mutation.DROPPED, change=f"`{node.text}` is removed.", old=piece.text, new=None)
        edits = (gone, _opened(piece.text), *_other_conditions(piece.text))
        yield _candidate(BoundKind.GUARD, within, piece.text, node.line, piece.column, edits)


def _branch(node: ScriptLine, test: Piece, within: _Within) -> Iterator[BoundCandidate]:
    text = test.text.removesuffix(":").rstrip()
    if not text or text == "True":
        return
    words = {keyword(each) for each in node.children}
    leaves = "transition" in words
    if not leaves and not words & {"set", "run"}:
        return  # it chooses between texts
    kind = BoundKind.GATE if leaves else BoundKind.BRANCH
    closed = Edit(mutation=Mutation.SKIPPED, change=f"`{text}` never holds.", old=text, new="False")
    first = closed if leaves else _opened(text)
    yield _candidate(kind, within, text, node.line, test.column, (first, *_other_conditions(text)))


def _opened(text: str) -> Edit:
    return Edit(mutation=Mutation.OPEN, change=f"`{text}` is `True`.", old=text, new="True")


def _other_conditions(text: str) -> Iterator[Edit]:
    for mutation, changed in changed_conditions(text):
        yield Edit(mutation=mutation, change=f"`{text}` is `{changed}`.", old=text, new=changed)


def _inline(found: Entry, inline: Piece, within: _Within) -> Iterator[BoundCandidate]:
    if inline.text.startswith("with "):
        piece = Piece(text=inline.text[5:].lstrip(), column=inline.column + 5)
        yield from _bindings(piece, found.node, within)


def _bindings(piece: Piece, node: ScriptLine, within: _Within) -> Iterator[BoundCandidate]:
    for each in separated(piece):
        left, right = assigned(each)
        if right is None or right.text in ("", "..."):
            continue
        change = f"The model fills in `{left.text}` instead of `{right.text}`."
        edit = Edit(mutation=Mutation.UNPINNED, change=change, old=right.text, new="...")
        yield _candidate(BoundKind.INPUT, within, each.text, node.line, right.column, (edit,))


def _set(node: ScriptLine, within: _Within) -> Iterator[BoundCandidate]:
    left, right = assigned(rest(node, "set"))
    space, name, extra = reference(left.text)
    if right is None or space != "variables" or extra or name not in within.types:
        return
    fixed = _FIXED.get(within.types[name]) if _computed(right.text) else None
    if fixed:
        change = f"`{name}` is set to `{fixed}` whatever `{right.text}` says."
        edit = Edit(mutation=Mutation.FIXED, change=change, old=right.text, new=fixed)
    else:
        change = f"`{node.text}` is removed."
        edit = Edit(mutation=Mutation.DROPPED, change=change, old=right.text, new=left.text)
    yield _candidate(BoundKind.SET, within, node.text, node.line, right.column, (edit,))


def _computed(text: str) -> bool:
    """Whether a value is not a literal."""
    return text not in _LITERAL and not text.startswith('"') and not text.replace(".", "", 1).isdecimal()


def sentence_candidates(sentences: tuple[Sentence, ...], topics: tuple[Topic, ...]) -> Iterator[BoundCandidate]:
    """The prohibitions of the agent and of its topics."""
    yield from _prohibitions(sentences, "")
    for topic in topics:
        yield from _prohibitions((*(topic.system or ()), *topic.instructions), topic.name)


def _prohibitions(sentences: tuple[Sentence, ...], topic: str) -> Iterator[BoundCandidate]:
    for each in sentences:
        if each.force is Force.PROHIBITION:
            edit = Edit(mutation=Mutation.DROPPED, change=f"“{each.text}” is removed.", old=each.text, new="")
            yield BoundCandidate(
                kind=BoundKind.PROHIBITION,
                topic=topic,
                tool="instructions",
                action="",
                text=each.text,
                line=each.location.line,
                column=each.location.column,
                edits=(edit,),
            )
