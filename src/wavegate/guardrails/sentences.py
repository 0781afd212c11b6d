"""Instructions as sentences: what they prohibit, what they oblige to, and the rest.

Prose, lists and Markdown in English. A sentence in another language is OTHER: it counts as text without force.
"""

import re
from collections.abc import Iterator

from wavegate.findings.finding import Location
from wavegate.guardrails.model import Force, Sentence

_ITEM = re.compile(r"\s*(?:[-*+•–]\s+|\(?\d{1,3}[.)]\s+|#{1,6}\s+|>\s+|\|\s*)")
"""What starts a sentence of its own at the start of a line: a list item, a heading, a quotation, a row of a table."""
_INTERPOLATION = re.compile(r"\{!?[^{}\n]{0,400}\}")
_END = re.compile(r"[.!?…]+[\"')\]*_`]*(?=\s|$)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|incl|excl|no|nr|mr|mrs|ms|dr|st|inc|ltd|co|z\.b|d\.h|bzw)|(?:^|\s)[A-Za-z]|^\s*\d{1,3})\.$",
    re.I,
)

_OPENING = re.compile(
    r"(?:N(?:ever|EVER)|D(?:o|O)\s+(?:not|NOT)|A(?:lways|LWAYS)|O(?:nly|NLY)|Y(?:ou|OU)\s+(?:must|MUST))\b"
)
"""What starts a sentence at the start of a line, even if the line before does not end one."""

_PROHIBITION = re.compile(
    r"\b(?:never|(?:do|does|must|may|shall|should|can|could|will|would|is|are)\s+(?:not|never)|cannot"
    r"|(?:do|does|must|shall|should|ca|wo|is|are|sha)n['’]?t|not\s+(?:be\s+)?(?:allowed|permitted)|forbidden|prohibited"
    r"|under\s+no\s+circumstances|refrain|refuse|decline|avoid|only|no\s+longer|nothing\s+(?:but|except))\b",
    re.IGNORECASE,
)
_OBLIGATION = re.compile(
    r"\b(?:must|always|required?|requires|ensure|make\s+sure|needs?\s+to|ha(?:s|ve)\s+to|shall|before|confirm|verify"
    r"|mandatory|obligatory|without\s+exception|at\s+least|at\s+most|no\s+more\s+than|up\s+to)\b",
    re.IGNORECASE,
)


def sentences(text: str, location: Location) -> tuple[Sentence, ...]:
    """The sentences of a text, in order.

    location: of the text's first character. Later lines start at column 1, so keep the indentation of a text's lines.
    """
    return tuple(
        Sentence(text=found, force=_force(found), location=Location(file=location.file, line=line, column=column))
        for block in _blocks(text, location)
        for found, line, column in _split(block)
    )


_Line = tuple[str, int, int]
"""A line's text with its place, from 1."""


def _blocks(text: str, location: Location) -> Iterator[list[_Line]]:
    """The lines that may share a sentence."""
    block: list[_Line] = []
    for index, raw in enumerate(text.split("\n")):
        item = _ITEM.match(raw)
        start = item.end() if item else len(raw) - len(raw.lstrip())
        content = raw[start:].rstrip()
        if block and (item or not content or _OPENING.match(content)):
            yield block
            block = []
        if content:
            column = start + 1 if index else location.column + start
            block.append((content, location.line + index, column))
    if block:
        yield block


def _split(lines: list[_Line]) -> Iterator[_Line]:
    """The sentences of a block's lines, each with the place of its first character."""
    parts: list[str] = []
    line = column = 0
    for content, number, start in lines:
        at = 0
        for end in (*_ends(content), len(content)):
            piece = content[at:end]
            stripped = piece.strip()
            if stripped and not parts:
                line, column = number, start + at + len(piece) - len(piece.lstrip())
            if stripped:
                parts.append(stripped)
            if end < len(content) or (parts and _closes(content)):
                yield from _joined(parts, line, column)
                parts = []
            at = end
    yield from _joined(parts, line, column)


def _joined(parts: list[str], line: int, column: int) -> Iterator[_Line]:
    if any(character.isalnum() for part in parts for character in part):
        yield " ".join(" ".join(parts).split()), line, column


def _ends(content: str) -> Iterator[int]:
    """The columns behind each sentence that ends inside of a line."""
    covered = _INTERPOLATION.sub(lambda match: "x" * len(match[0]), content)
    for match in _END.finditer(covered):
        if match.end() < len(content) and not _ABBREVIATION.search(
            covered, max(0, match.start() - 8), match.start() + 1
        ):
            yield match.end()


def _closes(content: str) -> bool:
    """Whether a line ends a sentence."""
    return content.rstrip("\"')]*_`").endswith((".", "!", "?", "…", ":", ";")) and not _ABBREVIATION.search(
        content[-8:]
    )


def _force(text: str) -> Force:
    words = text.replace("_", " ")
    if _PROHIBITION.search(words):
        return Force.PROHIBITION
    return Force.OBLIGATION if _OBLIGATION.search(words) else Force.OTHER
