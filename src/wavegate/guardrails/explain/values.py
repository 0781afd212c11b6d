"""An explanation of one agent."""

from dataclasses import dataclass

from wavegate.findings.finding import Location
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One sentence, with names between backticks. location: what it is about; None for a summary."""

    text: str
    location: Location | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Points under a heading. intro: what comes before them, '' for nothing."""

    title: str
    points: tuple[Point, ...]
    intro: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """What one agent may do. source: what it is written in. summary: sentences. diagram: in Mermaid."""

    agent: str
    source: str
    summary: tuple[str, ...]
    sections: tuple[Section, ...]
    diagram: str
    location: Location

    def place(self, point: Point) -> str:
        """`12`, a line of the agent's own file, or `Check.flow-meta.xml:3`, of another one; '' for none."""
        place = point.location
        if place is None:
            return ""
        name = "" if place.file == self.location.file else one_line(place.file.rpartition("/")[2])
        return ":".join(filter(None, (name, str(place.line or ""))))
