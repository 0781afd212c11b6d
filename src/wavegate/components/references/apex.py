"""Apex classes (`.cls`): the project's classes and flows that they name, their callouts, and whether they are tests.

A class is named by an identifier outside comments and strings that does not follow a dot, unless the dot follows the
project's namespace. A variable with the name of a class counts too: telling them apart would take a compiler.
Flows are named by `Flow.Interview.Name`. Inside strings, only `Type.forName('Class')`, `createInterview('Flow')`,
`callout:Credential` and `FlexTemplate://Template` are read.
Source: Salesforce's Apex Developer Guide. Apex ignores case.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wavegate.components.component import ApexRole
from wavegate.components.references.known_names import KnownNames

_FLAGS = re.ASCII | re.IGNORECASE
LEXEMES = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)|'''.*?(?:'''|\Z)|'(?:[^'\\\n]|\\[^\n])*'?", re.DOTALL)
"""Comments and strings. Without its end, a string ends with its line; one of several lines, or a comment, never."""

_NAME = re.compile(r"(?<![\w.])[A-Za-z]\w*", re.ASCII)
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
"""Some letters beyond ASCII change their length, which would move every offset after them; no name has them."""

_DECLARED = re.compile(r"\b(?:class|interface|enum)\s+([a-z]\w*)", _FLAGS)
_INTERVIEW = re.compile(r"\bFlow\s*\.\s*Interview((?:\s*\.\s*[a-z]\w*){1,2})", _FLAGS)
_BY_TEXT = re.compile(
    r"\b(?:Type\s*\.\s*forName|Interview\s*\.\s*(?P<flow>createInterview))\s*\((?P<arguments>[^;(){}]*)", _FLAGS
)
"""Calls that get a component's name as text, with the text of their plain arguments."""

_ADDRESS = re.compile(
    r"\bcallout:(?P<NamedCredential>[a-z]\w*)|\bFlexTemplate://(?P<GenAiPromptTemplate>[a-z]\w*)", _FLAGS
)
_TEST = re.compile(r"@\s*istest\b", _FLAGS)
_TEST_METHOD = re.compile(r"@\s*istest\b|\btestmethod\b", _FLAGS)
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
    strings: list[re.Match[str]] = []

    def blank(match: re.Match[str]) -> str:
        if match[0].startswith("'"):
            strings.append(match)
        return _blank(match)

    code = LEXEMES.sub(blank, text)
    found = [
        *_classes(code, own, known),
        *_flows(code, known),
        *_addresses(strings),
        *_by_text(code, strings, known),
    ]
    first: dict[tuple[str, str], ApexMention] = {}
    for each in sorted(found, key=lambda mention: mention.offset):
        first.setdefault((each.type, each.name), each)
    return ApexSource(role=_role(code), mentions=tuple(first.values()))


def without_comments(text: str) -> str:
    """The text of a class with spaces in place of its comments, so that every offset stays."""
    return LEXEMES.sub(lambda match: match[0] if match[0].startswith("'") else _blank(match), text)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _role(code: str) -> ApexRole:
    header = _DECLARED.search(code)
    start = header.start() if header else len(code)
    if _TEST.search(code, 0, start):
        return ApexRole.TEST if _TEST_METHOD.search(code, start) else ApexRole.SUPPORT
    if header and not header[0].casefold().startswith("class"):
        return ApexRole.TYPE
    return ApexRole.ENTRY if _ENTRY.search(code) else ApexRole.PLAIN


def _classes(code: str, own: str, known: KnownNames) -> Iterator[ApexMention]:
    """The classes of the project that the code names, without those that a type declared in it hides."""
    classes = known.of_type("ApexClass")
    lowered = code.lower() if code.isascii() else code.translate(_LOWER)
    found = (set(_NAME.findall(lowered)) & classes.keys()) - {own.casefold()}
    hidden = {name.casefold() for name in _DECLARED.findall(code)} if found else set()
    for name in found - hidden:
        yield ApexMention(type="ApexClass", name=classes[name][0].name, offset=_first(name, lowered))
    if known.namespace:
        for match in re.finditer(rf"(?<![\w.]){re.escape(known.namespace)}\s*\.\s*([a-z]\w*)", code, _FLAGS):
            folded = match[1].casefold()
            if folded in classes and folded != own.casefold():
                yield ApexMention(type="ApexClass", name=classes[folded][0].name, offset=match.start(1))


def _first(name: str, code: str) -> int:
    """The offset of a name in code that has it. A pattern for each name would cost more than everything else here."""
    start = code.find(name)
    while (match := _NAME.match(code, start)) is None or match[0] != name:
        start = code.find(name, start + 1)
    return start


def _addresses(strings: Sequence[re.Match[str]]) -> Iterator[ApexMention]:
    for literal in strings:
        for match in _ADDRESS.finditer(literal[0]) if ":" in literal[0] else ():
            type_ = str(match.lastgroup)
            yield ApexMention(type=type_, name=match[type_], offset=literal.start() + match.start())


def _flows(code: str, known: KnownNames) -> Iterator[ApexMention]:
    """The flows of the project that the code starts by `Flow.Interview.Name` or `Flow.Interview.Namespace.Name`."""
    flows = known.of_type("Flow")
    for match in _INTERVIEW.finditer(code) if flows else ():
        name = _own_part([part.strip() for part in match[1].split(".")[1:]], known)
        for each in flows.get(name, ()):
            yield ApexMention(type="Flow", name=each.name, offset=match.start())


def _by_text(code: str, strings: Sequence[re.Match[str]], known: KnownNames) -> Iterator[ApexMention]:
    """The components of the project that a call gets as text: `Name`, `Class.Inner`, or either with the namespace."""
    for call in _BY_TEXT.finditer(code) if strings else ():
        type_ = "Flow" if call["flow"] else "ApexClass"
        for literal in strings:
            if call.start("arguments") <= literal.start() < call.end("arguments"):
                name = _own_part(literal[0].strip("'").split("."), known)
                for each in known.of_type(type_).get(name, ()):
                    yield ApexMention(type=type_, name=each.name, offset=literal.start() + 1)


def _own_part(parts: Sequence[str], known: KnownNames) -> str:
    """The first part of a qualified name that is not the project's namespace, case-folded."""
    folded = [part.casefold() for part in parts]
    own = folded[1:] if known.namespace and folded[0] == known.namespace.casefold() and folded[1:] else folded
    return own[0]
