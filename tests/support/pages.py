"""The README and the pages of docs/, read as Markdown: their headings, links and code blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.places import ROOT

DOCS = ROOT / "docs"
PAGES = (*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")))
FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>```+)(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=indent)(?P=fence) *$",
    re.DOTALL | re.MULTILINE,
)
CODE_SPAN = re.compile(r"(`+)(?:.|\n)*?\1")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block of code: its page, the line of its fence, its language and text, and the comment above it."""

    page: Path
    line: int
    language: str
    text: str
    comment: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order. comment: the text of an HTML comment in the line above the fence."""
    text = page.read_text("utf-8")
    for match in FENCE.finditer(text):
        above = re.search(r"<!-- ([^\n]*) -->\n$", text[: match.start()])
        indent = match["indent"]
        yield Block(
            page=page,
            line=text.count("\n", 0, match.start()) + 1,
            language=match["language"].strip(),
            text="".join(line.removeprefix(indent) for line in match["text"].splitlines(keepends=True)),
            comment=above[1] if above else "",
        )


def prose(page: Path) -> str:
    """A page without its code."""
    return CODE_SPAN.sub("", FENCE.sub("", page.read_text("utf-8")))


def anchors(page: Path) -> list[str]:
    """The anchors of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"(?m)^#+ (.+?)\s*$", FENCE.sub("", page.read_text("utf-8")))
    return [re.sub(r"[^\w\- ]", "", heading.replace("`", "")).lower().replace(" ", "-") for heading in headings]


def links(page: Path) -> list[str]:
    """The targets of a page's links and pictures."""
    text = prose(page)
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
