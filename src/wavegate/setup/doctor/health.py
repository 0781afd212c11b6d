"""The state of a setup check: whether something that releases need is set up, and how to fix it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Health(StrEnum):
    """State of one check. What could not be checked is unknown, never ok."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Remedy:
    """A request to GitHub's API that fixes a problem, or a part of it. Making it twice is the same as once.

    says: what it does, such as `create the environment uat`. path: below the repository's, as `environments/uat`.
    changes: what of the body differs from the settings as they were read; the rest is repeated, because GitHub would
    remove it.
    """

    says: str
    method: str
    path: str
    body: Mapping[str, object]
    changes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """The result of one check.

    rule: stable id such as `environment/reviewers`. subject: `repository` or an environment's name. message: the
    result in one sentence. fix: what to do next, '' for ok. page: where to do it, a path below the repository's page
    such as `settings/environments`, or a whole URL; '' if there is none. remedies: requests that do it, in order.
    """

    rule: str
    subject: str
    health: Health
    message: str
    fix: str = ""
    page: str = ""
    remedies: Sequence[Remedy] = field(default=())


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


def ok(rule: str, subject: str, message: str) -> Check:
    """A check that passed."""
    return Check(rule=rule, subject=subject, health=Health.OK, message=message)


def problem(
    rule: str, subject: str, message: str, fix: str, *, page: str = "", remedies: Sequence[Remedy] = ()
) -> Check:
    """A check that failed."""
    return Check(
        rule=rule,
        subject=subject,
        health=Health.PROBLEM,
        message=message,
        fix=fix,
        page=page,
        remedies=tuple(remedies),
    )


def unknown(rule: str, subject: str, unavailable: Unavailable, *, page: str = "") -> Check:
    """A check that could not be made."""
    return Check(
        rule=rule,
        subject=subject,
        health=Health.UNKNOWN,
        message=unavailable.message,
        fix=unavailable.fix,
        page=page,
    )
