"""The fast lane: content that was live and good before needs no new smoke evidence while a rollback is open.

Its evidence is that of the earlier deployment, which is cited. Reviewers and the verification afterwards stay.
"""

from wavegate.ledger.deployment import Deployment
from wavegate.ledger.environment import PromotionLedger
from wavegate.promotion.hold_request import HoldRequest


def fast_lane_of(ledger: PromotionLedger, request: HoldRequest, *, asked: bool) -> Deployment | None:
    """The earlier deployment whose evidence a promotion cites; None if the release does not have the fast lane.

    asked: whether a person asked for it, who then needs no open rollback.
    """
    own, release = ledger.own, request.release
    is_open = own.holds.rollback or any(each.rollback for each in ledger.others.values())
    if not (asked or is_open or _was_granted(ledger, request)):
        return None
    if own.rollback_of(release):
        return None
    good = [each for each in own.deployments if own.was_good(each) and release.is_in(each)]
    # of a chain of citations, the first: a re-run must not cite itself
    return next((each for each in good if each.release and not each.release.cites), good[0] if good else None)


def _was_granted(ledger: PromotionLedger, request: HoldRequest) -> bool:
    """Whether this very run promoted the commit in the fast lane before: its success ends the rollback."""
    newest = next(iter(ledger.own.deployments), None)
    if newest is None or newest.release is None or newest.commit != request.commit:
        return False
    return bool(newest.release.cites and request.run) and newest.release.run == request.run
