"""Whether something that releases need is set up, and how to fix it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """State of one item. What could not be checked is unknown, never ok."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One item that was checked.

    rule: stable id such as `environment/reviewers`. subject: what it is about, `repository` or an environment's name.
    message: what was found, one sentence. fix: what to do about it, '' for ok.
    """

    rule: str
    subject: str
    health: Health
    message: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unavailable:
    """Stands for something that could not be read. message: why. fix: how to make it readable."""

    message: str
    fix: str


def overall(checks: Sequence[Check]) -> Health:
    """The worst state of all: a problem, else unknown, else ok. Without any check it is unknown."""
    found = {each.health for each in checks}
    order = (Health.PROBLEM, Health.UNKNOWN, Health.OK)
    return next((each for each in order if each in found), Health.UNKNOWN)
