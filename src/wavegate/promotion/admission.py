"""The rules for promoting a release to an environment: the evidence it needs and the order of environments.

A release is what a commit ships; the same content under another commit is the same release, but evidence is bound to
its commit. It may enter an environment once it has been live in the environment before, unless it was rolled back
there. The environment before may already have a newer release: the evidence is from the time when this release was
live there, and a newer release must not overtake one that waits for its approval.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, islice

from wavegate.evidence.observation import CLOCK_SKEW
from wavegate.evidence.resource import Resource
from wavegate.gate.decision import Decision, Verdict
from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.acts.words import shown_time
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.environment import EnvironmentLedger, PromotionLedger, ShippedRelease
from wavegate.promotion.decision_check import inconsistencies
from wavegate.promotion.fast_lane import fast_lane_of
from wavegate.promotion.hold_request import HoldRequest
from wavegate.promotion.holding import hold_refusals, passed_holds, rollback_refusals
from wavegate.promotion.open_rollback import with_rollbacks
from wavegate.promotion.pack_check import deviations
from wavegate.promotion.stops import StopEffect, kept_words, stop_effects
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.release.pack import Pack
from wavegate.text import one_line

MAX_INCONSISTENCIES = 5
"""Maximum inconsistencies of a decision that are reported."""
_ORG_ID = 15
"""Characters of an org id that identify the org; the other three are a checksum."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedSubject:
    """The subject that the evidence must match.

    content: digest of what the commit ships to the environment, '' if unknown. manifest, packs: as in the checkout.
    observed_in: the environment that evidence must come from; None for any. agents: versions that the manifest pins,
    by agent name. max_age None: any age. now: timezone-aware.
    """

    environment: str
    commit: str
    content: str
    manifest: Resource
    packs: Sequence[Pack]
    observed_in: str | None
    agents: Mapping[str, int]
    max_age: timedelta | None
    now: datetime


def evidence_refusals(decision: Decision, expected: ExpectedSubject) -> Iterator[Refusal]:
    """Why a decision does not authorize this promotion; nothing if it does."""
    problems = chain(inconsistencies(decision), deviations(decision, expected.packs))
    for problem in islice(problems, MAX_INCONSISTENCIES):
        yield Refusal(
            rule=RefusalRule.EDITED,
            message=f"The decision is inconsistent: {problem}",
            fix="Use the decision file that `wavegate gate` wrote, unchanged.",
            final=True,
        )
    if decision.verdict is not Verdict.PASS:
        yield Refusal(
            rule=RefusalRule.NOT_A_PASS,
            message=f"The gate's verdict is {decision.verdict}: {one_line(decision.claim, 300)}",
            fix="Resolve the reasons in the decision, then run the gate again.",
        )
    yield from _other_subject(decision, expected)
    yield from _other_packs(decision, expected)
    yield from _age(decision, expected)


def _other_subject(decision: Decision, expected: ExpectedSubject) -> Iterator[Refusal]:
    if decision.stage != "gate":
        yield Refusal(
            rule=RefusalRule.OTHER_STAGE,
            message="The decision judges a completed deployment, not a promotion.",
            fix="Use the decision of a gate without --post-deploy.",
        )
    if decision.environment != expected.environment:
        yield _foreign(RefusalRule.OTHER_ENVIRONMENT, "promotion to", decision.environment, expected.environment)
    if expected.observed_in and decision.observed_in != expected.observed_in:
        yield _foreign(RefusalRule.OTHER_ENVIRONMENT, "observed in", decision.observed_in, expected.observed_in)
    if decision.commit != expected.commit:
        yield _foreign(RefusalRule.OTHER_COMMIT, "commit", decision.commit, expected.commit)
    if decision.content != expected.content:
        yield _foreign(RefusalRule.OTHER_CONTENT, "digest", decision.content, expected.content or "unknown")
    if decision.manifest.digest != expected.manifest.digest:
        yield _foreign(RefusalRule.OTHER_MANIFEST, "manifest", _shown(decision.manifest), _shown(expected.manifest))
    if decision.agents != expected.agents:
        yield _foreign(
            RefusalRule.OTHER_AGENT_VERSION, "agent versions", _agents(decision.agents), _agents(expected.agents)
        )


