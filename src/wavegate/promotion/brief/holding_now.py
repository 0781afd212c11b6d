"""Read what holds an environment against a promotion right now."""

from datetime import UTC, datetime

from wavegate.cli.actions import acting_user, is_dispatched
from wavegate.gate.decision import Decision
from wavegate.github.connect import GitHubAccess
from wavegate.plan.head import Head
from wavegate.promotion.admission import admission_of
from wavegate.promotion.brief.values import EnvironmentHolds
from wavegate.promotion.environment_ledger import read_promotion
from wavegate.promotion.request import hold_request
from wavegate.release.freeze import next_freeze
from wavegate.release.manifest import Environment, Manifest


def holds_now(
    access: GitHubAccess,
    head: Head,
    manifest: Manifest,
    environment: Environment,
    *,
    decision: Decision | None,
    fast_lane: bool,
    override: str,
) -> EnvironmentHolds | None:
    """What holds the environment; None without GitHub. fast_lane, override: what a person asked for."""
    if not access.is_complete:
        return None
    actor, now = acting_user(), datetime.now(UTC)
    request = hold_request(head, manifest, environment, actor=actor, now=now)
    ledger = read_promotion(access.client(), access.run.repository, request)
    counts = is_dispatched()
    admission = admission_of(ledger, request, asked=fast_lane and counts, decision=decision)
    reason = override.strip() if counts else ""
    refused = admission.refusals_despite(reason)
    return EnvironmentHolds(
        refusals=refused,
        overridden=tuple(each for each in admission.refusals if each not in refused),
        override=reason,
        actor=actor,
        stops=admission.stops,
        lock=ledger.own.holds.lock,
        rollback=ledger.own.holds.rollback,
        lane=admission.lane_words,
        passed=admission.passed,
        next_freeze=next_freeze(manifest.freeze, environment.name, now),
    )
