"""A transcript: what an agent said and did in one case of a test. One line of a transcripts file."""

from typing import Annotated, Literal

from msgspec import Meta

from wavegate.evidence.observation import MAX_RUN, Name, Outcome, Wire
from wavegate.release.pack import PersonalData, Policy


class Turn(Wire, frozen=True, kw_only=True):
    """One utterance of a conversation."""

    speaker: Literal["user", "agent"]
    text: str


class Expectation(Wire, frozen=True, kw_only=True):
    """The expectations recorded with a case, with the fields of a policy."""

    required_actions: tuple[str, ...] = ()
    forbidden_actions: tuple[str, ...] = ()
    must_match: tuple[str, ...] = ()
    must_not_match: tuple[str, ...] = ()
    pii: tuple[PersonalData, ...] = ()
    max_latency: float | None = None

    @property
    def policy(self) -> Policy:
        """The expectation as a policy."""
        return Policy(name="expectation", **{name: getattr(self, name) for name in self.__struct_fields__})


class Transcript(Wire, frozen=True, kw_only=True):
    """What an agent said and did in one case of one run.

    run: from 1. actions: API names in the order of the calls; None if they were not recorded, which differs from
    an empty list. latency: of the slowest answer, in milliseconds; None if unknown.
    rating: the outcome according to the runner's own judges; None without judges.
    """

    test: Name
    case: Name = "1"
    run: Annotated[int, Meta(ge=1, le=MAX_RUN)] = 1
    turns: tuple[Turn, ...] = ()
    actions: tuple[str, ...] | None = None
    latency: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    topic: str | None = None
    session: str | None = None
    rating: Outcome | None = None
    expect: Expectation | None = None

    @property
    def answer(self) -> str | None:
        """Everything the agent said, one turn per line; None if it said nothing or it was not recorded."""
        said = [turn.text for turn in self.turns if turn.speaker == "agent" and turn.text]
        return "\n".join(said) or None
