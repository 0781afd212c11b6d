"""The state of a setup check: whether something that releases need is set up, and how to fix it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """State of one check. What could not be checked is unknown, never ok."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """The result of one check.

    rule: stable id such as `environment/reviewers`. subject: `repository` or an environment's name. message: the
    result in one sentence. fix: what to do next, '' for ok.
    """

    rule: str
    subject: str
    health: Health
    message: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unavailable:
    """Stands in for something that could not be read. message: why. fix: how to make it readable."""

    message: str
    fix: str


def overall(checks: Sequence[Check]) -> Health:
    """The worst state of all checks: problem, then unknown, then ok. Without checks it is unknown."""
    states = {each.health for each in checks}
    order = (Health.PROBLEM, Health.UNKNOWN, Health.OK)
    return next((each for each in order if each in states), Health.UNKNOWN)
