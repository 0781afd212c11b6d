"""Acts with the moments at which GitHub recorded them.

GitHub's clock decides the order. The time that an act names is its writer's: an act can be recorded long after it
happened, for example a stop whose record failed at first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wavegate.ledger.acts.act import Act

MAX_SKEW = timedelta(minutes=5)
"""A difference between the two clocks that is not mentioned."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedAct:
    """recorded: when GitHub recorded the act; timezone-aware."""

    act: Act
    recorded: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedActs:
    """The acts of an environment, newest first. unreadable: how many others there are, which may be stops."""

    acts: tuple[RecordedAct, ...] = ()
    unreadable: int = 0
