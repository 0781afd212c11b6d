"""A decision: the one thing that reports render, approvers see and deployments verify.

On disk it is an in-toto Statement v1 whose predicate is the decision.
Source: github.com/in-toto/attestation, spec/v1/statement.md and resource_descriptor.md.
"""

import json
from datetime import date
from enum import StrEnum
from typing import Final, Literal

import msgspec

from wavegate.errors import InputError
from wavegate.evidence.observation import Moment, Wire
from wavegate.evidence.resource import Resource
from wavegate.release.pack import TestKind, ViolationSeverity

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://github.com/wavegate/wavegate/decision/v1"
MAX_BYTES = 8 * 1024 * 1024
"""The largest decision file that is read."""


class Verdict(StrEnum):
    """What a gate says. inconclusive: too little evidence, which is never a pass."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Reason(Wire, frozen=True, kw_only=True):
    """Why the verdict is what it is.

    code: stable, such as `missing-runs`. weight: what it makes of the verdict; None is a remark.
    fix: what to do about it. test: `suite/test`, where it is about one.
    """

    code: str
    weight: Literal["fail", "inconclusive"] | None
    text: str
    fix: str = ""
    test: str | None = None


class CriterionRule(StrEnum):
    """By which rule a criterion is judged.

    as-observed: its counts reach the threshold as they are. confidence: what they support at its `confidence` does.
    stages: they pass a look of the stages that the pack declares.
    """

    AS_OBSERVED = "as-observed"
    CONFIDENCE = "confidence"
    STAGES = "stages"


class Criterion(Wire, frozen=True, kw_only=True):
    """One criterion of a pack and what the observations say about it.

    passed of total: observations, waived tests left out. observed, threshold: in the criterion's own unit (fractions;
    milliseconds for maxLatencyP95; a p-value for noRegressionAgainst). lower, upper: bounds of what was observed,
    at `confidence`. rule: what the verdict is recomputed by; method: the same for a person to read.
    claim: what the observations support. settle: what would settle it, '' where it is settled.
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


class TestRow(Wire, frozen=True, kw_only=True):
    """The observations of one test. expected: observations the pack asks for. p95: milliseconds.

    verdict: of the test on its own: whether it reaches the pack's perTestMinimum, with no run missing and none of the
    critical violations that the pack forbids. lower, upper: two-sided 95 % Wilson interval of its pass rate.
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


class ViolationRow(Wire, frozen=True, kw_only=True):
    """A policy that a test saw broken. case, run: the first place it shows."""

    suite: str
    test: str
    policy: str
    severity: ViolationSeverity
    confirmed: bool
    count: int
    case: str
    run: int


class WaiverUsed(Wire, frozen=True, kw_only=True):
    """A waiver that held: its test was left out of the rates."""

    suite: str
    test: str
    reason: str
    owner: str
    expires: date


class Decision(Wire, frozen=True, kw_only=True):
    """May this release enter this environment?

    stage: `gate` is before entering, `verify` after the deployment. observed_in: the environment that the evidence
    comes from, None where any may. claim: one sentence with its number. inputs: every evidence file read, by digest.
    packs: those judged; empty for a first environment, which has only validation before it. orgs: ids of the orgs
    that the evidence says it comes from. oldest: time of the oldest observation, where the manifest limits its age.
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

    @property
    def subject(self) -> tuple[Resource, ...]:
        """What the decision is about: manifest, packs, commit."""
        commit = (Resource(name="commit", digest={"gitCommit": self.commit}),) if self.commit else ()
        return (self.manifest, *self.packs, *commit)


class Statement(Wire, frozen=True, kw_only=True, rename={"type": "_type", "predicate_type": "predicateType"}):
    """The in-toto envelope around a decision."""

    type: Literal["https://in-toto.io/Statement/v1"]
    subject: tuple[Resource, ...]
    predicate_type: Literal["https://github.com/wavegate/wavegate/decision/v1"]
    predicate: Decision


def to_json(decision: Decision) -> bytes:
    """The decision's file: UTF-8 JSON, the same bytes for the same decision."""
    statement = Statement(
        type=STATEMENT_TYPE, subject=decision.subject, predicate_type=PREDICATE_TYPE, predicate=decision
    )
    return msgspec.json.format(msgspec.json.encode(statement), indent=2) + b"\n"


def from_json(data: bytes, *, path: str) -> Decision:
    """Read a decision's file; InputError where it is not one, or its subject is not its predicate's.

    A digest or signature over the bytes says who wrote it: this only says that it is whole.
    """
    fix = (
        "Take the decision file that `wavegate gate` wrote, unchanged; "
        "if an older version of wavegate wrote it, run the gate again."
    )
    if len(data) > MAX_BYTES:
        raise InputError(f"The decision file is over {MAX_BYTES} bytes.", fix=fix, file=path)
    try:
        statement = msgspec.json.decode(data, type=Statement)
        json.loads(data, object_pairs_hook=_once)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InputError(f"The file is not a wavegate decision: {error}.", fix=fix, file=path) from error
    if statement.subject != statement.predicate.subject:
        raise InputError("The decision's subject is not what its predicate was decided on.", fix=fix, file=path)
    return statement.predicate


def _once(pairs: list[tuple[str, object]]) -> None:
    """Another reader may take the first value of a key, where this one takes the last."""
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError("a key is there twice")
