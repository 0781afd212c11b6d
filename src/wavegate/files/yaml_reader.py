"""YAML, read strictly: one document of plain data in which every value has its position.

Scalars follow the core schema of YAML 1.2, so `no`, `on`, `010`, `1:30` and dates stay text, as written.
Anchors and aliases work within a size limit; tags, merge keys and duplicate keys are findings.
"""

import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from wavegate.files.document import MAX_DEPTH, MAX_VALUES, Document, MappingEntry, Node, UnreadableError, decode
from wavegate.files.yaml_syntax import note_syntax
from wavegate.text import clip

# libyaml if PyYAML was built with it, otherwise PyYAML's own parser, which is ten times slower
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_OTHER_BREAK = re.compile(r"[\x85\u2028\u2029]")
_OTHER_SPACE = re.compile(r"^(?: *- )* *(?:[\w$-]+:)?([\xa0\u2000-\u200b\u202f\u205f\u3000])", re.MULTILINE)
_NUMBER_STARTS = frozenset("+-.0123456789")
_MAX_DIGITS = 300


def read_yaml(data: bytes, *, path: str) -> Document:
    """The document, with a finding for everything that is not plain YAML. Never raises."""
    document = decode(data, path=path)
    if not document.findings and not _has_odd_space(document):
        _compose(document)
    return document


def _has_odd_space(document: Document) -> bool:
    """Add an error for the first space or line break that parsers, or people, read differently."""
    if document.text.isascii():
        return False
    if match := _OTHER_BREAK.search(document.text):
        message = f"U+{ord(match.group()):04X} ends a line in YAML 1.1, but not in YAML 1.2."
        document.error("yaml/line-break", match.start(), message, "Use an ordinary line break instead.")
    elif match := _OTHER_SPACE.search(document.text):
        message = f"U+{ord(match.group(1)):04X} looks like a space, but YAML reads it as text."
        document.error("yaml/space", match.start(1), message, "Use an ordinary space instead.")
    return bool(match)


def _compose(document: Document) -> None:
    try:
        loader = _LOADER(document.text)
        root = _Composer(document, loader.get_event).compose()
        loader.dispose()
    except yaml.YAMLError as error:
        note_syntax(document, error)
    except UnreadableError:
        pass
    else:
        if root is None or (root.value is None and not root.written):
            document.refuse_empty()
        else:
            document.root = root


class _Composer:
    """Builds nodes from parser events; the depth limit keeps the recursion shallow."""

    def __init__(self, document: Document, next_event: Callable[[], Any]) -> None:
        self.document = document
        self.next = next_event
        self.anchors: dict[str, Node | None] = {}  # None while the anchor's own value is still open

    def compose(self) -> Node | None:
        """The root of the only document; None if there is none."""
        root = None
        while (event := self.next()) is not None:
            if isinstance(event, NodeEvent):
                root = self.node(event, 0)
            elif root is not None and isinstance(event, DocumentStartEvent):
                self.document.refuse(
                    "yaml/several-documents",
                    _at(event),
                    "A second YAML document starts here.",
                    "Keep one document per file: move this one to another file.",
                )
        return root

    def node(self, event: Any, depth: int) -> Node:
        # this runs once for each value of each file: events have no subclasses, so their types are compared
        kind = type(event)
        if kind is AliasEvent:
            return self.resolve(event)
        if event.tag is not None:
            self.refuse_tag(event)
        if kind is ScalarEvent:
            if not event.value.isascii():
                self.document.refuse_surrogates(event.value, _at(event))
            node = _scalar(event)
        elif depth >= MAX_DEPTH:
            message = f"Values are nested more than {MAX_DEPTH} levels deep."
            self.document.refuse("file/too-deep", _at(event), message, "Flatten the structure.")
        else:
            node = self.collection(event, depth + 1)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def collection(self, event: CollectionStartEvent, depth: int) -> Node:
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, SequenceStartEvent):
            return self.sequence(_at(event), depth)
        return self.mapping(_at(event), depth)

    def sequence(self, at: int, depth: int) -> Node:
        items: list[Node] = []
        node = Node(at, items)
        while type(event := self.next()) is not SequenceEndEvent:
            item = self.node(event, depth)
            node.size += item.size
            if node.size > MAX_VALUES:
                self.refuse_size(item)
            items.append(item)
        return node

    def mapping(self, at: int, depth: int) -> Node:
        entries: dict[str, MappingEntry] = {}
        node = Node(at, entries)
        while type(event := self.next()) is not MappingEndEvent:
            plain = (
                type(event) is ScalarEvent and event.tag is None and event.anchor is None and event.value.isascii()
            )
            key = event.value if plain else self.key(event, depth)
            entry = MappingEntry(event.start_mark.index, self.node(self.next(), depth))
            node.size += entry.node.size
            if node.size > MAX_VALUES:
                self.refuse_size(entry.node)
            if key in entries:
                self.document.duplicate_key("yaml/duplicate-key", key, entry, first=entries[key])
            else:
                entries[key] = entry
        return node

    def key(self, event: NodeEvent, depth: int) -> str:
        node = self.node(event, depth)
        if isinstance(node.value, (list, dict)):
            self.document.refuse(
                "yaml/key-not-text",
                _at(event),
                "This key is a list or a mapping.",
                "Use plain text as a key. Text that starts with `{` or `[` needs quotes.",
            )
        return node.value if isinstance(node.value, str) else node.written

    def refuse_size(self, child: Node) -> NoReturn:
        self.document.refuse(
            "file/too-many-values",
            child.at,
            f"The file has more than {MAX_VALUES:,} values once its aliases are expanded.",
            "Use fewer aliases, or split the file.",
        )

    def resolve(self, event: AliasEvent) -> Node:
        name = event.anchor or ""
        node = self.anchors.get(name)
        if node is None:
            why = "is inside the value that it repeats" if name in self.anchors else "has no anchor before it"
            self.document.refuse(
                "yaml/alias",
                _at(event),
                f"The alias `*{clip(name, 80)}` {why}.",
                "Write the value out. Text that starts with `*` needs quotes.",
            )
        return node

    def refuse_tag(self, event: Any) -> NoReturn:
        fix = "Remove it. Text that starts with `!` needs quotes."
        self.document.refuse("yaml/tag", _at(event), f"The tag `{clip(event.tag, 80)}` is not supported.", fix)


def _at(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.index if mark is not None else 0


def _scalar(event: Any) -> Node:
    at, text = event.start_mark.index, event.value
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
