"""Settings of a manifest that are checked, but that no command acts on yet."""

from collections.abc import Iterator, Mapping
from typing import Any

from wavegate.findings.finding import Finding, Locate, notice


def unused_settings(values: Mapping[str, Any], locate: Locate) -> Iterator[Finding]:
    """A notice for the first `canary:` of an environment, and one for `review:`."""
    for index, environment in enumerate(values["environments"]):
        if "canary" in environment:
            yield notice(
                "canary/not-used-yet",
                locate("environments", index, "canary", key=True),
                "`canary` is checked, but no command watches or expands a canary yet.",
                "Change `pilotUsers` in a pull request to expand it. `rollout` and `pilotUsers` do work.",
            )
            break
    if "review" in values:
        yield notice(
            "review/not-used-yet",
            locate("review", key=True),
            "`review` is checked, but no command reminds anyone of a review yet.",
            "Schedule the review yourself.",
        )
