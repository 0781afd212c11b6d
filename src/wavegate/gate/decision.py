"""A decision: reports render it, approvers read it, and deployments check it.

On disk it is an in-toto Statement v1 whose predicate is the decision.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec

from wavegate.evidence.observation import Moment, VersionBasis, Wire
from wavegate.evidence.resource import STATEMENT_TYPE, Resource, statement_from_json, statement_to_json
from wavegate.findings.finding import Finding
from wavegate.release.pack import TestKind, ViolationSeverity

PREDICATE_TYPE: Final = "https://github.com/wavegate/wavegate/decision/v1"

Attempt = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
"""The number of an attempt."""


class Verdict(StrEnum):
    """Result of a gate. inconclusive: not enough evidence; never a pass."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Reason(Wire, frozen=True, kw_only=True):
    """One reason for the verdict.

    code: stable, such as `missing-runs`. weight: the verdict that it forces; None for a note. fix: what to do next.
    test: `suite/test` if the reason concerns one test.
    """

    code: str
    weight: Literal["fail", "inconclusive"] | None
    text: str
    fix: str = ""
    test: str | None = None


def inconclusive_for(finding: Finding) -> Reason:
    """The reason that a finding about the evidence, or about what declares it, is."""
    place = finding.location
    return Reason(
        code=finding.rule.rpartition("/")[2],
        weight="inconclusive",
        text=f"{place.file}, line {place.line}: {finding.message}",
        fix=finding.fix,
    )


class CriterionRule(StrEnum):
    """The rule that a criterion is judged by.

    as-observed: its counts reach the threshold. confidence: what its counts support at its `confidence` does.
    stages: its counts pass at a stage that the pack declares. always-valid: its counts prove it at its `confidence`,
    by a test that may be repeated after every observation.
    """

    AS_OBSERVED = "as-observed"
    CONFIDENCE = "confidence"
    STAGES = "stages"
    ALWAYS_VALID = "always-valid"


class Criterion(Wire, frozen=True, kw_only=True):
    """One criterion of a pack, judged on the observations.

    passed of total: observations, waived tests left out. observed, threshold: in the criterion's own unit (fractions;
    milliseconds for maxLatencyP95; the share of pairs lost for noRegressionAgainst). lower, upper: bounds of what was
    observed, at `confidence`. rule: the rule to recompute the verdict by; method: the same as text for people.
    claim: what the observations support. settle: what would settle it, '' if it is settled. lower_by_test: lower
    bound for prompts like those of the tests, which are its units; None where too few tests ran.
    """

    suite: str
    name: str
    verdict: Verdict
    passed: int
    total: int
    observed: float | None
    threshold: float
    confidence: float | None
    lower: float | None
    upper: float | None
    rule: CriterionRule
    method: str
    claim: str
    settle: str = ""
    lower_by_test: float | None = None


class FailedCase(Wire, frozen=True, kw_only=True):
    """A case that failed in a run. quote: what the agent said there, '' if nobody recorded it."""

    case: str
    run: int
    quote: str = ""


class TestRow(Wire, frozen=True, kw_only=True):
    """The observations of one test. expected: number of observations that the pack requires. p95: milliseconds.

    verdict: of this test alone: whether it reaches the pack's perTestMinimum with no run missing and no critical
    violation that the pack forbids. lower, upper: two-sided 95 % Wilson interval of its pass rate. cases: number of
    cases that every run has; those observed if cases_from, the path of the file that declares them, is ''.
    first_failure: the first observation that failed.
    """

    __test__ = False

    suite: str
    test: str
    kind: TestKind
    verdict: Verdict
    expected: int
    passed: int
    failed: int
    errors: int
    missing: int
    lower: float
    upper: float
    p95: float | None = None
    waived: bool = False
    cases: int = 0
    cases_from: str = ""
    first_failure: FailedCase | None = None


class ComparisonRow(Wire, frozen=True, kw_only=True):
    """One test compared with the baseline, by pairs of the same case and run.

    before, after: pairs that passed in the baseline and pass now. worse: pairs that got worse, with every error
    counted as a pass before and as a failure now; better: those that certainly got better. cases_worse: of cases.
    loss: upper bound of the pass rate lost, a fraction, at the criterion's confidence; margin: what the pack allows.
    p_value: that no case got worse.
    """

    suite: str
    test: str
    verdict: Verdict
    pairs: int
    before: int
    after: int
    worse: int
    better: int
    cases: int
    cases_worse: int
    loss: float
    margin: float
    p_value: float


class TestedVersion(Wire, frozen=True, kw_only=True):
    """Versions of the agents that evidence is about, by name, and how they are known.

    agents: empty if the evidence names none.
    """

    __test__ = False

    agents: dict[str, int]
    basis: VersionBasis


class CheckRow(Wire, frozen=True, kw_only=True):
    """Outcomes of one kind of check in a pack's observations.

    counts: whether it decides the outcome of its tests. test: the test; None if it has several, `tests` of them.
    """

    suite: str
    kind: str
    counts: bool
    passed: int
    failed: int
    errors: int
    tests: int
    test: str | None = None


