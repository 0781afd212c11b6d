"""Which releases the notes are about, from those that were live in an environment."""

import re
from collections.abc import Sequence

from wavegate.errors import InputError
from wavegate.ledger.moment import parse_moment
from wavegate.notes.values import NotedRelease
from wavegate.text import one_line, pluralize

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MAX_STEPS = 50
"""Releases of one page of notes: each is read at its commit."""


def chosen(releases: Sequence[NotedRelease], start: str, end: str) -> list[NotedRelease]:
    """The releases from `start` (which the first is compared with) to `end`, oldest first; at least one.

    releases: that were live, oldest first. start, end: a release's name, the first 7 or more digits of its commit, or
    a date or time, for what was live then. '' for end is the newest one; for start, the one before.
    InputError: there is no such release, or start is not before end.
    """
    if not releases:
        raise InputError("No release was ever live there.", fix="Name two commits with --start and --end.")
    last = _index(releases, end, "--end") if end else len(releases) - 1
    first = _index(releases, start, "--start") if start else max(last - 1, 0)
    if start and first >= last:
        names = f"{one_line(releases[first].name, 60)} and {one_line(releases[last].name, 60)}"
        raise InputError(f"--start is not before --end: {names}.", fix="Name an earlier release with --start.")
    if last - first > MAX_STEPS:
        number = pluralize(last - first, "release")
        raise InputError(
            f"There are {number} between the two; the limit is {MAX_STEPS}.", fix="Name a later --start."
        )
    return list(releases[first : last + 1])


def _index(releases: Sequence[NotedRelease], text: str, option: str) -> int:
    found = _matching(releases, text)
    if found is None:
        known = ", ".join(one_line(each.name, 60) for each in releases[-5:])
        raise InputError(f"{option} {one_line(text, 100)} was never live there.", fix=f"The newest are {known}.")
    return found


def _matching(releases: Sequence[NotedRelease], text: str) -> int | None:
    numbered = list(enumerate(releases))
    if _DATE.match(text):
        try:
            moment = parse_moment(text).time
        except ValueError:
            moment = None
        if moment is not None:
            return next((at for at, each in reversed(numbered) if each.since and each.since <= moment), None)
    named = [at for at, each in numbered if each.name.casefold() == text.casefold()]
    if not named and re.fullmatch(r"[0-9a-fA-F]{7,40}", text):
        named = [at for at, each in numbered if each.commit.startswith(text.lower())]
    return named[-1] if named else None
