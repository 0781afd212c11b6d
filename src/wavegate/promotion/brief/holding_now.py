"""Read what holds an environment against a promotion right now."""

from datetime import UTC, datetime

from wavegate.cli.actions import acting_user
from wavegate.gate.decision import Decision
from wavegate.github.connect import GitHubAccess
from wavegate.plan.head import Head
from wavegate.plan.scripts import released_agents
from wavegate.plan.values import Plan
from wavegate.promotion.admission import admission_of
from wavegate.promotion.brief.values import EnvironmentHolds
from wavegate.promotion.environment_ledger import read_promotion
from wavegate.promotion.holding import HoldRequest, stop_effects
from wavegate.release.manifest import Environment, Manifest


def holds_now(
    access: GitHubAccess,
    head: Head,
    manifest: Manifest,
    environment: Environment,
    *,
    plan: Plan,
    decision: Decision | None,
    fast_lane: bool,
) -> EnvironmentHolds | None:
    """What holds the environment; None without GitHub. fast_lane: whether a person asked for it."""
    if not access.is_complete:
        return None
    before = manifest.before(environment.name)
    ledger = read_promotion(access.client(), access.run.repository, manifest, environment, commit=plan.commit)
    agents = released_agents(manifest.agents_in(environment.name), head.project)
    request = HoldRequest(
        manifest=manifest,
        environment=environment,
        content=plan.content,
        content_before=head.content(manifest, before.name) if before else "",
        commit=plan.commit,
        agents=tuple(each.name for each in agents),
        actor=acting_user(),
        now=datetime.now(UTC),
    )
    admission = admission_of(ledger, request, asked=fast_lane, decision=decision)
    return EnvironmentHolds(
        refusals=admission.refusals,
        stops=stop_effects(ledger.own, request),
        lock=ledger.own.holds.lock,
        rollback=ledger.own.holds.rollback,
        lane=admission.lane,
    )
