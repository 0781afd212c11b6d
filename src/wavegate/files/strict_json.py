"""JSON (RFC 8259), read strictly: every value has its position; duplicate keys and NaN are findings."""

import math
import re
from contextlib import suppress
from json import JSONDecodeError, JSONDecoder
from typing import NoReturn

from wavegate.files.document import MAX_DEPTH, MAX_VALUES, Document, MappingEntry, Node, UnreadableError, decode
from wavegate.text import clip

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[-+.%\w]+")
_COMMENTS = ("/", "#")
_QUOTES = tuple("'‘’“”`")
_STRINGS = JSONDecoder()
_LITERALS = {"true": True, "false": False, "null": None}
_MAX_DIGITS = 300


def read_json(data: bytes, *, path: str) -> Document:
    """The document, with a finding if it is not strict JSON. Never raises."""
    document = decode(data, path=path)
    if not document.findings:
        with suppress(UnreadableError):
            document.root = _JsonReader(document).read()
    return document


class _JsonReader:
    """Recursive descent; the depth limit keeps the recursion shallow."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.at = 0
        self.count = 0

    def read(self) -> Node:
        self.skip()
        root = self.value(depth=0)
        self.skip()
        if self.at < len(self.text):
            self.stop("There is more text after the JSON value.", "Keep one value per file.")
        return root

    def value(self, *, depth: int) -> Node:
        self.count += 1
        if depth > MAX_DEPTH:
            message = f"Values are nested more than {MAX_DEPTH} levels deep."
            self.stop(message, "Flatten the structure.", rule="file/too-deep")
        if self.count > MAX_VALUES:
            self.stop(f"The file has more than {MAX_VALUES:,} values.", "Split it.", rule="file/too-many-values")
        match self.peek():
            case "{":
                return self.object(depth)
            case "[":
                return self.array(depth)
            case '"':
                return Node(self.at, self.string())
            case _:
                return self.literal()

    def object(self, depth: int) -> Node:
        members: dict[str, MappingEntry] = {}
        node = Node(self.at, members)
        first = True
        while self.more("}", first=first):
            first = False
            key_at = self.at
            if self.peek() != '"':
                self.stop("A key in double quotes is missing here.", "Write the key in double quotes.")
            key = self.string()
            self.skip()
            if self.peek() != ":":
                self.stop("A colon is missing here.", "Write `:` between the key and the value.")
            self.at += 1
            self.skip()
            entry = MappingEntry(key_at, self.value(depth=depth + 1))
            if key in members:
                self.document.duplicate_key("json/duplicate-key", key, entry, first=members[key])
            members.setdefault(key, entry)
        return node

    def array(self, depth: int) -> Node:
        items: list[Node] = []
        node = Node(self.at, items)
        while self.more("]", first=not items):
            items.append(self.value(depth=depth + 1))
        return node

    def more(self, end: str, *, first: bool) -> bool:
        """Advance over the opening bracket or a comma to the next item; False at the closing bracket."""
        if first:
            self.at += 1
        self.skip()
        if self.peek() == end:
            self.at += 1
            return False
        if first:
            return True
        if self.peek() != ",":
            self.stop(f"A comma or `{end}` is missing here.", "Add it.")
        comma = self.at
        self.at += 1
        self.skip()
        if self.peek() == end:
            self.at = comma
            self.stop("JSON does not allow a trailing comma.", "Delete this comma.")
        return True

    def string(self) -> str:
        start = self.at
        text: str
        try:
            text, self.at = _STRINGS.raw_decode(self.text, start)
        except JSONDecodeError as error:
            self.at = start if "Unterminated" in error.msg else error.pos
            self.stop(
                "This text is not valid JSON.", "Close the quotes; write a line break as `\\n` and a tab as `\\t`."
            )
        self.document.refuse_surrogates(text, start)
        return text

    def literal(self) -> Node:
        word = _WORD.match(self.text, self.at)
        if word is None and self.peek() in _QUOTES:
            self.stop("JSON text needs double quotes.", "Put it in plain double quotes.")
        if word is None:
            self.stop("A value is missing here.", "Add the value, or delete the key or comma that needs it.")
        text = word.group()
        if text not in _LITERALS and (problem := _number_problem(text)):
            self.stop(*problem)
        node = Node(self.at, _LITERALS[text] if text in _LITERALS else _number(text))
        self.at = word.end()
        return node

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def skip(self) -> None:
        if match := _SPACE.match(self.text, self.at):
            self.at = match.end()
        character = self.peek()
        if character in _COMMENTS:
            self.stop("JSON does not allow comments.", "Delete it, or write the pack as YAML.")
        if character.isspace():
            self.stop(f"U+{ord(character):04X} is not a space in JSON.", "Use an ordinary space instead.")

    def stop(self, message: str, fix: str, *, rule: str = "json/syntax") -> NoReturn:
        self.document.refuse(rule, self.at, message, fix)


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdecimal() else float(text)


def _number_problem(text: str) -> tuple[str, str] | None:
    """Message and fix for a word that is not a JSON number, or is out of range; None if it is fine."""
    if _NUMBER.fullmatch(text):
        fits = len(text) <= _MAX_DIGITS and math.isfinite(float(text))
        return None if fits else ("This number is out of range.", "Write a smaller number.")
    if text[0].isalpha():
        fix = "Put text in double quotes; only true, false and null go without."
        return f"`{clip(text, 40)}` is not JSON.", fix
    fix = "Write decimal digits, without a leading zero or `+`, such as `0.95`; text needs double quotes."
    return f"`{clip(text, 40)}` is not a JSON number.", fix
