"""What open rollbacks permit a promotion, in every environment of their manifest.

A rollback that a release has ended still counts as open for the workflow run that did so: a re-run of it, such as for
the verification, is the same promotion.
"""

from dataclasses import replace

from wavegate.ledger.acts.act import Act
from wavegate.ledger.environment import PromotionLedger
from wavegate.promotion.hold_request import HoldRequest


def with_rollbacks(ledger: PromotionLedger, request: HoldRequest) -> HoldRequest:
    """The promotion, with what the open rollbacks of its manifest mean for it."""
    rollbacks = _open(ledger, request.run)
    restores = any(act.target and request.release_in(name).is_named(act.target) for name, act in rollbacks.items())
    return replace(request, during_rollback=bool(rollbacks), restores=restores)


def _open(ledger: PromotionLedger, run: str) -> dict[str, Act]:
    """The open rollbacks, by environment. run: URL."""
    holds = {ledger.own.environment: ledger.own.holds, **ledger.others}
    return {name: act for name, each in holds.items() if (act := each.rollback_in(run))}