def _other_packs(decision: Decision, expected: ExpectedSubject) -> Iterator[Refusal]:
    judged = {pack.name: pack for pack in decision.packs}
    digests = {each.digest.get("sha256") for each in decision.packs}
    for pack in expected.packs:
        if pack.digest not in digests:
            same_path = judged.get(pack.path)
            shown = _shown(Resource(name=pack.path, digest={"sha256": pack.digest}))
            yield _foreign(
                RefusalRule.OTHER_PACK, "it judged", _shown(same_path) if same_path else "other packs", shown
            )


def _age(decision: Decision, expected: ExpectedSubject) -> Iterator[Refusal]:
    if decision.time > expected.now + CLOCK_SKEW:
        yield Refusal(
            rule=RefusalRule.FUTURE,
            message=f"The decision is dated {decision.time.isoformat()}, which is in the future.",
            fix="Correct the clock of the machine that ran the gate, then run the gate again.",
        )
    oldest = min(decision.time, decision.oldest or decision.time)
    if expected.max_age is not None and expected.now - oldest > expected.max_age:
        yield Refusal(
            rule=RefusalRule.TOO_OLD,
            message=f"The evidence is from {oldest.isoformat()}, but {expected.environment} does not accept evidence "
            f"older than {expected.max_age}.",
            fix="Rerun the packs, then run the gate again.",
        )


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
        refusals=(*hold_refusals(ledger.own, request), *_order(ledger, request, decision)),
        lane=lane,
        stops=stop_effects(ledger.own, request),
        passed=tuple(passed_holds(ledger.own, request)),
        lock=ledger.own.holds.lock if request.restores else None,
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


def order_refusals(
    before: EnvironmentLedger, release: ShippedRelease, *, environment: str, decision: Decision | None
) -> Iterator[Refusal]:
    """Why the environment before does not permit this promotion; nothing if it does.

    before: its ledger. release: as it is there. environment: the one that the release is to enter.
    """
    rolled_back = list(rollback_refusals(before, release, before=environment))
    yield from rolled_back
    live = (each for each in before.deployments if each.succeeded and each.release and release.is_in(each))
    earlier = next(live, None)
    if earlier is None:
        where = one_line(before.environment, 100)
        yield Refusal(
            rule=RefusalRule.ORDER,
            message=f"This release was never live in {where}, which comes before {one_line(environment, 100)}.",
            fix=f"Deploy it to {where} first.",
        )
    elif decision is not None and not rolled_back:
        yield from _other_org(decision, earlier)


def _other_org(decision: Decision, earlier: Deployment) -> Iterator[Refusal]:
    """Refusals if the evidence is from another org, or for other agent versions, than the earlier deployment."""
    known = earlier.release.org if earlier.release else ""
    others = [org for org in decision.orgs if known and org[:_ORG_ID] != known[:_ORG_ID]]
    if others:
        yield _foreign(RefusalRule.OTHER_ORG, "org", ", ".join(others), known)
    differing = {name for name, version in decision.agents.items() if earlier.live.get(name, version) != version}
    for name in sorted(differing):
        live = earlier.live[name]
        yield _foreign(
            RefusalRule.OTHER_AGENT_VERSION,
            f"agent {name}",
            f"version {decision.agents[name]}",
            f"none, because the agent is inactive in {earlier.environment}"
            if live is None
            else f"version {live}, which is live in {earlier.environment}",
        )


def _foreign(rule: RefusalRule, what: str, actual: str | None, expected: str) -> Refusal:
    subject = rule.removeprefix("evidence/other-").replace("-", " ")
    return Refusal(
        rule=rule,
        message=f"The evidence is for a different {subject}: {what} "
        f"{one_line(actual or 'unknown', 200)}, not {one_line(expected, 200)}.",
        fix="Rerun the packs on this release, then run the gate again.",
    )


def _shown(resource: Resource) -> str:
    return f"{resource.name} sha256:{resource.digest.get('sha256', '')[:12]}"


def _agents(agents: Mapping[str, int]) -> str:
    return ", ".join(f"{name} v{version}" for name, version in sorted(agents.items())) or "none"
