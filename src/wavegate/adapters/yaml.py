"""YAML, read strictly: one document of plain data in which every value knows where it stands.

Scalars follow the core schema of YAML 1.2, so `no`, `on`, `010`, `1:30` and dates are the text that was written.
Anchors and aliases work while what they repeat stays small; tags, merge keys and duplicate keys are findings.
"""

import math
import re
from collections.abc import Callable
from typing import Any

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
        root = _Composer(document).compose()
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
    """Builds nodes from parser events, with a stack of its own: depth costs no recursion."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.root: Node | None = None
        self.open: list[Node] = []
        self.keys: list[tuple[int, str] | None] = []  # for each open mapping, the key whose value is next
        self.anchors: dict[str, Node | None] = {}  # None while the anchor's own value is still open
        self.names: list[str | None] = []

    def compose(self) -> Node | None:
        loader = _LOADER(self.document.text)
        try:
            while (event := loader.get_event()) is not None:
                if step := _STEPS.get(type(event)):
                    step(self, event)
        finally:
            loader.dispose()
        return self.root

    def start_document(self, event: yaml.DocumentStartEvent) -> None:
        if self.root is not None:
            self.document.refuse(
                "yaml/several-documents",
                _at(event),
                "A second YAML document starts here.",
                "Keep one document in a file: move the rest to a file of its own.",
            )

    def scalar(self, event: yaml.ScalarEvent) -> None:
        if event.tag is not None:
            self.refuse_tag(event, event.tag)
        node = _scalar(event)
        if not event.value.isascii():
            self.document.refuse_surrogates(event.value, node.at)
        self.add(node, event.anchor)

    def alias(self, event: yaml.AliasEvent) -> None:
        self.add(self.resolve(event), None)

    def start_mapping(self, event: yaml.MappingStartEvent) -> None:
        self.push(event, Node(_at(event), {}))

    def start_sequence(self, event: yaml.SequenceStartEvent) -> None:
        self.push(event, Node(_at(event), []))

    def push(self, event: yaml.CollectionStartEvent, node: Node) -> None:
        if event.tag is not None:
            self.refuse_tag(event, event.tag)
        if len(self.open) >= MAX_DEPTH:
            self.document.refuse(
                "file/too-deep", node.at, f"Values are nested more than {MAX_DEPTH} deep.", "Make it flatter."
            )
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.open.append(node)
        self.names.append(event.anchor)
        self.keys.append(None)

    def pop(self, _: yaml.CollectionEndEvent) -> None:
        node = self.open.pop()
        self.keys.pop()
        self.add(node, self.names.pop())

    def add(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        parent.size += node.size
        if parent.size > MAX_VALUES:
            self.document.refuse(
                "file/too-many-values",
                node.at,
                f"The file has more than {MAX_VALUES:,} values, aliases counted out.",
                "Write the values out without aliases, or split the file.",
            )
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif isinstance(parent.value, dict):
            self.add_entry(parent.value, node)

    def add_entry(self, mapping: dict[str, Entry], node: Node) -> None:
        pending = self.keys[-1]
        if pending is None:
            self.keys[-1] = (node.at, self.key_text(node))
            return
        self.keys[-1] = None
        at, key = pending
        if key in mapping:
            self.document.duplicate_key("yaml/duplicate-key", key, Entry(at, node), first=mapping[key])
            return
        mapping[key] = Entry(at, node)

    def key_text(self, node: Node) -> str:
        if isinstance(node.value, (list, dict)):
            self.document.refuse(
                "yaml/key-not-text",
                node.at,
                "This key is a list or a mapping.",
                "Use plain text as a key. Text that starts with `{` or `[` needs quotes.",
            )
        return node.value if isinstance(node.value, str) else node.written

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

    def refuse_tag(self, event: yaml.Event, tag: str) -> None:
        fix = "Remove it. Text that starts with `!` needs quotes."
        self.document.refuse("yaml/tag", _at(event), f"The tag `{clip(tag, 80)}` has no meaning here.", fix)


_STEPS: dict[type[yaml.Event], Callable[[_Composer, Any], None]] = {
    yaml.DocumentStartEvent: _Composer.start_document,
    yaml.ScalarEvent: _Composer.scalar,
    yaml.AliasEvent: _Composer.alias,
    yaml.MappingStartEvent: _Composer.start_mapping,
    yaml.MappingEndEvent: _Composer.pop,
    yaml.SequenceStartEvent: _Composer.start_sequence,
    yaml.SequenceEndEvent: _Composer.pop,
}


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
