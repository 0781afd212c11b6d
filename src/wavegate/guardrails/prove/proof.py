"""What a proof says, and how much work it may take."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from wavegate.findings.finding import Location
from wavegate.guardrails.model import Loss

MAX_STATES = 100_000
"""States of a conversation that are explored for one property."""
MAX_WORK = 1_000_000
"""Steps that are executed before fewer variables are followed, each with one combination of values."""
MAX_SECONDS = 10.0
"""Time that one property may take."""


class ProofVerdict(StrEnum):
    """What is known of a property."""

    PROVED = "proved"
    REFUTED = "refuted"
    VACUOUS = "vacuous"
    UNKNOWN = "unknown"


def never_late() -> bool:
    """No limit of time."""
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """How much may be explored for one property. late: whether its time is up."""

    states: int = MAX_STATES
    work: int = MAX_WORK
    late: Callable[[], bool] = never_late


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationStep:
    """One step of a conversation. text: a sentence. by_model: the model or the customer chose it."""

    text: str
    location: Location | None = None
    by_model: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """The verdict on one property of one agent, in what the compiler emits.

    reason: a sentence. conversation: the shortest one that refutes it. confirmed: it was executed again with concrete
    values; False: it is possible as far as the script shows. states: explored. dropped: variables whose values were
    not followed, to stay within the bounds. written: the verdict on what is written, where the compiler emits
    something else; None if it does not. losses: what differs. companions: properties without which this one is worth
    little, with their verdicts.
    """

    agent: str
    property: str
    verdict: ProofVerdict
    reason: str
    states: int = 0
    conversation: tuple[ConversationStep, ...] = ()
    confirmed: bool = False
    dropped: tuple[str, ...] = ()
    written: ProofVerdict | None = None
    losses: tuple[Loss, ...] = ()
    companions: tuple["Proof", ...] = ()
