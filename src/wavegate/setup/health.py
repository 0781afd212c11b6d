"""Whether something that releases need is set up, and how to mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """State of one item. What could not be looked at is unknown, never ok."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One item that was looked at.

    rule: stable id such as `environment/reviewers`. subject: what it is about, `repository` or an environment's name.
    told: what is so, one sentence. fix: what to do about it, '' for ok.
    """

    rule: str
    subject: str
    health: Health
    told: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unavailable:
    """In the place of something that could not be read. told: why. fix: what would let it be read."""

    told: str
    fix: str


def overall(checks: Sequence[Check]) -> Health:
    """The state of all together: wrong before unknown before ok. Nothing looked at is unknown."""
    found = {each.health for each in checks}
    order = (Health.PROBLEM, Health.UNKNOWN, Health.OK)
    return next((each for each in order if each in found), Health.UNKNOWN)
