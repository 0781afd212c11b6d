"""HTML as a tree: text is text, whoever wrote it, and no value can become an element, an attribute or a script."""

import base64
from collections.abc import Sequence
from hashlib import sha256
from typing import TypeAlias
from xml.etree import ElementTree as ET

from wavegate.text import clip, visible, web_address

Node: TypeAlias = ET.Element
Content: TypeAlias = "Node | str | Sequence[Node | str | None] | None"


def element(tag: str, *contents: Content, **attributes: str | float | None) -> Node:
    """An element. contents: elements and text; None is left out.

    attributes: `_` in a name is a `-`; one at the end is dropped, as in `class_`. None is left out.
    """
    given = {
        name.rstrip("_").replace("_", "-"): _value(each) for name, each in attributes.items() if each is not None
    }
    node = ET.Element(tag, given)
    for content in contents:
        append(node, content)
    return node


def _value(value: str | float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else visible(str(value))


def append(node: Node, content: Content) -> None:
    """Add elements or text at an element's end."""
    if isinstance(content, str):
        if len(node):
            node[-1].tail = (node[-1].tail or "") + visible(content)
        else:
            node.text = (node.text or "") + visible(content)
    elif isinstance(content, ET.Element):
        node.append(content)
    elif content is not None:
        for each in content:
            append(node, each)


def anchor(text: str, url: str, limit: int = 200) -> Node | str:
    """A link, or the text alone if the URL is not a plain web address."""
    target = web_address(url)
    shown = clip(text, limit)
    return element("a", shown, href=target, rel="noreferrer") if target else shown


def table(head: Sequence[str], rows: Sequence[Sequence[Content]], *, caption: str) -> Node:
    """A table that scrolls by itself on a narrow screen. caption: what it shows, for those who do not see it."""
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", [element("th", each, scope="col") for each in head])),
            element("tbody", [element("tr", [element("td", each) for each in row]) for row in rows]),
        ),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def document(title: str, style: str, body: Sequence[Node]) -> str:
    """A whole page that loads nothing and runs nothing: its policy allows this style and no other source."""
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    rules = element("style")
    # as it is: its digest is in the policy
    rules.text = style
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", **{"http-equiv": "Content-Security-Policy"}, content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        rules,
    )
    page = element("html", head, element("body", body), lang="en")
    return "<!doctype html>\n" + ET.tostring(page, encoding="unicode", method="html") + "\n"
