"""Metadata XML, read safely: no DOCTYPE, no entities, bounded depth, and a location for every element."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from wavegate.errors import InputError

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
DEPTH_LIMIT = 100
"""Nesting of elements; the deepest metadata has about a dozen."""


@dataclass(slots=True)
class Element:
    """One element: its name without namespace, the text before its first child, and its position (from 1)."""

    tag: str
    line: int
    column: int
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, tag: str) -> Iterator["Element"]:
        """The children with that name."""
        return (child for child in self.children if child.tag == tag)

    def value(self, tag: str) -> str:
        """The text of the first child with that name; '' if there is none."""
        return next((child.text for child in self.all(tag)), "")


def parse_xml(data: bytes, *, path: str) -> Element:
    """The root element of a metadata file.

    Raises InputError with file, line and column for XML that is invalid, declares a DOCTYPE,
    is nested too deeply, or is not in Salesforce's metadata namespace.
    """
    tree = _Tree(path)
    try:
        tree.parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        message = f"Invalid XML: {reason}."
        raise InputError(
            message, fix="Fix the syntax here.", file=path, line=error.lineno, column=error.offset + 1
        ) from None
    except (LookupError, ValueError) as error:
        # expat asked Python for an encoding that Python lacks or cannot map byte by byte
        message = f"The XML's encoding cannot be read: {error}."
        raise InputError(message, fix="Save the file as UTF-8.", file=path, line=1, column=1) from None
    return tree.top.children[0]


class _Tree:
    """The elements of one file while expat reads it."""

    def __init__(self, path: str) -> None:
        self.top = Element("", 1, 1)
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.buffer_size = 1 << 20
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._path = path
        self._stack = [self.top]

    def _start(self, name: str, _attributes: object) -> None:
        if len(self._stack) > DEPTH_LIMIT:
            self._fail(f"The XML is nested deeper than {DEPTH_LIMIT} elements.", "Retrieve the file again.")
        space, _, tag = name.rpartition(" ")
        if space != NAMESPACE:
            message = f"Element {tag} is not in Salesforce's metadata namespace."
            self._fail(message, f'Set xmlns="{NAMESPACE}" on the root element.')
        element = Element(tag, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)
        self._stack[-1].children.append(element)
        self._stack.append(element)

    def _end(self, _name: str) -> None:
        element = self._stack.pop()
        element.text = element.text.strip()

    def _characters(self, text: str) -> None:
        # only leaves carry values; text between elements is layout, and collecting it would be quadratic
        if not self._stack[-1].children:
            self._stack[-1].text += text

    def _refuse(self, *_: object) -> None:
        self._fail("The XML has a DOCTYPE, which could pull in entities.", "Remove the DOCTYPE.")

    def _fail(self, message: str, fix: str) -> None:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise InputError(message, fix=fix, file=self._path, line=line, column=column)
