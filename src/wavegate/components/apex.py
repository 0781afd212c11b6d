"""Apex classes (`.cls`): the project's classes that they name, their callouts, and whether they are tests.

A class is named by an identifier outside comments and strings that does not follow a dot, unless the dot follows the
project's namespace. A variable with the name of a class counts too: telling them apart would take a compiler.
Inside strings, only `Type.forName('Class')`, `callout:Credential` and `FlexTemplate://Template` are read.
Source: Salesforce's Apex Developer Guide. Apex ignores case.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wavegate.components.component import ApexRole
from wavegate.components.known_names import KnownNames

_FLAGS = re.ASCII | re.IGNORECASE
_LEXEMES = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)|'''.*?(?:'''|\Z)|'(?:[^'\\\n]|\\[^\n])*'?", re.DOTALL)
"""Comments and strings. Without its end, a string ends with its line; one of several lines, or a comment, never."""

_NAME = re.compile(r"(?<![\w.])[a-z]\w*", _FLAGS)
_DECLARED = re.compile(r"\b(?:class|interface|enum)\s+([a-z]\w*)", _FLAGS)
_FOR_NAME = re.compile(r"\bType\s*\.\s*forName\s*\(([^;(){}]*)\)", _FLAGS)
_ADDRESS = re.compile(
    r"\bcallout:(?P<NamedCredential>[a-z]\w*)|\bFlexTemplate://(?P<GenAiPromptTemplate>[a-z]\w*)", _FLAGS
)
_TEST = re.compile(r"@\s*istest\b", _FLAGS)
_MOCK = r"(?!\s+(?:System\s*\.\s*)?(?:HttpCalloutMock|WebServiceMock|StubProvider)\b)"
_ENTRY = re.compile(
    r"@\s*(?!(?:istest|testvisible|suppresswarnings|deprecated|namespaceaccessible|jsonaccess)\b)[a-z]\w*"
    rf"|\b(?:global|webservice|extends|implements{_MOCK})\b",
    _FLAGS,
)
"""What lets the platform, a page or another package call a class, so that nobody needs to name it in Apex."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApexMention:
    """A component that a class names. offset: of its first occurrence, in characters from 0."""

    type: str
    name: str
    offset: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ApexSource:
    """What a class says. mentions: one for each component, in order of occurrence."""

    role: ApexRole
    mentions: tuple[ApexMention, ...]


def read_apex(text: str, own: str, known: KnownNames) -> ApexSource:
    """Read a class. own: its name."""
    strings = [match for match in _LEXEMES.finditer(text) if match[0].startswith("'")]
    code = _LEXEMES.sub(_blank, text)
    found = [*_classes(code, own, known), *_addresses(strings), *_for_name(code, strings, known)]
    first: dict[tuple[str, str], ApexMention] = {}
    for each in sorted(found, key=lambda mention: mention.offset):
        first.setdefault((each.type, each.name), each)
    return ApexSource(role=_role(code), mentions=tuple(first.values()))


def without_comments(text: str) -> str:
    """The text of a class with spaces in place of its comments, so that every offset stays."""
    return _LEXEMES.sub(lambda match: match[0] if match[0].startswith("'") else _blank(match), text)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _role(code: str) -> ApexRole:
    header = _DECLARED.search(code)
    if _TEST.search(code, 0, header.start() if header else len(code)):
        return ApexRole.TEST
    if header and not header[0].casefold().startswith("class"):
        return ApexRole.TYPE
    return ApexRole.ENTRY if _ENTRY.search(code) else ApexRole.PLAIN


def _classes(code: str, own: str, known: KnownNames) -> Iterator[ApexMention]:
    """The classes of the project that the code names, without those that a type declared in it hides."""
    classes = known.of_type("ApexClass")
    words = {word.casefold() for word in set(_NAME.findall(code))}
    hidden = {own.casefold(), *(name.casefold() for name in _DECLARED.findall(code))}
    for name in (words & classes.keys()) - hidden:
        match = re.search(rf"(?<![\w.]){name}\b", code, _FLAGS)
        if match:
            yield ApexMention(type="ApexClass", name=classes[name][0].name, offset=match.start())
    if known.namespace:
        for match in re.finditer(rf"(?<![\w.]){re.escape(known.namespace)}\s*\.\s*([a-z]\w*)", code, _FLAGS):
            if match[1].casefold() in classes.keys() - {own.casefold()}:
                name = classes[match[1].casefold()][0].name
                yield ApexMention(type="ApexClass", name=name, offset=match.start(1))


def _addresses(strings: Sequence[re.Match[str]]) -> Iterator[ApexMention]:
    for string in strings:
        for match in _ADDRESS.finditer(string[0]) if ":" in string[0] else ():
            type_ = str(match.lastgroup)
            yield ApexMention(type=type_, name=match[type_], offset=string.start() + match.start())


def _for_name(code: str, strings: Sequence[re.Match[str]], known: KnownNames) -> Iterator[ApexMention]:
    """The classes of the project that `Type.forName` gets as text, also as `Class.Inner` or with the namespace."""
    classes = known.of_type("ApexClass")
    for call in _FOR_NAME.finditer(code):
        for string in strings:
            if call.start(1) <= string.start() < call.end(1):
                parts = string[0].strip("'").casefold().split(".")
                own = parts[1:] if known.namespace and parts[0] == known.namespace.casefold() else parts
                if own and own[0] in classes:
                    yield ApexMention(type="ApexClass", name=classes[own[0]][0].name, offset=string.start() + 1)
