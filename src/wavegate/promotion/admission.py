"""The rules for promoting a release to an environment: the evidence it needs and the order of environments.

A release is one commit. It may enter an environment once it has been live in the environment before, unless it was
rolled back there. The environment before may already have a newer release: the evidence is from the time when this
release was live there, and a newer release must not overtake one that waits for its approval.
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
from wavegate.promotion.pack_check import deviations
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


def order_refusals(
    deployments: Sequence[Deployment],
    *,
    manifest: str,
    environment: str,
    before: str | None,
    decision: Decision | None,
) -> Iterator[Refusal]:
    """Why the ledger does not permit this promotion; nothing if it does.

    deployments: all of the release's commit, newest first. manifest: its path. before: the environment before; None
    for the first environment.
    """
    if _rolled_back([each for each in deployments if is_of(each, manifest)], environment):
        yield Refusal(
            rule=RefusalRule.ROLLED_BACK,
            message=f"This release was rolled back in {environment}.",
            fix="Release a commit with a fix.",
        )
    if before is None:
        return
    known = (each for each in deployments if each.release and each.release.manifest == manifest)
    earlier = next((each for each in known if each.environment == before and each.succeeded), None)
    if earlier is None:
        yield Refusal(
            rule=RefusalRule.ORDER,
            message=f"This release was never live in {before}, which comes before {environment}.",
            fix=f"Deploy it to {before} first.",
        )
    elif earlier.rolled_back:
        yield Refusal(
            rule=RefusalRule.ROLLED_BACK,
            message=f"This release was rolled back in {before}, which comes before {environment}.",
            fix="Release a commit with a fix.",
        )
    elif decision is not None:
        yield from _other_org(decision, earlier)


def _rolled_back(deployments: Sequence[Deployment], environment: str) -> bool:
    newest = next((each for each in deployments if each.environment == environment and each.succeeded), None)
    return newest is not None and newest.rolled_back


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
