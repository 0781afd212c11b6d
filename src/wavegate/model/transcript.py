"""A transcript: what an agent really said and did in one case of a test."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One utterance of a conversation."""

    speaker: Literal["user", "agent"]
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """What an agent said and did in one case, one time.

    run: from 1. actions: API names in the order in which they were called; None where nobody recorded them,
    which is not the same as none. latency: of the slowest answer, in milliseconds; None where unknown.
    """

    test: str
    case: str
    run: int
    turns: tuple[Turn, ...] = ()
    actions: tuple[str, ...] | None = None
    latency: float | None = None
    topic: str | None = None
    session: str | None = None

    @property
    def answer(self) -> str | None:
        """All that the agent said, one turn a line; None where it said nothing or nobody recorded it."""
        said = [turn.text for turn in self.turns if turn.speaker == "agent" and turn.text]
        return "\n".join(said) or None
