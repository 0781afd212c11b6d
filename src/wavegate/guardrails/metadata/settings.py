"""Plain elements of metadata as settings, and elements that are not modelled as unknown."""

from collections.abc import Iterable, Iterator

from wavegate.components.metadata import Element
from wavegate.findings.finding import Location
from wavegate.guardrails.model import Setting, Unknown

_NAMING = frozenset({
    "fullName", "developerName", "localDeveloperName", "masterLabel", "label", "language", "apiVersion", "source",
    "isIncludeInProgressIndicator", "progressIndicatorMessage", "name",
})  # fmt: skip
"""Elements that name or translate a component, or show progress: they bound nothing."""


def location(element: Element, path: str) -> Location:
    """Where an element starts."""
    return Location(path, element.line, element.column)


def text_location(element: Element, tag: str, path: str) -> Location:
    """Where the text of the first child with that name starts; the element itself if there is none."""
    child = next(element.all(tag), None)
    return Location(path, child.line, child.column + len(tag) + 2) if child else location(element, path)


def is_true(element: Element, tag: str) -> bool:
    """Whether the child with that name says true."""
    return element.value(tag) == "true"


def settings(element: Element, path: str, *, prefix: str = "", without: Iterable[str] = ()) -> Iterator[Setting]:
    """Each child that has text and no children of its own, named `prefix` and its tag. without: tags left out."""
    left_out = _NAMING.union(without)
    for child in element.children:
        if child.tag not in left_out and not child.children and child.text:
            yield Setting(name=prefix + child.tag, value=child.text, location=location(child, path))


def nested(element: Element, path: str, *, prefix: str) -> Iterator[Setting]:
    """Every element below with text, named by `prefix` and the tags on the way, joined by dots."""
    waiting = [(f"{prefix}.{child.tag}", child) for child in reversed(element.children)]
    while waiting:
        name, child = waiting.pop()
        if child.text and not child.children:
            yield Setting(name=name, value=child.text, location=location(child, path))
        waiting += [(f"{name}.{inner.tag}", inner) for inner in reversed(child.children)]


def not_modelled(element: Element, known: Iterable[str], path: str, *, topic: str = "") -> Iterator[Unknown]:
    """The children that have children of their own and none of the known tags."""
    modelled = frozenset(known)
    for child in element.children:
        if child.children and child.tag not in modelled:
            text = f"<{child.tag}> {' '.join(_texts(child))}"
            yield Unknown(text=text, location=location(child, path), topic=topic)


def _texts(element: Element) -> Iterator[str]:
    for child in element.children:
        if child.text:
            yield child.text
        yield from _texts(child)
