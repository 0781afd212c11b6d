"""What a reply's headers ask for: how long to wait, which page comes next. A header may hold anything."""

import re
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

MAX_WAIT = 10_000_000.0
"""Upper bound for a plausible wait, in seconds: about four months."""
_PARAMETER = r';\s*[!#$&+\-.^`|~\w]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]*))?\s*'
_LINK = re.compile(rf"\s*<([^<>]*)>\s*((?:{_PARAMETER})*)(?:,|$)")
_RELATION = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]*))', re.IGNORECASE)


def count(text: str) -> float | None:
    """The whole number in a header, infinite if it is very long; None for anything else, such as `-5` or `²`."""
    return float(text) if text.isascii() and text.isdigit() else None


def retry_after(text: str, *, now: float) -> float | None:
    """Seconds that a Retry-After header asks to wait, at most MAX_WAIT; None if it is malformed.

    text: seconds or an HTTP date; a date in the past gives 0. now: seconds since 1970. Source: RFC 9110, 10.2.3.
    """
    seconds = count(text)
    if seconds is None:
        try:
            seconds = max(0.0, parsedate_to_datetime(text).timestamp() - now)
        except (TypeError, ValueError, OverflowError, IndexError):
            return None
    return min(seconds, MAX_WAIT)


def next_page(text: str, *, url: str) -> str | None:
    """The address of the next page by a Link header; None for the last page.

    url: of this page. ValueError: the header is malformed. Source: RFC 8288.
    """
    position = 0
    while position < len(text):
        link = _LINK.match(text, position)
        if link is None:
            raise ValueError("malformed Link header")
        relation = _RELATION.search(link[2])
        if relation and "next" in (relation[1] or relation[2] or "").lower().split():
            following: str = urljoin(url, link[1])
            return following
        position = link.end()
    return None
