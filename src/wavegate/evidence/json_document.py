"""Reads the JSON of a result file case by case, in memory that does not depend on what the file contains.

Decoded, `{},` takes thirty times its bytes. Here at most MAX_PART bytes are decoded at once, and of what is outside
the cases only the members that a reader looks at are kept.
"""

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import NoReturn

import msgspec

from wavegate.evidence.json_keys import DuplicateKeyError, unique_members

MAX_PART = 512 * 1024
"""Bytes of one case, and of one value that contains no others."""
MAX_CASES = 20_000
"""Cases of one file: more than the gate counts over all tests."""
MAX_MEMBERS = 30_000
"""Members of all objects and lists that are longer than MAX_PART, cases included."""
MAX_KEY = 200
"""Bytes of a key of these objects, as written."""
MAX_DEPTH = 20
"""Levels of objects and lists that are longer than MAX_PART."""

CASES = frozenset({"testCases", "results"})
"""Lists of cases."""
OBJECTS = frozenset({"", "result", "results"})
"""Objects that contain a list of cases: the document, the CLI's envelope, and promptfoo's summary."""
FRAME = frozenset({
    "status", "message", "exitCode", "subjectName", "endTime", "errorMessage", "timestamp", "stats",
})  # fmt: skip
"""Other members that are kept."""

_SPACE = re.compile(rb"[ \t\n\r]*")
_BRACKETS = {b"{": b"}", b"[": b"]"}


class MalformedJsonError(Exception):
    """The text is not JSON, or it is larger than it may be. line: from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Cases:
    """The cases of a document, each decoded when it is its turn. Iterating raises as msgspec.json.decode does."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._spans: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self._spans)

    def __iter__(self) -> Iterator[object]:
        for start, end in self._spans:
            yield msgspec.json.decode(self._data[start:end])

    def add(self, start: int, end: int) -> None:
        """Add the case between two positions."""
        self._spans.append((start, end))


def read_document(data: bytes) -> object:
    """The document, with `Cases` in place of each list of cases, and without what is in none of the tables.

    MalformedJsonError: it is not JSON, has a duplicate key, or exceeds a limit of this module.
    """
    reader = _Reader(data)
    try:
        return reader.read()
    except DuplicateKeyError as error:
        reader.reject(f"Duplicate key {error} in one object", reader.at)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        reader.reject(f"The file is not JSON: {error}", reader.at)


class _Reader:
    """at: the next byte. members: of the long objects and lists so far."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.members = 0
        # the duplicates that matter have ASCII names, so one byte can be one character
        self.text, self.start = "", 0
        self.decoder = JSONDecoder(
            object_pairs_hook=unique_members, parse_int=str, parse_float=str, parse_constant=self.no_number
        )

    def read(self) -> object:
        self.skip_space()
        document = self.value("", is_kept=True, depth=0)
        self.skip_space()
        if self.at < len(self.data):
            self.reject("The file is not JSON: there is more after the value", self.at)
        return document

    def value(self, key: str, *, is_kept: bool, depth: int) -> object:
        """Read one value. It is None unless it is kept: a list of cases, what contains one, or a member of FRAME."""
        start, opening = self.at, self.data[self.at : self.at + 1]
        if is_kept and opening == b"[" and key in CASES:
            return self.cases(depth)
        if is_kept and opening == b"{" and key in OBJECTS:
            return self.object(is_kept=True, depth=depth)
        if self.skip_value():
            return msgspec.json.decode(self.data[start : self.at]) if is_kept and key in FRAME else None
        if opening == b"{":
            self.object(is_kept=False, depth=depth)
        elif opening == b"[":
            self.list(depth)
        else:
            self.reject(f"The file has a value longer than {MAX_PART} bytes", start)
        return None

    def object(self, *, is_kept: bool, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        for _ in self.items(depth):
            key = self.key()
            if key in found:
                raise DuplicateKeyError(key)
            value = self.value(key, is_kept=is_kept, depth=depth + 1)
            found[key] = value
        return found

    def key(self) -> str:
        start = self.at
        if self.data[start : start + 1] != b'"':
            self.reject("The file is not JSON: a key is missing", start)
        if not self.skip_value() or self.at - start > MAX_KEY:
            self.reject(f"The file has a key longer than {MAX_KEY} bytes", start)
        key = msgspec.json.decode(self.data[start : self.at], type=str)
        self.skip_space()
        if self.data[self.at : self.at + 1] != b":":
            self.reject("The file is not JSON: a colon is missing", self.at)
        self.at += 1
        self.skip_space()
        return key

    def list(self, depth: int) -> None:
        for _ in self.items(depth):
            self.value("", is_kept=False, depth=depth + 1)

    def cases(self, depth: int) -> Cases:
        cases = Cases(self.data)
        for _ in self.items(depth):
            start = self.at
            if len(cases) >= MAX_CASES:
                self.reject(f"The file has more than {MAX_CASES} cases", start)
            if not self.skip_value():
                self.reject(f"The file has a case longer than {MAX_PART} bytes", start)
            cases.add(start, self.at)
        return cases

    def items(self, depth: int) -> Iterator[None]:
        """Stop at each item between two brackets. The caller reads it."""
        if depth >= MAX_DEPTH:
            self.reject(f"The file has long values nested more than {MAX_DEPTH} levels deep", self.at)
        end, is_first = _BRACKETS[self.data[self.at : self.at + 1]], True
        while True:
            self.at += 1
            self.skip_space()
            if is_first and self.data[self.at : self.at + 1] == end:
                break
            is_first = False
            self.members += 1
            if self.members > MAX_MEMBERS:
                self.reject(f"The file has more than {MAX_MEMBERS} values in long lists and objects", self.at)
            yield
            self.skip_space()
            if self.data[self.at : self.at + 1] == end:
                break
            if self.data[self.at : self.at + 1] != b",":
                self.reject("The file is not JSON: a comma or a bracket is missing", self.at)
        self.at += 1

    def skip_value(self) -> bool:
        """Advance over a value of at most MAX_PART bytes; False if it is longer."""
        is_last = self.start + len(self.text) == len(self.data)
        for is_fresh in (False, True):
            if is_fresh:
                self.start, self.text = self.at, self.data[self.at : self.at + MAX_PART].decode("latin-1")
                is_last = self.start + len(self.text) == len(self.data)
            try:
                _, end = self.decoder.raw_decode(self.text, self.at - self.start)
            except JSONDecodeError as error:
                if is_last and (is_fresh or self.text):
                    self.reject(f"The file is not JSON: {error.msg}", self.start + error.pos)
                continue
            # a number at the end of the text may go on
            if end < len(self.text) or is_last:
                self.at = self.start + end
                return True
        return False

    def skip_space(self) -> None:
        if match := _SPACE.match(self.data, self.at):
            self.at = match.end()

    def no_number(self, text: str) -> NoReturn:
        self.reject(f"The file is not JSON: {text} is not a number", self.at)

    def reject(self, message: str, at: int) -> NoReturn:
        raise MalformedJsonError(message + ".", self.data.count(b"\n", 0, at) + 1)
