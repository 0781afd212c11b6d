"""An explanation as Markdown."""

from collections.abc import Iterator

from wavegate.guardrails.explain.values import Explanation
from wavegate.text import code, fenced, markdown, prose

MAX_POINTS = 200
"""Points of one section that are shown."""


def explanation_markdown(explanation: Explanation) -> str:
    """The explanation for a page or a step summary, with the diagram folded."""
    return "\n".join(_lines(explanation)) + "\n"


def _lines(explanation: Explanation) -> Iterator[str]:
    yield f"## {markdown(explanation.agent)}: what it may do"
    yield ""
    yield f"{markdown(explanation.source)}, {code(explanation.location.file)}. Numbers at the end are its lines."
    yield ""
    yield from (f"- {prose(sentence)}" for sentence in explanation.summary)
    yield ""
    yield from folded_diagram(explanation.diagram)
    for section in explanation.sections:
        yield f"### {prose(section.title)}"
        yield ""
        if section.intro:
            yield from (prose(section.intro, 1_000), "")
        for point in section.points[:MAX_POINTS]:
            place = explanation.place(point)
            yield f"- {_marked(point.text)}{f' ({markdown(place)})' if place else ''}"
        if len(section.points) > MAX_POINTS:
            yield f"- … and {len(section.points) - MAX_POINTS} more"
        yield ""


def folded_diagram(diagram: str, title: str = "Diagram of its topics") -> Iterator[str]:
    """The lines of a diagram that opens on a click."""
    yield from (
        f"<details><summary>{markdown(title)}</summary>",
        "",
        fenced(diagram.splitlines(), "mermaid", limit=1_000),
        "",
        "</details>",
        "",
    )


def _marked(text: str) -> str:
    """A point, with what it stresses in bold."""
    stressed = text.split("**the model**")
    return "**the model**".join(prose(part, 1_000) for part in stressed)
