"""What a promotion deletes: by name for the people who approve it, and not more than its manifest allows."""

from collections.abc import Iterable, Iterator, Sequence
from math import floor

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.component import Component
from wavegate.components.scope import ReleaseScope
from wavegate.findings.finding import Finding, Location, error
from wavegate.release.manifest import Kind, Manifest
from wavegate.text import join_names, one_line, percent, pluralize

FEW = 3
"""Deletions that any release may make, unless its manifest allows none: a share of a small release says little."""
_NAMED = 10


def deleted_by_job(changes: Iterable[ComponentChange]) -> tuple[Component, ...]:
    """The components that a deployment's job deletes. An org refuses that for flows, which are deleted afterwards."""
    return tuple(each for each in _removed(changes) if each.kind is not Kind.FLOWS)


def deleted_flows(changes: Iterable[ComponentChange]) -> tuple[Component, ...]:
    """The flows to deactivate and delete after the deployment."""
    return tuple(each for each in _removed(changes) if each.id.type == "Flow")


def _removed(changes: Iterable[ComponentChange]) -> Iterator[Component]:
    return (each.component for each in changes if each.kind is ChangeKind.REMOVED)


def deletion_findings(
    manifest: Manifest,
    changes: Sequence[ComponentChange],
    live: ReleaseScope | None,
    place: Location,
    *,
    was_live: bool = False,
) -> Iterator[Finding]:
    """An error if a promotion deletes a larger share of the live release than the manifest's `maximumDeletions`.

    Up to FEW components are never too many, unless that share is 0. Nor are any, if the environment had exactly this
    release before: a rollback deletes what was added since. live: without it, nothing is deleted. was_live: whether
    the environment had it.
    """
    removed = [str(each.id) for each in _removed(changes)]
    total = len([each for each in live.components if each.parent is None]) if live else 0
    share = manifest.maximum_deletions
    limit = max(FEW, floor(share * total)) if share else 0
    if len(removed) > limit and not (manifest.allow_deletions or was_live):
        message = (
            f"The promotion would delete {len(removed)} of the {pluralize(total, 'live component')}, "
            f"more than {percent(share)}: {join_names(removed, _NAMED)}."
        )
        fix = "Restore what should stay. If all of it should go, set `allowDeletions: true` for this release."
        yield error("deploy/too-many-deletions", place, message, fix)


def deletion_lines(changes: Sequence[ComponentChange]) -> tuple[str, ...]:
    """One line for each component that is deleted, or left in the org with its reason; safe for a log."""
    return tuple(
        one_line(f"Deletes {each.component.id}")
        if each.kind is ChangeKind.REMOVED
        else one_line(f"Left in the org: {each.component.id} ({each.reason})")
        for each in changes
        if each.kind in (ChangeKind.REMOVED, ChangeKind.LEFT)
    )
