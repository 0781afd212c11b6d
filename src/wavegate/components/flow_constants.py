"""The constants of a flow: what they are, and setting one without changing another byte of its file.

Source: Metadata API, Flow: a `constants` element has a `name`, a `dataType`, and in `value` a `numberValue` or
`stringValue`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from wavegate.components.metadata import Element, parse_xml
from wavegate.errors import InputError
from wavegate.text import one_line

_VALUES = ("numberValue", "stringValue")
_TAG = re.compile(rb"<[^<>\"']*(?:(?:\"[^\"]*\"|'[^']*')[^<>\"']*)*>")
_UTF8 = frozenset({"", "utf-8", "us-ascii"})


def flow_constants(flow: Element) -> Iterator[tuple[str, str]]:
    """Name of each constant, with `number` or `text`; '' if it has neither. flow: the root of a flow's file."""
    for constant in flow.all("constants"):
        value = next(constant.all("value"), None)
        tags = {each.tag for each in value.children} if value else set()
        yield constant.value("name"), _kind(next((each for each in _VALUES if each in tags), ""))


def constant_value(data: bytes, *, path: str, constant: str) -> float | str | None:
    """A constant's value; None if the flow has no such constant with a number or a text."""
    place = _find(data, path, constant)
    if place is None:
        return None
    return place.text if place.tag == "stringValue" else _number(place.text)


def set_constant(data: bytes, *, path: str, constant: str, value: float | str) -> bytes:
    """The flow with another value of a constant; the same bytes if it has that value.

    data: of the flow's file, in UTF-8. value: a number for a `numberValue`, a text for a `stringValue`. InputError:
    there is no such constant, or it is of the other kind.
    """
    place = _find(data, path, constant)
    if place is None:
        raise InputError(
            f"The flow has no constant {one_line(constant, 80)} with a number or a text.",
            fix="Correct `constant` of the cohort in the manifest, or add the constant to the flow.",
            file=path,
        )
    expected = "text" if isinstance(value, str) else "number"
    if _kind(place.tag) != expected:
        raise InputError(
            f"The constant {one_line(constant, 80)} of the flow has a {_kind(place.tag)}, but the manifest has a"
            f" {expected}.",
            fix="Write `value` of the cohort in the manifest with quotes for a text, and without for a number.",
            file=path,
            line=place.line,
        )
    if place.text == value or (expected == "number" and _number(place.text) == value):
        return data
    new = escape(value) if isinstance(value, str) else _written(value)
    return data[: place.start] + place.wrapped(new).encode() + data[place.end :]


def _kind(tag: str) -> str:
    return {"numberValue": "number", "stringValue": "text"}.get(tag, "")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _written(value: float) -> str:
    """A number as Salesforce writes one in a flow: `10.0`."""
    whole, _, rest = f"{value:.9f}".partition(".")
    return f"{whole}.{rest.rstrip('0') or '0'}"


@dataclass(slots=True)
class _ValuePlace:
    """The value of a constant. start, end: byte offsets of its text; of the whole element if it is `<tag/>`."""

    tag: str
    line: int
    start: int
    end: int = 0
    text: str = ""
    is_empty_tag: bool = False

    def wrapped(self, text: str) -> str:
        return f"<{self.tag}>{text}</{self.tag}>" if self.is_empty_tag else text


def _find(data: bytes, path: str, constant: str) -> _ValuePlace | None:
    # says what is wrong with the file, if anything is
    parse_xml(data, path=path)
    reader = _ConstantReader(data)
    reader.parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position
    if reader.encoding not in _UTF8:
        raise InputError("The flow's file is not in UTF-8.", fix="Save it as UTF-8.", file=path)
    # names are compared as the platform does
    return next((each for name, each in reader.found if each and name.casefold() == constant.casefold()), None)


@dataclass(slots=True)
class _ConstantReader:
    """Reads the constants of a flow with their byte offsets."""

    data: bytes
    found: list[tuple[str, _ValuePlace | None]] = field(default_factory=list)
    encoding: str = ""
    path: list[str] = field(default_factory=list)
    name: str = ""
    place: _ValuePlace | None = None
    parser: expat.XMLParserType = field(default_factory=expat.ParserCreate)

    def __post_init__(self) -> None:
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.XmlDeclHandler = self._declaration

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = (encoding or "").casefold()

    def _start(self, tag: str, _attributes: object) -> None:
        self.path.append(tag.rpartition(":")[2])
        if self.path[1:] == ["constants"]:
            self.name, self.place = "", None
        if self.path[1:3] == ["constants", "value"] and len(self.path) == 4 and self.path[3] in _VALUES:
            at = self.parser.CurrentByteIndex
            opening = _TAG.match(self.data, at)
            end = opening.end() if opening else at
            is_empty = self.data[end - 2 : end] == b"/>"
            self.place = _ValuePlace(
                tag=tag, line=self.parser.CurrentLineNumber, start=at if is_empty else end, is_empty_tag=is_empty
            )
            self.place.end = end

    def _end(self, _tag: str) -> None:
        place = self.place
        if place and len(self.path) == 4 and self.path[3] == place.tag.rpartition(":")[2] and not place.is_empty_tag:
            place.end = self.parser.CurrentByteIndex
        if self.path[1:] == ["constants"]:
            self.found.append((self.name.strip(), place))
        self.path.pop()

    def _characters(self, text: str) -> None:
        if self.path[1:] == ["constants", "name"]:
            self.name += text
        elif self.place and len(self.path) == 4 and self.path[3] in _VALUES:
            self.place.text += text
