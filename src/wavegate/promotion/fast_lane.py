"""The fast lane: content that was live and good before needs no new smoke evidence while a rollback is open.

Its evidence is that of the earlier deployment, which is cited. Reviewers and the verification afterwards stay.
"""

from collections.abc import Iterable

from wavegate.ledger.acts.holds import Holds
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.environment import EnvironmentLedger, ShippedRelease


def fast_lane_of(
    ledger: EnvironmentLedger, others: Iterable[Holds], release: ShippedRelease, *, asked: bool
) -> Deployment | None:
    """The earlier deployment whose evidence a promotion cites; None if the release does not have the fast lane.

    others: what holds the other environments of the manifest. asked: whether a person asked for it, who then needs no
    open rollback.
    """
    is_open = ledger.holds.rollback or any(each.rollback for each in others)
    if not (asked or is_open or _was_granted(ledger, release)):
        return None
    if ledger.rollback_of(release):
        return None
    good = [each for each in ledger.deployments if each.succeeded and not each.rolled_back and release.is_in(each)]
    # of a chain of citations, the first: a re-run must not cite itself
    return next((each for each in good if each.release and not each.release.cites), good[0] if good else None)


def _was_granted(ledger: EnvironmentLedger, release: ShippedRelease) -> bool:
    """Whether the newest deployment is an attempt of this one in the fast lane: its success ends the rollback."""
    newest = next(iter(ledger.deployments), None)
    return bool(newest and newest.commit == release.commit and newest.release and newest.release.cites)
