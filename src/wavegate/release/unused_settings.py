"""Settings of a manifest that are checked, but that no command acts on yet."""

from collections.abc import Iterator, Mapping
from typing import Any

from wavegate.findings.finding import Finding, Locate, notice


def unused_settings(values: Mapping[str, Any], locate: Locate) -> Iterator[Finding]:
    """A notice for `review:`."""
    if "review" in values:
        yield notice(
            "review/not-used-yet",
            locate("review", key=True),
            "`review` is checked, but no command reminds anyone of a review yet.",
            "Schedule the review yourself.",
        )
