"""A file of the release as a tree of values with their positions.

`yaml_reader` and `strict_json` build documents; `schema` reads them.
"""

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NoReturn

from wavegate.findings.finding import Finding, Location, Severity, error
from wavegate.text import clip

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_VALUES = 100_000
"""Values in one file, including those that aliases repeat."""

Scalar = str | int | float | bool | None
PathSegment = str | int

BREAK = re.compile(r"\r\n|\n|\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_PRINTABLE = bytes((*b"\t\n\r", *range(0x20, 0x7F)))
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = "\ufeff"


class UnreadableError(Exception):
    """Stops reading a document; its finding is already added. Never leaves the readers."""


@dataclass(slots=True, eq=False)
class Node:
    """One value. at: index of its first character. size: the number of values in it, including itself.

    written: a plain YAML scalar as written, if that differs from its value (`3.10`); otherwise ''.
    """

    at: int
    value: "Scalar | list[Node] | dict[str, MappingEntry]"
    written: str = ""
    size: int = 1


@dataclass(slots=True, eq=False)
class MappingEntry:
    """One value of a mapping. key_at: index of its key's first character."""

    key_at: int
    node: Node


@dataclass(slots=True, eq=False)
class Document:
    """A file's text and its values.

    path: relative to the checkout. digest: its `text_digest`. root: None if the file could not be read.
    findings: the problems found so far.
    """

    path: str
    digest: str
    text: str = ""
    root: Node | None = None
    findings: list[Finding] = field(default_factory=list)
    _line_starts: list[int] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether any finding is an error."""
        return any(each.severity is Severity.ERROR for each in self.findings)

    def location(self, at: int) -> Location:
        """The position of a character. Lines and columns start at 1; columns count characters."""
        if not self._line_starts:
            self._line_starts = _starts_of_lines(self.text)
        line = bisect_right(self._line_starts, at)
        return Location(self.path, line, at - self._line_starts[line - 1] + 1)

    def locate(self, *parts: PathSegment, key: bool = False) -> Location:
        """The position of the value at `parts` (keys and indexes), or of its key; of the nearest parent if absent."""
        if self.root is None:
            return self.location(0)
        node, at = self.root, self.root.at
        for part in parts:
            value = node.value
            if isinstance(value, dict) and isinstance(part, str) and part in value:
                entry = value[part]
                node, at = entry.node, entry.key_at if key else entry.node.at
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                node = value[part]
                at = node.at
            else:
                break
        return self.location(at)

    def error(self, rule: str, at: int, message: str, fix: str) -> None:
        """Add an error at a character."""
        self.findings.append(error(rule, self.location(at), message, fix))

    def refuse(self, rule: str, at: int, message: str, fix: str) -> NoReturn:
        """Add an error at a character, and stop reading."""
        self.error(rule, at, message, fix)
        raise UnreadableError

    def duplicate_key(self, rule: str, key: str, entry: MappingEntry, *, first: MappingEntry) -> None:
        """Add an error for a duplicate key."""
        line = self.location(first.key_at).line
        message = f"Duplicate key `{clip(key, 80)}`; first defined on line {line}."
        self.error(rule, entry.key_at, message, "Keep one of the two.")

    def refuse_empty(self) -> None:
        """Add an error for a file that is empty or has only comments."""
        self.error("file/empty", 0, "The file is empty.", "Write its content, or delete the file.")

    def refuse_surrogates(self, text: str, at: int) -> None:
        """Add an error for an escape that is half of a surrogate pair, which UTF-8 cannot encode; stop reading."""
        if not text.isascii() and _SURROGATE.search(text):
            message = "An escape here is only half of a surrogate pair."
            self.refuse("file/not-unicode", at, message, "Write both halves, or the character itself.")


def _starts_of_lines(text: str) -> list[int]:
    if "\r" in text:
        return [0, *map(re.Match.end, BREAK.finditer(text))]
    return [0, *accumulate(len(line) + 1 for line in text.split("\n"))]


def text_digest(data: bytes) -> str:
    """Hexadecimal SHA-256 of a text file with CRLF line endings as LF: which of the two depends on the checkout."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def decode(data: bytes, *, path: str) -> Document:
    """Decode a file. If it is not valid text, the document has a finding that explains why. Never raises."""
    document = Document(path=path, digest=text_digest(data))
    if len(data) > MAX_BYTES:
        document.error(
            "file/too-large", 0, f"The file has {len(data):,} bytes; the limit is 1 MiB.", "Split it, or remove data."
        )
    elif data.startswith(_UTF16):
        document.error(
            "file/not-utf-8", 0, "The file is UTF-16, not UTF-8.", "Save it as UTF-8 without a byte order mark."
        )
    else:
        _decode_utf8(document, data)
    return document


def _decode_utf8(document: Document, data: bytes) -> None:
    if not data.translate(None, _PRINTABLE):
        document.text = data.decode("ascii")
        if not data.strip():
            document.refuse_empty()
        return
    mark = _BOM.encode()
    marked = data.startswith(mark)
    data = data.removeprefix(mark)
    try:
        document.text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        document.text = data[: error.start].decode("utf-8")
        message = f"Byte 0x{data[error.start]:02x} is not valid UTF-8 here."
        document.error("file/not-utf-8", len(document.text), message, "Save the file as UTF-8.")
        return
    if marked:
        fix = "Save it as UTF-8 without a byte order mark."
        document.error("file/byte-order-mark", 0, "The file starts with a byte order mark.", fix)
    elif (at := document.text.find(_BOM)) >= 0:
        document.error("file/byte-order-mark", at, "There is a byte order mark inside the file.", "Delete it.")
    elif match := _CONTROL.search(document.text):
        document.error(
            "file/control-character",
            match.start(),
            f"U+{ord(match.group()):04X} is a control character.",
            "Delete it; most editors can show invisible characters.",
        )
    elif not document.text.strip():
        document.refuse_empty()