class ViolationRow(Wire, frozen=True, kw_only=True):
    """A policy violation in a test.

    case, run: its first occurrence. detail, quote: how the policy was broken there, and what the agent said.
    """

    suite: str
    test: str
    policy: str
    severity: ViolationSeverity
    confirmed: bool
    count: int
    case: str
    run: int
    detail: str = ""
    quote: str = ""


class WaiverUsed(Wire, frozen=True, kw_only=True):
    """A waiver that was applied: its test was excluded from the rates."""

    suite: str
    test: str
    reason: str
    owner: str
    expires: date


class AttemptRelation(StrEnum):
    """What an earlier decision is to this one.

    counts: it judged other evidence for the same question, so it was a chance to pass. included: all of its evidence
    is judged again, so nothing was chosen. other-packs: it judged the same content by other packs, or expected other
    cases. passed: it was a pass, or led to one: what passed may be shipped again, such as after a rollback.
    """

    COUNTS = "counts"
    INCLUDED = "included"
    OTHER_PACKS = "other-packs"
    PASSED = "passed"


class EarlierDecision(Wire, frozen=True, kw_only=True):
    """An earlier decision about the same content.

    verdict: None if it is not known: the attempt of the workflow run left no readable decision. run: URL of that
    attempt. actor: login of the person who started it. decision: digest of the decision file. attempt: its number.
    """

    relation: AttemptRelation
    verdict: Verdict | None = None
    attempt: Attempt | None = None
    run: str = ""
    actor: str = ""
    decision: str = ""
    time: Moment | None = None


class Decision(Wire, frozen=True, kw_only=True):
    """Whether a release may enter an environment, and why.

    stage: `gate` before the promotion, `verify` after the deployment. observed_in: the environment that the evidence
    comes from; None if any is accepted. claim: one sentence with its number. inputs: every evidence file that was
    read, with its digest. packs: those judged; empty for a first environment, which needs only validation.
    orgs: ids of the orgs that the evidence names as its source. oldest: time of the oldest observation, if the
    manifest limits its age. content: digest of what the commit ships to the environment; '' if unknown.
    attempt: the number of this attempt at the same question, from 1; a pack with a confidence is judged by it.
    earlier: earlier decisions about the same content, oldest first; None if they are unknown.
    run: URL of the attempt of the workflow run. checks: the kinds of checks in the results, failed ones first.
    versions: the versions that the evidence is about.
    comparisons: the tests that were compared with a baseline. census: digest of the expected cases; '' if nobody
    looked for them.
    """

    verdict: Verdict
    stage: Literal["gate", "verify"]
    environment: str
    observed_in: str | None
    release: str
    claim: str
    reasons: tuple[Reason, ...]
    criteria: tuple[Criterion, ...]
    tests: tuple[TestRow, ...]
    violations: tuple[ViolationRow, ...]
    waivers: tuple[WaiverUsed, ...]
    commit: str | None
    manifest: Resource
    packs: tuple[Resource, ...]
    agents: dict[str, int]
    inputs: tuple[Resource, ...]
    time: Moment
    run: str | None = None
    orgs: tuple[str, ...] = ()
    oldest: Moment | None = None
    content: str = ""
    attempt: Attempt = 1
    earlier: tuple[EarlierDecision, ...] | None = None
    checks: tuple[CheckRow, ...] = ()
    versions: tuple[TestedVersion, ...] = ()
    census: str = ""
    comparisons: tuple[ComparisonRow, ...] = ()

    @property
    def subject(self) -> tuple[Resource, ...]:
        """The files and commit that the decision applies to: manifest, packs, commit."""
        commit = (Resource(name="commit", digest={"gitCommit": self.commit}),) if self.commit else ()
        return (self.manifest, *self.packs, *commit)


class Statement(Wire, frozen=True, kw_only=True, rename={"type": "_type", "predicate_type": "predicateType"}):
    """The in-toto envelope around a decision."""

    type: Literal["https://in-toto.io/Statement/v1"]
    subject: tuple[Resource, ...]
    predicate_type: Literal["https://github.com/wavegate/wavegate/decision/v1"]
    predicate: Decision


def to_json(decision: Decision) -> bytes:
    """Content of the decision file: UTF-8 JSON; the same decision gives the same bytes."""
    statement = Statement(
        type=STATEMENT_TYPE, subject=decision.subject, predicate_type=PREDICATE_TYPE, predicate=decision
    )
    return statement_to_json(statement)


def from_json(data: bytes, *, path: str) -> Decision:
    """Parse a decision file. InputError: it is not a decision, or its subject does not match its predicate.

    This checks the form only. Only a digest or a signature over its bytes shows who wrote the file.
    """
    fix = (
        "Use the decision file that `wavegate gate` wrote, unchanged; "
        "if an older version of wavegate wrote it, run the gate again."
    )
    return statement_from_json(data, Statement, path=path, what="a wavegate decision", fix=fix).predicate
