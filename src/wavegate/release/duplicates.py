"""Names that may be defined only once."""

from collections.abc import Callable, Iterable, Iterator

from wavegate.findings.finding import Finding, Location, error
from wavegate.findings.suggestions import repeated


def duplicates(
    names: Iterable[str], place: Callable[[int], Location], *, rule: str, noun: str, fix: str
) -> Iterator[Finding]:
    """An error for each name that an earlier entry has, ignoring case. place: the location of an entry."""
    for index, name, first in repeated(names):
        message = f"Duplicate {noun} `{name}`; first defined on line {place(first).line}."
        yield error(rule, place(index), message, fix)
