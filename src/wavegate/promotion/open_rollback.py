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
    rollbacks, own = _open(ledger, request.run), request.environment.name
    names = [each.name for each in request.manifest.environments]
    # on its way to the environment that is rolled back, and not beyond
    here_or_later = (name for name in names[names.index(own) :] if name in rollbacks)
    targets = ((name, rollbacks[name].target) for name in here_or_later)
    restores = any(target and request.release_in(name).is_named(target) for name, target in targets)
    return replace(request, during_rollback=bool(rollbacks), restores=restores)


def _open(ledger: PromotionLedger, run: str) -> dict[str, Act]:
    """The open rollbacks, by environment. run: URL."""
    holds = {ledger.own.environment: ledger.own.holds, **ledger.others}
    return {name: act for name, each in holds.items() if (act := each.rollback_in(run))}
