"""Rules for the freeze windows of a manifest."""

from collections.abc import Iterator, Mapping
from typing import Any

from wavegate.findings.finding import Finding, Locate, error
from wavegate.findings.suggestions import suggestion
from wavegate.release.freeze import Freeze, WeeklyWindow, is_empty, known_time_zones
from wavegate.release.manifest import Manifest
from wavegate.text import join_names


def incomplete_freezes(values: Mapping[str, Any], locate: Locate) -> Iterator[Finding]:
    """The freezes that are neither a dated window nor a weekly one. values: which the schema has accepted."""
    for index, entry in enumerate(values.get("freeze", ())):
        written = [key for key in ("from", "to", "weekly") if key in entry]
        if written not in (["from", "to"], ["weekly"]):
            has = join_names(written) if written else "no window"
            yield error(
                "freeze/incomplete-window",
                locate("freeze", index),
                f"A freeze has either `from` and `to`, or `weekly`; this one has {has}.",
                'Write `from: "2026-12-18", to: "2027-01-04"`, or `weekly: {from: "Fri 16:00", to: "Mon 06:00"}`.',
            )


def freeze_findings(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    """Unknown time zones and environments, and windows that freeze nothing."""
    names = [each.name for each in manifest.environments]
    zones = known_time_zones() if manifest.freeze else frozenset()
    for index, freeze in enumerate(manifest.freeze):
        if freeze.time_zone not in zones:
            yield error(
                "freeze/unknown-time-zone",
                locate("freeze", index, "timeZone"),
                f"Unknown time zone `{freeze.time_zone}`.",
                f"Use an IANA name such as `Europe/Berlin` or `UTC`.{suggestion(freeze.time_zone, sorted(zones))}",
            )
        elif is_empty(freeze):
            yield _empty(freeze, index, locate)
        for position, name in enumerate(freeze.environments):
            if name.casefold() not in map(str.casefold, names):
                yield error(
                    "freeze/unknown-environment",
                    locate("freeze", index, "environments", position),
                    f"The freeze is about `{name}`, which is not an environment of the manifest.",
                    f"Use the name of an environment: {join_names(names)}.{suggestion(name, names)}",
                )


def _empty(freeze: Freeze, index: int, locate: Locate) -> Finding:
    if isinstance(freeze.window, WeeklyWindow):
        message = "The weekly window starts and ends at the same time."
        fix = 'Use two different times, such as `{from: "Fri 16:00", to: "Mon 06:00"}`. To hold all: `wavegate lock`.'
        return error("freeze/empty-window", locate("freeze", index, "weekly", "to"), message, fix)
    message = "The freeze ends before or when it starts."
    fix = "Write the later time as `to`. A date is included; a date-time is the first moment after the freeze."
    return error("freeze/empty-window", locate("freeze", index, "to"), message, fix)
