"""Markdown and HTML as a reader of it gets them: parsed by a parser of CommonMark, and one of HTML."""

import re
from collections.abc import Callable, Iterator, Sequence

import html5lib
from html5lib.html5parser import ParseError
from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_TAGS = re.compile(r"</?(?:details|details open|summary|code|b|sub|sup|br|ins|del)>")
_MARKERS = re.compile(r"<!-- /?wavegate[:\w-]* ?[^<>]*-->")
_LIVE = re.compile(
    r"(?<![\w&;/])@(?!acme/|organization/)\w|\b(?:fix|close|resolve)\w*:? #\d|\w/\w+#\d|\bgh-\d"
    r"|https?://(?!github\.example/acme/agents/)|\bwww\.",
    re.IGNORECASE,
)
"""What GitHub makes a mention, a reference or a link of, wherever it stands in text. Ours are those of @acme."""
_RULE = re.compile(r"\|\s*:?-{3,}")


def problems(text: str, *, is_target: Callable[[str], bool], is_benign: bool = False) -> list[str]:
    """What is wrong with a document.

    is_target: whether a link may lead to an address. is_benign: whether nothing in it was written as an attack.
    """
    tokens = PARSER.parse(text)
    lines = text.split("\n")
    found = [*_blocks(tokens, lines), *_html(tokens)]
    for token in tokens:
        if token.type == "inline":
            found += _inline(token, is_target)
            if is_benign and _RULE.search(token.content):
                found.append(f"a table that is none: {token.content[:120]!r}")
    return [*found, *_parsed(PARSER.render(text))]


def page_problems(text: str) -> list[str]:
    """What is wrong with the form of a page of our own: fences and tables, and the HTML that it becomes."""
    return [*_blocks(PARSER.parse(text), text.split("\n")), *_parsed(PARSER.render(text))]


def html_problems(page: str, *, is_target: Callable[[str], bool]) -> list[str]:
    """What is wrong with a page of HTML: errors of the parser, programs, and links that lead elsewhere."""
    try:
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    except ParseError as problem:
        return [f"HTML: {problem}"]
    found = []
    for element in tree.iter():
        tag = str(element.tag)
        if tag in ("script", "img", "iframe", "form", "object", "embed", "base"):
            found.append(f"element {tag}")
        for name, value in element.attrib.items():
            if name.startswith("on") or (name in ("href", "src") and not is_target(value)):
                found.append(f"{tag} {name}={value}")
    return found


def _blocks(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[str]:
    for token in tokens:
        if token.type == "fence" and token.map:
            last = lines[token.map[1] - 1].strip().lstrip("> ")
            if token.map[1] - token.map[0] < 2 or not last.startswith(token.markup):
                yield f"open fence in line {token.map[0] + 1}"
        elif token.type == "table_open" and token.map:
            rows = [len(re.findall(r"(?<!\\)\|", line)) for line in lines[token.map[0] : token.map[1]]]
            yield from (
                f"table in line {(token.map[0] + index + 1)}: {rows[index]} bars where its head has {rows[0]}"
                for index in range(len(rows))
                if rows[index] != rows[0]
            )
        elif token.type == "code_block":
            yield f"an indented line became code: {token.content[:80]!r}"


def _html(tokens: Sequence[Token]) -> Iterator[str]:
    whole = [each.content for each in tokens if each.type == "html_block"]
    whole += [child.content for each in tokens for child in each.children or () if child.type == "html_inline"]
    for content in whole:
        left = _TAGS.sub("", _MARKERS.sub("", content))
        if "<" in left:
            yield f"HTML {left.strip()[:120]!r}"
    opened = "".join(whole)
    for tag in ("details", "summary", "code"):
        if len(re.findall(rf"<{tag}\b", opened)) != opened.count(f"</{tag}>"):
            yield f"<{tag}> is not closed"


def _inline(token: Token, is_target: Callable[[str], bool]) -> Iterator[str]:
    in_code = False
    text = ""
    for child in token.children or ():
        match child.type:
            case "html_inline":
                in_code = child.content == "<code>" if "code>" in child.content else in_code
                text += " "
            case "link_open":
                if not is_target(str(child.attrs.get("href", ""))):
                    yield f"link to {child.attrs.get('href')}"
            case "image":
                yield f"image {child.attrs.get('src')}"
            case "text" if not in_code:
                text += child.content
            case "code_inline" | "softbreak" | "hardbreak":
                text += " "
    if found := _LIVE.search(text):
        yield f"{found.group().strip()!r} is live in {text[max(0, found.start() - 60) : found.end() + 40]!r}"


def _parsed(html: str) -> Iterator[str]:
    """The first error of HTML's parser."""
    try:
        html5lib.HTMLParser(strict=True).parse(f"<!DOCTYPE html><title>x</title><body>{html}")
    except ParseError as problem:
        yield f"HTML: {problem}"
