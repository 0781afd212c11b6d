"""An explanation as text."""

from collections.abc import Iterator

from wavegate.guardrails.explain.values import Explanation
from wavegate.text import one_line


def explanation_text(explanation: Explanation) -> str:
    """The explanation for a terminal."""
    return "\n".join(_lines(explanation))


def _lines(explanation: Explanation) -> Iterator[str]:
    yield f"{one_line(explanation.agent)} ({explanation.source}, {one_line(explanation.location.file)})"
    for sentence in explanation.summary:
        yield f"  {_plain(sentence)}"
    for section in explanation.sections:
        yield ""
        yield _plain(section.title)
        if section.intro:
            yield f"  {_plain(section.intro)}"
        yield from (f"  - {_plain(point.text)}{_place(explanation.place(point))}" for point in section.points)


def _plain(text: str) -> str:
    return one_line(text.replace("**", "").replace("`", ""), 1_000)


def _place(place: str) -> str:
    return f" [{place}]" if place else ""
