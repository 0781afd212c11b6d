"""A finding: one problem in the user's files, where it is, and how to fix it."""

from enum import StrEnum
from typing import NamedTuple, Protocol

ADDRESS_RULE = "schema/address"
"""The rule of a value that is an address where none belongs. It may be a secret: no report shows it or its line."""
TOKEN_RULE = "secret/in-text"  # noqa: S105 - the id of a rule
RECORD_ID_RULE = "secret/record-id"
HIDDEN_LINES = frozenset({ADDRESS_RULE, TOKEN_RULE, RECORD_ID_RULE})
"""Rules whose findings stand on a line that no report shows."""


class Severity(StrEnum):
    """How severe a finding is. An error always fails a check; a warning fails only a strict one."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"

    __hash__ = str.__hash__  # the hash of an enum is written in Python, and slow


# named tuples: a check makes and sorts thousands of both, and a frozen dataclass takes several times as long
class Location(NamedTuple):
    """A position in a file. line, column: from 1; columns count characters."""

    file: str
    line: int = 1
    column: int = 1


class Finding(NamedTuple):
    """One finding.

    rule: stable id such as `environment/duplicate-name`. message: what is wrong. fix: what to do.
    """

    rule: str
    severity: Severity
    location: Location
    message: str
    fix: str


class Locate(Protocol):
    """Finds positions in one file."""

    def __call__(self, *parts: str | int, key: bool = False) -> Location:
        """The position of the value at these keys and indexes, or of its key; of the nearest parent if absent."""
        ...


def error(rule: str, location: Location, message: str, fix: str) -> Finding:
    """A finding that fails the check."""
    return Finding(rule=rule, severity=Severity.ERROR, location=location, message=message, fix=fix)


def warning(rule: str, location: Location, message: str, fix: str) -> Finding:
    """A finding that fails a strict check."""
    return Finding(rule=rule, severity=Severity.WARNING, location=location, message=message, fix=fix)


def notice(rule: str, location: Location, message: str, fix: str) -> Finding:
    """A finding for information only."""
    return Finding(rule=rule, severity=Severity.NOTICE, location=location, message=message, fix=fix)


_WEIGHT = {severity: weight for weight, severity in enumerate(Severity)}


def worst_first(finding: Finding) -> tuple[int, str, int, int, str]:
    """Sort key: errors, then warnings, then notices; within a severity, by location and rule."""
    return (_WEIGHT[finding.severity], *finding.location, finding.rule)
