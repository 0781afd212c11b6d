"""The elements of a metadata file with the byte offsets of their text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from wavegate.components.metadata import parse_xml


@dataclass(slots=True)
class XmlNode:
    """One element. text: before its first child, stripped. begin, end: of what is between its tags, in bytes."""

    tag: str
    line: int
    begin: int = 0
    end: int = 0
    text: str = ""
    children: list["XmlNode"] = field(default_factory=list)

    def value(self, tag: str) -> str:
        """The text of the first child with that name; '' if there is none."""
        return next((child.text for child in self.children if child.tag == tag), "")

    def below(self) -> Iterator[tuple["XmlNode", "XmlNode"]]:
        """Every element below this one, with its parent."""
        for child in self.children:
            yield self, child
            yield from child.below()


def read_nodes(data: bytes, *, path: str) -> XmlNode:
    """The root element. Raises InputError as `parse_xml` does."""
    parse_xml(data, path=path)
    return _Offsets(data).top.children[0]


class _Offsets:
    """Records offsets while expat reads a file that is known to be valid."""

    def __init__(self, data: bytes) -> None:
        self.top = XmlNode("", 1)
        self._stack = [self.top]
        self._started: XmlNode | None = None
        self._texts: list[list[str]] = [[]]
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = False
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartCdataSectionHandler = self._mark
        parser.CommentHandler = self._other
        parser.ProcessingInstructionHandler = self._other
        self._parser = parser
        parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position

    def _mark(self) -> None:
        """Whatever comes first after a start tag begins where the tag ends."""
        if self._started:
            self._started.begin = self._parser.CurrentByteIndex
            self._started = None

    def _start(self, name: str, _attributes: object) -> None:
        self._mark()
        node = XmlNode(name.rpartition(" ")[2], self._parser.CurrentLineNumber)
        self._stack[-1].children.append(node)
        self._stack.append(node)
        self._texts.append([])
        self._started = node

    def _end(self, _name: str) -> None:
        self._mark()
        node = self._stack.pop()
        node.end = self._parser.CurrentByteIndex
        node.text = "".join(self._texts.pop()).strip()

    def _characters(self, text: str) -> None:
        self._mark()
        if not self._stack[-1].children:
            self._texts[-1].append(text)

    def _other(self, *_: object) -> None:
        self._mark()
