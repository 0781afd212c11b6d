"""What all readers of definitions share: limits, findings, and the agent's version."""

import re

from wavegate.census.values import MAX_CASES
from wavegate.findings.finding import Finding, Location, error

MAX_BYTES = 4 * 1024 * 1024
"""Size limit of a definition; one with a thousand long conversations stays below it."""

_VERSION = re.compile(r"[vV]?([1-9][0-9]{0,5})")


def version_of(text: str) -> int | None:
    """The version that `v3` or `3` names; None for anything else."""
    match = _VERSION.fullmatch(text)
    return int(match[1]) if match else None


def no_cases(place: Location, name: str) -> Finding:
    """The finding for a definition without test cases."""
    message = f"The definition {name} has no test cases: its test proves nothing."
    return error("census/no-cases", place, message, "Add test cases, or remove the test from the pack.")


def too_many_cases(place: Location) -> Finding:
    """The finding for a definition with more than MAX_CASES test cases."""
    message = f"The definition has more than {MAX_CASES:,} test cases."
    return error("census/too-many-cases", place, message, "Split it into several definitions.")


def bad_version(place: Location, text: str) -> Finding:
    """The finding for a `subjectVersion` that names no version."""
    message = f"`subjectVersion` is `{text}`, not a version such as v3."
    return error("census/invalid-version", place, message, "Write the version of the agent, or leave it out.")


def unreadable(path: str, message: str, fix: str, line: int = 1, column: int = 1) -> Finding:
    """The finding for a definition that cannot be read, so that its cases are unknown."""
    return error("census/unreadable-definition", Location(file=path, line=line, column=column), message, fix)
