"""YAML, read strictly: one document of plain data in which every value knows where it stands.

Scalars follow the core schema of YAML 1.2, so `no`, `on`, `010`, `1:30` and dates are the text that was written.
Anchors and aliases work while what they repeat stays small; tags, merge keys and duplicate keys are findings.
"""

import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

import yaml

from wavegate.adapters.document import MAX_DEPTH, MAX_VALUES, Document, Entry, Node, UnreadableError, decode
from wavegate.text import clip

# libyaml where PyYAML was built with it; its own parser, ten times slower, elsewhere
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NUMBER_STARTS = frozenset("+-.0123456789")
_MAX_DIGITS = 300


def read_yaml(data: bytes, *, path: str) -> Document:
    """The document, with a finding for each thing that makes it no plain YAML. Never raises."""
    document = decode(data, path=path)
    if not document.findings:
        _compose(document)
    return document


def _compose(document: Document) -> None:
    try:
        loader = _LOADER(document.text)
        root = _Composer(document, loader.get_event).compose()
        loader.dispose()
    except yaml.MarkedYAMLError as error:
        _note_syntax(document, error)
    except yaml.YAMLError:
        document.error("yaml/syntax", 0, *_NO_YAML)
    except UnreadableError:
        pass
    else:
        if root is None:
            document.refuse_empty()
        if not document.findings:
            document.root = root


class _Composer:
    """Builds nodes from parser events; the depth limit keeps the recursion small."""

    def __init__(self, document: Document, next_event: Callable[[], Any]) -> None:
        self.document = document
        self.next = next_event
        self.anchors: dict[str, Node | None] = {}  # None while the anchor's own value is still open

    def compose(self) -> Node | None:
        """The root of the one document; None where there is none."""
        root = None
        while (event := self.next()) is not None:
            if isinstance(event, yaml.NodeEvent):
                root = self.node(event, depth=0)
            elif root is not None and isinstance(event, yaml.DocumentStartEvent):
                self.document.refuse(
                    "yaml/several-documents",
                    _at(event),
                    "A second YAML document starts here.",
                    "Keep one document in a file: move the rest to a file of its own.",
                )
        return root

    def node(self, event: Any, *, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self.resolve(event)
        if event.tag is not None:
            self.refuse_tag(event)
        if isinstance(event, yaml.ScalarEvent):
            node = self.scalar(event)
        elif depth >= MAX_DEPTH:
            message = f"Values are nested more than {MAX_DEPTH} deep."
            self.document.refuse("file/too-deep", _at(event), message, "Make it flatter.")
        else:
            node = self.collection(event, depth=depth + 1)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def scalar(self, event: yaml.ScalarEvent) -> Node:
        if not event.value.isascii():
            self.document.refuse_surrogates(event.value, _at(event))
        return _scalar(event)

    def collection(self, event: yaml.CollectionStartEvent, *, depth: int) -> Node:
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(_at(event), depth)
        return self.mapping(_at(event), depth)

    def sequence(self, at: int, depth: int) -> Node:
        items: list[Node] = []
        node = Node(at, items)
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            item = self.node(event, depth=depth)
            self.grow(node, item)
            items.append(item)
        return node

    def mapping(self, at: int, depth: int) -> Node:
        entries: dict[str, Entry] = {}
        node = Node(at, entries)
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            key = self.key(event, depth)
            entry = Entry(_at(event), self.node(self.next(), depth=depth))
            self.grow(node, entry.node)
            if key in entries:
                self.document.duplicate_key("yaml/duplicate-key", key, entry, first=entries[key])
            else:
                entries[key] = entry
        return node

    def key(self, event: yaml.NodeEvent, depth: int) -> str:
        node = self.node(event, depth=depth)
        if isinstance(node.value, (list, dict)):
            self.document.refuse(
                "yaml/key-not-text",
                _at(event),
                "This key is a list or a mapping.",
                "Use plain text as a key. Text that starts with `{` or `[` needs quotes.",
            )
        return node.value if isinstance(node.value, str) else node.written

    def grow(self, node: Node, child: Node) -> None:
        node.size += child.size
        if node.size > MAX_VALUES:
            self.document.refuse(
                "file/too-many-values",
                child.at,
                f"The file has more than {MAX_VALUES:,} values, aliases counted out.",
                "Write the values out without aliases, or split the file.",
            )

    def resolve(self, event: yaml.AliasEvent) -> Node:
        name = event.anchor or ""
        node = self.anchors.get(name)
        if node is None:
            why = "stands inside the value it repeats" if name in self.anchors else "has no anchor before it"
            self.document.refuse(
                "yaml/alias",
                _at(event),
                f"The alias `*{clip(name, 80)}` {why}.",
                "Write the value out. Text that starts with `*` needs quotes.",
            )
        return node

    def refuse_tag(self, event: Any) -> NoReturn:
        fix = "Remove it. Text that starts with `!` needs quotes."
        self.document.refuse("yaml/tag", _at(event), f"The tag `{clip(event.tag, 80)}` has no meaning here.", fix)


def _at(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.index if mark is not None else 0


def _scalar(event: yaml.ScalarEvent) -> Node:
    at, text = _at(event), event.value
    if not event.implicit[0]:  # quoted or block: text
        return Node(at, text)
    if text in _NULL:
        return Node(at, None, text)
    if text in _BOOL:
        return Node(at, _BOOL[text], text)
    if text[0] not in _NUMBER_STARTS or (number := _number(text)) is None:
        return Node(at, text)
    return Node(at, number, text)


def _number(text: str) -> int | float | None:
    if len(text) > _MAX_DIGITS:
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return None


def _note_syntax(document: Document, error: yaml.MarkedYAMLError) -> None:
    problem = error.problem or "this is not YAML"
    mark = error.problem_mark or error.context_mark
    if "end of stream" in problem and error.context_mark is not None:
        mark = error.context_mark  # what was never closed says more than the end of the file
    at = mark.index if mark else 0
    found = document.text[at : at + 1]
    if found == "\t":
        document.error("yaml/tab", at, "A tab stands where YAML wants spaces.", "Indent with spaces.")
    elif found in ("@", "`", "%") and "cannot start any token" in problem:
        document.error("yaml/syntax", at, f"Text cannot start with `{found}`.", "Put the text in quotes.")
    else:
        message, fix = next((words for known, words in _SYNTAX.items() if known in problem), _NO_YAML)
        document.error("yaml/syntax", at, message, fix)


_NO_YAML = (
    "This is not valid YAML.",
    "Check the indentation, quotes and brackets on this line and the one before it.",
)
_SYNTAX = {
    "mapping values are not allowed": (
        "A second `key: value` starts here, where YAML wants one.",
        "Check the indentation; text that holds `: ` needs quotes.",
    ),
    "end of stream": ("What opens here is never closed.", "Add the closing quote or bracket."),
    "could not find expected ':'": ("This line is no `key: value`.", "Add the colon, or indent it as more text."),
    "escape character": (
        "This backslash sequence means nothing in double quotes.",
        "Write `\\\\` for a backslash, or use single quotes.",
    ),
    "',' or": ("The list or mapping in brackets goes wrong here.", "Add the missing comma or closing bracket."),
    "'-' indicator": ("A list goes on here without `- `.", "Start the item with `- `, or mend the indentation."),
    "did not find expected key": ("This does not belong to the mapping above.", "Mend the indentation."),
    "incompatible YAML": ("This YAML version is not supported.", "Remove the `%YAML` line."),
}
