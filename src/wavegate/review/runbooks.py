"""Which runbooks nobody has changed since an incident."""

from collections.abc import Iterator, Mapping

from wavegate.errors import WavegateError
from wavegate.git.repository import Git
from wavegate.ledger.trail.values import TrailEntry
from wavegate.release.manifest import Manifest
from wavegate.review.happened import INCIDENTS, LedgerPeriod


def unchanged_runbooks(
    git: Git, manifest: Manifest, ledger: LedgerPeriod
) -> tuple[Mapping[str, TrailEntry], tuple[str, ...]]:
    """The runbooks that are as they were in the release of the newest incident, by path; and what is not known."""
    paths = sorted({*_paths(manifest)})
    incidents = [each for each in ledger.within(INCIDENTS) if each.commit]
    if not paths or not incidents:
        return {}, ()
    incident = incidents[-1]
    try:
        git.ensure([incident.commit])
        before, now = git.tree(incident.commit).files, git.tree(git.resolve("HEAD")).files
    except WavegateError as error:
        return {}, (f"Whether the runbooks changed since the incident is unknown: {error.message}",)
    same = (
        path for path in paths if (found := now.get(git.prefix + path)) and found == before.get(git.prefix + path)
    )
    return dict.fromkeys(same, incident), ()


def _paths(manifest: Manifest) -> Iterator[str]:
    yield from (each.runbook for each in manifest.rollback if each.runbook)
    if manifest.support.runbook:
        yield manifest.support.runbook
