"""The rules by which a release enters an environment: what its evidence must be, and in which order it moves.

A release is one commit. An environment takes it after the one before it had it live and it was not rolled back there,
whether or not that one has gone on to a newer release meanwhile: the evidence is of the time when it was there, and a
release that waits for an approval must not be overtaken by the next one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from wavegate.evidence.observation import CLOCK_SKEW
from wavegate.evidence.resource import Resource
from wavegate.gate.decision import Decision, Verdict
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import is_of
from wavegate.promotion.decision_check import inconsistencies
from wavegate.promotion.pack_check import departures
from wavegate.promotion.values import Refusal
from wavegate.release.pack import Pack
from wavegate.text import one_line

CONTRADICTIONS = 5
"""Contradictions of a decision that are told."""
_ORG_ID = 15
"""Characters of an org's id that tell orgs apart; three more are its checksum."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedSubject:
    """What the evidence must be about.

    manifest, packs: as the checkout has them. observed_in: the environment that it must come from, None
    for any. agents: versions that the manifest pins. max_age None: any age. now: with its zone.
    """

    environment: str
    commit: str
    manifest: Resource
    packs: Sequence[Pack]
    observed_in: str | None
    agents: Mapping[str, int]
    max_age: timedelta | None
    now: datetime


def evidence_refusals(decision: Decision, wanted: ExpectedSubject) -> Iterator[Refusal]:
    """Why a decision is no evidence that this release may enter this environment; nothing where it is."""
    for problem in islice(chain(inconsistencies(decision), departures(decision, wanted.packs)), CONTRADICTIONS):
        yield Refusal(
            rule="evidence/edited",
            message=f"The decision contradicts itself: {problem}",
            fix="Take the file that `wavegate gate` wrote, unchanged.",
            final=True,
        )
    if decision.verdict is not Verdict.PASS:
        yield Refusal(
            rule="evidence/not-a-pass",
            message=f"The gate's verdict is {decision.verdict}: {one_line(decision.claim, 300)}",
            fix="Do what its reasons ask for, and let the gate decide again.",
        )
    yield from _other_subject(decision, wanted)
    yield from _other_packs(decision, wanted)
    yield from _age(decision, wanted)


def _other_subject(decision: Decision, wanted: ExpectedSubject) -> Iterator[Refusal]:
    if decision.stage != "gate":
        yield Refusal(
            rule="evidence/other-stage",
            message="The decision judges a deployment that was made, not one that is to be made.",
            fix="Bring the decision of the gate, without --verify.",
        )
    if decision.environment != wanted.environment:
        yield _foreign("environment", "entering", decision.environment, wanted.environment)
    if wanted.observed_in and decision.observed_in != wanted.observed_in:
        yield _foreign("environment", "observations from", decision.observed_in, wanted.observed_in)
    if decision.commit != wanted.commit:
        yield _foreign("commit", "commit", decision.commit, wanted.commit)
    if decision.manifest.digest != wanted.manifest.digest:
        yield _foreign("manifest", "the manifest", _shown(decision.manifest), _shown(wanted.manifest))
    if decision.agents != wanted.agents:
        yield _foreign("agent-version", "agent versions", _listed(decision.agents), _listed(wanted.agents))


def _other_packs(decision: Decision, wanted: ExpectedSubject) -> Iterator[Refusal]:
    judged = {pack.name: pack for pack in decision.packs}
    digests = {each.digest.get("sha256") for each in decision.packs}
    for pack in wanted.packs:
        if pack.digest not in digests:
            found = judged.get(pack.path)
            shown = _shown(Resource(name=pack.path, digest={"sha256": pack.digest}))
            yield _foreign("pack", "the pack", _shown(found) if found else f"no {pack.path}", shown)


def _age(decision: Decision, wanted: ExpectedSubject) -> Iterator[Refusal]:
    if decision.time > wanted.now + CLOCK_SKEW:
        yield Refusal(
            rule="evidence/future",
            message=f"The decision claims to be of {decision.time.isoformat()}, which is yet to come.",
            fix="Set the clock of the machine that decided, and let the gate decide again.",
        )
    oldest = min(decision.time, decision.oldest or decision.time)
    if wanted.max_age is not None and wanted.now - oldest > wanted.max_age:
        yield Refusal(
            rule="evidence/too-old",
            message=f"The evidence is of {oldest.isoformat()}, and {wanted.environment} takes none older than "
            f"{wanted.max_age}.",
            fix="Run the packs again, and let the gate decide on that.",
        )


def order_refusals(
    deployments: Sequence[Deployment],
    *,
    manifest: str,
    environment: str,
    before: str | None,
    decision: Decision | None,
) -> Iterator[Refusal]:
    """Why the ledger does not let a release enter.

    deployments: all of its commit, newest first. manifest: its path. before: the environment before, None for none.
    """
    if _rolled_back([each for each in deployments if is_of(each, manifest)], environment):
        yield Refusal(
            rule="promotion/rolled-back",
            message=f"This release was rolled back in {environment}.",
            fix="Release the commit that mends it.",
        )
    if before is None:
        return
    known = (each for each in deployments if each.release and each.release.manifest == manifest)
    held = next((each for each in known if each.environment == before and each.succeeded), None)
    if held is None:
        yield Refusal(
            rule="promotion/order",
            message=f"{before} never had this release live, and {environment} comes after it.",
            fix=f"Deploy it to {before} first.",
        )
    elif held.rolled_back:
        yield Refusal(
            rule="promotion/rolled-back",
            message=f"This release was rolled back in {before}, which comes before {environment}.",
            fix="Release the commit that mends it.",
        )
    elif decision is not None:
        yield from _other_org(decision, held)


def _rolled_back(deployments: Sequence[Deployment], environment: str) -> bool:
    newest = next((each for each in deployments if each.environment == environment and each.succeeded), None)
    return newest is not None and newest.rolled_back


def _other_org(decision: Decision, held: Deployment) -> Iterator[Refusal]:
    """Evidence from an org, or of agent versions, that the environment before does not have."""
    known = held.release.org if held.release else ""
    others = [org for org in decision.orgs if known and org[:_ORG_ID] != known[:_ORG_ID]]
    if others:
        yield _foreign("org", "org", ", ".join(others), known)
    differing = {name for name, version in decision.agents.items() if held.live.get(name, version) != version}
    for name in sorted(differing):
        live = held.live[name]
        yield _foreign(
            "agent-version",
            f"agent {name}",
            f"version {decision.agents[name]}",
            f"version {live}, which {held.environment} has"
            if live is not None
            else f"none: {held.environment} has it off",
        )


def _foreign(rule: str, what: str, found: str | None, wanted: str) -> Refusal:
    return Refusal(
        rule=f"evidence/other-{rule}",
        message=f"The evidence is for another {rule.replace('-', ' ')}: {what} {one_line(found or 'unknown', 200)}, "
        f"not {one_line(wanted, 200)}.",
        fix="Run the packs on what is to be released, and let the gate decide on that.",
    )


def _shown(resource: Resource) -> str:
    return f"{resource.name} sha256:{resource.digest.get('sha256', '')[:12]}"


def _listed(agents: Mapping[str, int]) -> str:
    return ", ".join(f"{name} v{version}" for name, version in sorted(agents.items())) or "none"
