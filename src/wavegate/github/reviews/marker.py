"""The marker of a review's issue, which says of what it is, and the period that it is about."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from wavegate.github.managed_section import ManagedSection
from wavegate.text import slug

_STAMP = "%Y%m%dT%H%M%SZ"
_MARKER = re.compile(
    r"<!-- wavegate:review:(?P<manifest>[0-9a-f]{8}):(?P<environment>[\w-]{1,80}):(?P<since>[0-9]{8}T[0-9]{6}Z) "
)
_UNTIL = re.compile(r"<!-- wavegate:reviewed (?P<until>[0-9]{8}T[0-9]{6}Z)(?P<early> early)? -->")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewMarker:
    """What an issue says that it is about. manifest, environment: as the functions below make them.

    since, until: the period, in UTC; until is None if somebody has removed it. early: whether it was not over yet.
    """

    manifest: str
    environment: str
    since: datetime
    until: datetime | None = None
    early: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewIssue:
    """The issue of a review. url: its page. marker: of its period. body: with what people wrote and ticked."""

    number: int
    url: str
    body: str
    is_open: bool
    marker: ReviewMarker


def manifest_mark(path: str) -> str:
    """A manifest in a marker. path: in the checkout."""
    return sha256(path.encode("utf-8", "replace")).hexdigest()[:8]


def environment_mark(name: str) -> str:
    """An environment in a marker."""
    folded = name.casefold()
    return f"{slug(folded)}-{sha256(folded.encode('utf-8', 'replace')).hexdigest()[:8]}"


def review_section(marker: ReviewMarker, text: str) -> ManagedSection:
    """The section of a review's issue. text: Markdown. marker: with the end of its period."""
    key = f"review:{marker.manifest}:{marker.environment}:{marker.since.strftime(_STAMP)}"
    early = " early" if marker.early else ""
    until = f"<!-- wavegate:reviewed {marker.until.strftime(_STAMP)}{early} -->\n" if marker.until else ""
    return ManagedSection(key=key, text=f"{until}{text}")


def read_marker(body: str) -> ReviewMarker | None:
    """What a body says that it is about; None if it has no marker of a review."""
    found = _MARKER.search(body)
    since = _moment(found["since"]) if found else None
    if found is None or since is None:
        return None
    end = _UNTIL.search(body, found.end())
    until = _moment(end["until"]) if end else None
    return ReviewMarker(
        manifest=found["manifest"],
        environment=found["environment"],
        since=since,
        until=until if until and until > since else None,
        early=bool(end and end["early"]),
    )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
