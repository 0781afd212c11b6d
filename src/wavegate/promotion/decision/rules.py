"""The rules for the evidence of a promotion: a consistent decision of the gate, a pass, on this very release."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from wavegate.evidence.observation import CLOCK_SKEW
from wavegate.evidence.resource import Resource
from wavegate.gate.decision import Decision, Verdict
from wavegate.promotion.decision.consistency import inconsistencies
from wavegate.promotion.decision.pack_check import deviations
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.release.pack import Pack
from wavegate.text import one_line

MAX_INCONSISTENCIES = 5
"""Maximum inconsistencies of a decision that are reported."""


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
        yield foreign(RefusalRule.OTHER_ENVIRONMENT, "promotion to", decision.environment, expected.environment)
    if expected.observed_in and decision.observed_in != expected.observed_in:
        yield foreign(RefusalRule.OTHER_ENVIRONMENT, "observed in", decision.observed_in, expected.observed_in)
    if decision.commit != expected.commit:
        yield foreign(RefusalRule.OTHER_COMMIT, "commit", decision.commit, expected.commit)
    if decision.content != expected.content:
        yield foreign(RefusalRule.OTHER_CONTENT, "digest", decision.content, expected.content or "unknown")
    if decision.manifest.digest != expected.manifest.digest:
        yield foreign(RefusalRule.OTHER_MANIFEST, "manifest", _shown(decision.manifest), _shown(expected.manifest))
    if decision.agents != expected.agents:
        yield foreign(
            RefusalRule.OTHER_AGENT_VERSION, "agent versions", _agents(decision.agents), _agents(expected.agents)
        )


def _other_packs(decision: Decision, expected: ExpectedSubject) -> Iterator[Refusal]:
    judged = {pack.name: pack for pack in decision.packs}
    digests = {each.digest.get("sha256") for each in decision.packs}
    for pack in expected.packs:
        if pack.digest not in digests:
            same_path = judged.get(pack.path)
            shown = _shown(Resource(name=pack.path, digest={"sha256": pack.digest}))
            yield foreign(
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


def foreign(rule: RefusalRule, what: str, actual: str | None, expected: str) -> Refusal:
    """The refusal of evidence for another subject. what: the value that differs, then as it is and as it must be."""
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
