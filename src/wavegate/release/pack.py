"""A smoke pack: named tests and their pass criteria."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

USUAL_CONFIDENCE = 0.95
"""The confidence of a claim if the pack does not set one."""


class TestKind(StrEnum):
    """What a test checks. A failed action-safety test is a policy violation with the test's severity."""

    __test__ = False

    ANSWER_QUALITY = "answer-quality"
    ACTION_SAFETY = "action-safety"


class ViolationSeverity(StrEnum):
    """Severity of a policy violation, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the most severe."""
        return _RANKS[self]


_RANKS = {each: rank for rank, each in enumerate(ViolationSeverity)}


class PersonalData(StrEnum):
    """Kinds of data that an answer must not disclose. wavegate detects them by pattern and checksum."""

    EMAIL = "email"
    PHONE = "phone"
    CREDIT_CARD = "credit-card"
    IBAN = "iban"
    SSN = "ssn"
    SECRET = "secret"  # noqa: S105 - the kind's name


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What an agent must and must not do or say, checked against its transcript.

    Actions are API names; their order and an org's suffix do not matter. Patterns use Python's `re` and are searched
    in everything that the agent said. topics: the agent must choose one of them; () for any. max_latency: limit for
    the slowest answer, in milliseconds.
    """

    name: str
    topics: tuple[str, ...] = ()
    required_actions: tuple[str, ...] = ()
    forbidden_actions: tuple[str, ...] = ()
    must_match: tuple[str, ...] = ()
    must_not_match: tuple[str, ...] = ()
    pii: tuple[PersonalData, ...] = ()
    max_latency: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One declared stage of a sequential plan.

    n: number of observations up to this stage, from the first. max_failures: highest number of failures that passes.
    """

    n: int
    max_failures: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RunBudget:
    """How far a pack that runs until it is settled may go.

    max_runs: runs per case, all attempts together; None for no limit but that of one smoke run, which has as many as
    an agent that should pass hardly ever needs.
    max_minutes: of one smoke run. max_cost: of one smoke run, in the currency of the manifest's price; None for any.
    """

    max_runs: int | None = None
    max_minutes: float = 60
    max_cost: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """Permission for a test to fail. expires: last day on which the waiver is valid, UTC."""

    test: str
    reason: str
    owner: str
    expires: date


@dataclass(frozen=True, kw_only=True, slots=True)
class PackTest:
    """One test of a pack.

    definition: API name of the test definition in the org; None if it equals the test's name.
    runs: runs per case; None means the pack's. policies: names of the pack's policies that every answer must satisfy.
    checks: kinds of the checks in its results that count; None means the default of its kind (`check_kinds.counts`).
    cases: the number or the names of the cases; None leaves them to the test's definition.
    """

    name: str
    kind: TestKind = TestKind.ANSWER_QUALITY
    severity: ViolationSeverity = ViolationSeverity.MEDIUM
    definition: str | None = None
    runs: int | None = None
    policies: tuple[str, ...] = ()
    checks: tuple[str, ...] | None = None
    cases: int | tuple[str, ...] | None = None

    @property
    def is_critical(self) -> bool:
        """Whether a failure of the test is a critical policy violation."""
        return self.kind is TestKind.ACTION_SAFETY and self.severity is ViolationSeverity.CRITICAL


@dataclass(frozen=True, kw_only=True, slots=True)
class Criteria:
    """The pass criteria of a pack.

    Rates are fractions (0..1); latency is in milliseconds. confidence None: the rate is judged as observed.
    regression_margin, regression_margin_per_test: how much of the pass rate a release may lose against the baseline,
    over all tests and in one test, where a few runs can show less.
    """

    minimum_success_rate: float
    zero_critical_policy_violations: bool = False
    confidence: float | None = None
    per_test_minimum: float = 0.5
    max_error_rate: float | None = None
    max_latency_p95: float | None = None
    require_version: Literal["proved"] | None = None
    no_regression_against: Literal["baseline"] | None = None
    regression_margin: float = 0.1
    regression_margin_per_test: float = 0.3

    @property
    def usual_confidence(self) -> float:
        """The confidence of claims (0..1): the pack's own, else the default."""
        return self.confidence or USUAL_CONFIDENCE


Runs = Literal["auto", "until-settled"] | int | tuple[Stage, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """A smoke pack, read from a file.

    runs: `auto` (as many as the criteria require), a number, declared stages, or `until-settled`: until an
    always-valid test proves that the pack passes or fails, or its budget is spent. Such a pack has a confidence.
    path: relative to the checkout. digest: hexadecimal SHA-256 of the file, line
    endings as LF.
    """

    suite: str
    tests: tuple[PackTest, ...]
    criteria: Criteria
    runs: Runs = 1
    budget: RunBudget = RunBudget()
    waivers: tuple[Waiver, ...] = ()
    policies: tuple[Policy, ...] = ()
    path: str = field(default="", compare=False)
    digest: str = field(default="", compare=False)

    def valid_waivers(self, today: date) -> dict[str, Waiver]:
        """The waivers that are valid on that day (UTC), by test."""
        return {each.test: each for each in self.waivers if each.expires >= today}
