"""Texts of a script: instructions and descriptions, in quotes or behind `|`."""

from collections.abc import Iterable, Iterator

from wavegate.findings.finding import Location
from wavegate.guardrails.model import Sentence
from wavegate.guardrails.script.lines import Entry, unquoted
from wavegate.guardrails.script.steps import prose_of
from wavegate.guardrails.script.tree import Node, Prose
from wavegate.guardrails.sentences import sentences


def text_of(found: Entry) -> str:
    """The text of a key, with white space joined."""
    parts = [unquoted(found.value.removeprefix("->").strip())]
    parts += [text for _, text in _parts(found)]
    return " ".join(" ".join(parts).split())


def sentences_of(found: Entry, path: str) -> tuple[Sentence, ...]:
    """The sentences of a key's text, those of branches included."""
    quoted = found.value.removeprefix("->").strip()
    return (*_quoted(quoted, found, path), *_written(found, path))


def _quoted(text: str, found: Entry, path: str) -> Iterator[Sentence]:
    location = Location(file=path, line=found.node.line, column=found.column)
    for each in sentences(unquoted(text), location):
        yield Sentence(text=each.text, force=each.force, location=location)


def _written(found: Entry, path: str) -> Iterator[Sentence]:
    for prose, text in _parts(found):
        yield from sentences(text, Location(file=path, line=prose.line, column=prose.column))


def _parts(found: Entry) -> Iterator[tuple[Prose, str]]:
    for node in _nodes(found):
        if node.prose:
            yield node.prose, node.prose.text
        elif node.text.startswith('"'):
            yield Prose(text=node.text, line=node.line, column=node.column), unquoted(node.text)


def _nodes(found: Entry) -> Iterable[Node]:
    if found.node.prose:
        return [found.node]
    return [*prose_of(found.node.children), *(node for node in found.node.children if node.text.startswith('"'))]
