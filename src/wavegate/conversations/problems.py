"""Problems of files of conversations, as findings."""

from wavegate.findings.finding import Finding, Location, error, warning
from wavegate.text import clip, one_line

EXPORT_AGAIN = "Export it again, and pass the file as it was written."


def unreadable(place: Location, message: str, fix: str = EXPORT_AGAIN) -> Finding:
    """A file, or the rest of it, that cannot be read."""
    return error("conversation/unreadable", place, _shown(message), fix)


def malformed(place: Location, message: str, fix: str = EXPORT_AGAIN) -> Finding:
    """A record that does not have the shape of its format."""
    return error("conversation/malformed", place, _shown(message), fix)


def incomplete(place: Location, message: str, fix: str) -> Finding:
    """A conversation that is not shown, since a part of it is missing."""
    return error("conversation/incomplete", place, _shown(message), fix)


def duplicate(place: Location, message: str, fix: str) -> Finding:
    """A conversation that is not shown, since there are two versions of it."""
    return error("conversation/duplicate", place, _shown(message), fix)


def ambiguous(place: Location, message: str, fix: str) -> Finding:
    """A conversation about which something is unknown."""
    return warning("conversation/ambiguous", place, _shown(message), fix)


def _shown(message: str) -> str:
    return clip(one_line(message), 500)
