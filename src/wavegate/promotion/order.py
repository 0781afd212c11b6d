"""The rule of order: a release enters an environment once it has been live in the one before."""

from collections.abc import Iterator

from wavegate.gate.decision import Decision
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.environment import EnvironmentLedger, ShippedRelease
from wavegate.promotion.decision.rules import foreign
from wavegate.promotion.holding import rollback_refusals
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.text import one_line

_ORG_ID = 15
"""Characters of an org id that identify the org; the other three are a checksum."""


def order_refusals(
    before: EnvironmentLedger, release: ShippedRelease, *, environment: str, decision: Decision | None
) -> Iterator[Refusal]:
    """Why the environment before does not permit this promotion; nothing if it does.

    before: its ledger. release: as it is there. environment: the one that the release is to enter.
    """
    rolled_back = list(rollback_refusals(before, release, before=environment))
    yield from rolled_back
    succeeded = (each for each in before.deployments if each.succeeded and _is_for_everybody(each))
    live = [each for each in succeeded if each.release and release.is_in(each)]
    earlier = next((each for each in live if not each.differs), None)
    if earlier is None:
        where = one_line(before.environment, 100)
        nearest = " It is only the nearest release to what the org there had when it was adopted." if live else ""
        yield Refusal(
            rule=RefusalRule.ORDER,
            message=f"This release was never live in {where}, which comes before {one_line(environment, 100)}."
            f"{nearest}",
            fix=f"Deploy it to {where} first.",
        )
    elif decision is not None and not rolled_back:
        yield from _other_org(decision, earlier)


def _is_for_everybody(deployment: Deployment) -> bool:
    """Whether everybody has the release: a pilot with copies says so little, unless its canary has no step left."""
    pilot = deployment.release.pilot if deployment.release else None
    return not deployment.confined or (pilot is not None and 0 < pilot.steps == pilot.step)


def _other_org(decision: Decision, earlier: Deployment) -> Iterator[Refusal]:
    """Refusals if the evidence is from another org, or for other agent versions, than the earlier deployment."""
    known = earlier.release.org if earlier.release else ""
    others = [org for org in decision.orgs if known and org[:_ORG_ID] != known[:_ORG_ID]]
    if others:
        yield foreign(RefusalRule.OTHER_ORG, "org", ", ".join(others), known)
    had = {**earlier.live, **earlier.released}
    differing = {name for name, version in decision.agents.items() if had.get(name, version) != version}
    for name in sorted(differing):
        live = had[name]
        yield foreign(
            RefusalRule.OTHER_AGENT_VERSION,
            f"agent {name}",
            f"version {decision.agents[name]}",
            f"none, because the agent is inactive in {earlier.environment}"
            if live is None
            else f"version {live}, which is live in {earlier.environment}",
        )
