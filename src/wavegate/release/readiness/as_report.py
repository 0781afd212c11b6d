"""Score cards as text, Markdown and JSON values."""

from collections.abc import Iterable, Sequence
from typing import Any

from wavegate.release.readiness.values import ScoreCard
from wavegate.text import code, one_line

_MOST = 10
"""Score cards that a reader is shown as tables."""


def score_lines(cards: Sequence[ScoreCard]) -> list[str]:
    """One line for each release, with the manifest's path if there are several."""
    if len(cards) == 1:
        return [f"{cards[0].line}."]
    return [f"{one_line(each.path)}: {each.line}." for each in cards]


def score_markdown(cards: Sequence[ScoreCard]) -> str:
    """A table of areas for each release; '' without one."""
    return "".join(map(_table, cards[:_MOST]))


def score_values(cards: Iterable[ScoreCard]) -> list[dict[str, Any]]:
    """The score cards as JSON values."""
    return [
        {
            "manifest": card.path,
            "met": card.met,
            "total": card.total,
            "areas": [
                {"area": each.area.value, "met": each.met, "total": each.total, "missing": list(each.missing)}
                for each in card.areas
            ],
        }
        for card in cards
    ]


def _table(card: ScoreCard) -> str:
    rows = [f"| {each.area} | {each.met}/{each.total} | {_missing(each.missing)} |" for each in card.areas]
    head = f"#### Readiness {card.met} of {card.total}: {code(card.path)}"
    return "\n".join([head, "", "| Area | Met | Missing |", "|---|---|---|", *rows, "", ""])


def _missing(names: Sequence[str]) -> str:
    shown = [code(each, 100) for each in names[:5]]
    return ", ".join([*shown, *([f"{len(names) - 5} more"] if len(names) > 5 else [])])
