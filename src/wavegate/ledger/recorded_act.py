"""An act with the moment at which GitHub recorded it, and the acts that were known at a moment.

GitHub's clock decides the order. The time that an act names is its writer's: an act can be recorded long after it
happened, for example a stop whose record failed at first.
"""

from collections.abc import Iterable
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


def acts_until(acts: Iterable[RecordedAct], moment: datetime | None) -> tuple[RecordedAct, ...]:
    """The acts that were recorded at a moment, newest first. acts: newest first. moment None: all."""
    return tuple(each for each in acts if moment is None or each.recorded <= moment)
