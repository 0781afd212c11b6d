"""What the ledger says to a deployment right before it changes the org."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from wavegate.cli.actions import Run
from wavegate.deploy.acts.ledger import DeploymentActs
from wavegate.deploy.pilot.values import CopiesRequest
from wavegate.gate.decision import Decision
from wavegate.github.client import GitHub
from wavegate.promotion.admission import Admission, admission_of
from wavegate.promotion.environment_ledger import read_promotion, record_withdrawals
from wavegate.promotion.hold_request import HoldRequest
from wavegate.salesforce.org_values import AgentState


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgBefore:
    """What an org has before a deployment.

    id: the org's. agents: those that the deployment may affect. resumed: version by agent name from before an
    unfinished deployment of the same content, if this machine knows of one. publishes: whether the deployment may
    publish scripts. copies: what a pilot's cohorts get; None for none. is_pilot: whether the release is for
    cohorts alone.
    """

    id: str
    agents: tuple[AgentState, ...]
    resumed: Mapping[str, int | None]
    publishes: bool
    copies: CopiesRequest | None = None
    is_pilot: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRequest:
    """What to ask the ledger. fast_lane: whether a person asks for it. decision: the gate's, if one is given."""

    github: GitHub
    run: Run
    hold: HoldRequest
    fast_lane: bool
    decision: Decision | None


def ask_early(request: LedgerRequest) -> Admission:
    """Whether the ledger permits a promotion, as far as that is known without the org."""
    return _admission(request, _acts(request, request.hold))


def ask_ledger(request: LedgerRequest, org: OrgBefore) -> tuple[Admission, DeploymentActs]:
    """Whether the ledger permits a promotion, and the acts of its deployment.

    The stop of an agent that somebody deactivated in the org without a record is recorded, and counts.
    """
    agents = dict.fromkeys((*request.hold.agents, *(each.name for each in org.agents)))
    hold = replace(request.hold, agents=tuple(agents))
    acts = _acts(request, hold)
    ledgers = [each for each in (acts.promotion.own, acts.promotion.before) if each]
    if record_withdrawals(request.github, request.run.repository, ledgers):
        acts = _acts(request, hold)
    acts.is_confined = org.copies is not None
    acts.complete()
    acts.record_found(org.agents, org=org.id, resumed=org.resumed)
    admission = _admission(request, acts)
    acts.lift(fast_lane=admission.lane is not None)
    return admission, acts


def _acts(request: LedgerRequest, hold: HoldRequest) -> DeploymentActs:
    ledger = read_promotion(request.github, request.run.repository, hold)
    return DeploymentActs(github=request.github, run=request.run, promotion=ledger, request=hold)


def _admission(request: LedgerRequest, acts: DeploymentActs) -> Admission:
    return admission_of(acts.promotion, acts.request, asked=request.fast_lane, decision=request.decision)
