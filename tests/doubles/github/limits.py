"""GitHub's rate-limit replies, as arguments for `faults.add`."""

import time
from typing import Any

DOCUMENTATION = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"


def secondary(retry_after: int | None = None, *, status: int = 403) -> dict[str, Any]:
    """The secondary rate limit. retry_after: seconds to wait; None leaves out the header."""
    return {
        "status": status,
        "headers": {} if retry_after is None else {"Retry-After": str(retry_after)},
        "body": {
            "documentation_url": f"{DOCUMENTATION}#about-secondary-rate-limits",
            "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        },
    }


def primary(reset_in: int, *, status: int = 403) -> dict[str, Any]:
    """The hourly rate limit. reset_in: seconds until it resets."""
    return {
        "status": status,
        "headers": {
            "X-RateLimit-Limit": "1000",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Used": "1000",
            "X-RateLimit-Reset": str(int(time.time()) + reset_in),
            "X-RateLimit-Resource": "core",
        },
        "body": {
            "documentation_url": DOCUMENTATION,
            "message": "API rate limit exceeded for installation.",
        },
    }
