"""Whether the ledger permits a promotion: what holds the environment, and the order of environments.

A release is what a commit ships; the same content under another commit is the same release, but evidence is bound to
its commit. It may enter an environment once it has been live in the environment before, unless it was rolled back
there. The environment before may already have a newer release: the evidence is from the time when this release was
live there, and a newer release must not overtake one that waits for its approval.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from wavegate.gate.decision import Decision
from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.acts.words import shown_time
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.environment import PromotionLedger
from wavegate.promotion.fast_lane import fast_lane_of
from wavegate.promotion.hold_request import HoldRequest
from wavegate.promotion.holding import hold_refusals, passed_holds, rollback_refusals
from wavegate.promotion.open_rollback import with_rollbacks
from wavegate.promotion.order import order_refusals
from wavegate.promotion.stops import StopEffect, kept_words, stop_effects
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """What the ledger says to a promotion.

    lane: the deployment that it cites in the fast lane; None without it. stops: the open stops of its agents, with
    their effects. passed: the lock and freeze that it passes because of an open rollback, in sentences. lock: that
    lock.
    """

    refusals: tuple[Refusal, ...] = ()
    lane: Deployment | None = None
    stops: tuple[tuple[OpenStop, StopEffect], ...] = ()
    passed: tuple[str, ...] = ()
    lock: Act | None = None

    def refusals_despite(self, override: str) -> tuple[Refusal, ...]:
        """The refusals that an override does not lift. override: its reason, '' for none."""
        return tuple(each for each in self.refusals if each.final or not override)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is out of the ordinary besides the fast lane itself, in sentences."""
        return tuple(filter(None, (*self.passed, kept_words(self.stops))))

    @property
    def lane_words(self) -> str:
        """Why no new evidence is needed, in one sentence; '' outside of the fast lane."""
        if self.lane is None:
            return ""
        release = self.lane.release
        evidence = "Its evidence counts" if release and release.evidence else "It is recorded without a gate decision"
        since = f" since {shown_time(self.lane.live_since)}" if self.lane.live_since else ""
        return (
            f"what this release ships was live and good{since} as {one_line(self.lane.title, 100)} "
            f"({self.lane.commit[:12]}). {evidence}; no smoke tests and no gate decision are needed."
        )


def admission_of(
    ledger: PromotionLedger, request: HoldRequest, *, asked: bool, decision: Decision | None = None
) -> Admission:
    """Whether the ledger permits a promotion, and whether it has the fast lane.

    request: what depends on the ledger is decided here. asked: whether a person asked for the fast lane.
    """
    lane = fast_lane_of(ledger, request, asked=asked)
    request = with_rollbacks(ledger, replace(request, fast_lane=lane is not None))
    return Admission(
        refusals=(
            *hold_refusals(ledger.own, request),
            *_support(ledger, request),
            *_order(ledger, request, decision),
        ),
        lane=lane,
        stops=stop_effects(ledger.own, request),
        passed=tuple(passed_holds(ledger.own, request)),
        lock=ledger.own.holds.lock if request.restores else None,
    )


def _support(ledger: PromotionLedger, request: HoldRequest) -> Iterator[Refusal]:
    """More people get the release only once a person has confirmed that support is ready for them."""
    step = ledger.unconfirmed
    if step and not request.restores:
        yield Refusal(
            rule=RefusalRule.SUPPORT_NOT_READY,
            message=f"Pull request #{step.number}, which takes step {step.step} of the canary, was merged before "
            "anybody ticked that support is ready.",
            fix=f"Ask whoever leads support, tick the box in {one_line(step.url, 300)} (that works after the merge, "
            "too), and re-run all jobs. If its description has no such box, give a reason for an override.",
        )


def _order(ledger: PromotionLedger, request: HoldRequest, decision: Decision | None) -> Iterator[Refusal]:
    """The order of environments. A release in the fast lane was live in this one before, so it keeps the order."""
    if ledger.before is None:
        return
    release, environment = request.release_in(ledger.before.environment), request.environment.name
    rollback = ledger.own.holds.rollback_in(request.run)
    if request.fast_lane and rollback and rollback.target and request.release.is_named(rollback.target):
        return
    if request.fast_lane:
        yield from rollback_refusals(ledger.before, release, before=environment)
        return
    yield from order_refusals(ledger.before, release, environment=environment, decision=decision)
