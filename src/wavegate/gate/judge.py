"""The promotion gate: judge observations and return one decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wavegate.census.values import NOTHING_KNOWN, Census
from wavegate.evidence.observation import Subject
from wavegate.evidence.resource import Resource
from wavegate.findings.finding import Finding
from wavegate.gate.attempt.attempts import UNKNOWN, Attempts, attempt_number, earlier_decisions
from wavegate.gate.case_reasons import census_reasons
from wavegate.gate.criteria import judge_pack
from wavegate.gate.decision import (
    CheckRow,
    ComparisonRow,
    Criterion,
    Decision,
    Reason,
    TestRow,
    Verdict,
    ViolationRow,
    WaiverUsed,
)
from wavegate.gate.reasons import (
    baseline_reasons,
    comparison_reasons,
    criterion_reasons,
    evidence_reasons,
    few_runs_reasons,
    gap_reasons,
    waiver_reasons,
)
from wavegate.gate.regression import compare
from wavegate.gate.shard_reasons import job_reasons, shard_reasons
from wavegate.gate.tally import Tally
from wavegate.gate.tested.checks import check_reasons, check_rows, idle_policy_notes, policy_reasons
from wavegate.gate.tested.observed import observe_tests, row_of, violation_rows
from wavegate.gate.tested.versions import pin_reasons, tested_versions, version_criteria
from wavegate.ledger.gate_entry import question_digest
from wavegate.plan.values import Shard
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Pack
from wavegate.statistics.attempts import at_attempt


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """The question that a gate decides.

    stage: `gate` before the promotion, `verify` after the deployment. observed_in: the environment that evidence must
    come from; None accepts any. packs: those that apply; empty for a first environment, unless evidence is passed.
    now: timezone-aware. inputs: the evidence files that were read. shards: those that
    should have run; empty if unknown. shards_result: combined result of their jobs, '' if unknown. job_result: result
    of the job that ran the tests of the result files, '' if unknown. content: digest of what the commit ships to the
    environment, '' if unknown. attempts: earlier decisions, and the workflow run. census: the expected
    cases of the packs' tests; None if nobody looked for them. policies: findings about the actions that the packs'
    policies name.
    """

    stage: Literal["gate", "verify"]
    manifest: Manifest
    environment: str
    observed_in: str | None
    packs: Sequence[Pack]
    now: datetime
    commit: str | None = None
    org: str | None = None
    inputs: tuple[Resource, ...] = ()
    shards: tuple[Shard, ...] = ()
    shards_result: str = ""
    job_result: str = ""
    content: str = ""
    attempts: Attempts = UNKNOWN
    census: Census | None = None
    policies: tuple[Finding, ...] = ()

    def subject(self, pack: Pack) -> Subject:
        """The subject that a pack's evidence must match."""
        return Subject(
            commit=self.commit,
            manifest=self.manifest.digest or None,
            pack=pack.digest or None,
            environment=self.observed_in,
            org=self.org,
            agents=self.agents,
        )

    @property
    def digest(self) -> str:
        """The digest of what is asked: decisions with the same one are attempts at the same question."""
        return question_digest(
            stage=self.stage,
            environment=self.environment,
            content=self.content,
            packs=(pack.digest for pack in self.packs),
            census=self.census.digest if self.census else "",
        )

    @property
    def agents(self) -> dict[str, int]:
        """The agent versions that the manifest pins where the packs run."""
        return self.manifest.pinned_versions(self.tested_in)

    @property
    def tested_in(self) -> str:
        """The environment that the packs run in."""
        return self.observed_in or self.environment


def judge(question: Question, tally: Tally, *, baseline: Tally | None = None) -> Decision:
    """Decide whether the release may enter the environment.

    baseline: observations of the previous release, for packs with noRegressionAgainst. The verdict is fail if a
    criterion certainly fails, else inconclusive if anything is undecided, else pass.
    """
    evidence = frozenset(each.digest["sha256"] for each in question.inputs)
    earlier = earlier_decisions(question.attempts, question.digest, evidence)
    attempt = attempt_number(earlier, question.attempts.run)
    judged = [_judge_pack(question, pack, tally, baseline, attempt) for pack in question.packs]
    reasons = (
        *(reason for each in judged for reason in each.gaps),
        *shard_reasons(question.shards, question.shards_result, tally, question.census or NOTHING_KNOWN),
        *job_reasons(question.job_result),
        *evidence_reasons(tally),
        *census_reasons(question.census, question.packs),
        *pin_reasons(question.census, question.packs, question.agents, environment=question.tested_in),
        *idle_policy_notes(question.policies),
        *baseline_reasons(baseline),
        *(reason for each in judged for reason in each.reasons),
        *(() if judged else (_first_environment(question),)),
    )
    criteria = tuple(criterion for each in judged for criterion in each.criteria)
    return Decision(
        verdict=verdict_of(reasons),
        stage=question.stage,
        environment=question.environment,
        observed_in=question.observed_in,
        release=question.manifest.release,
        claim=_claim(question, criteria),
        reasons=tuple(sorted(reasons, key=lambda each: ["fail", "inconclusive", None].index(each.weight))),
        criteria=criteria,
        tests=tuple(row for each in judged for row in each.rows),
        violations=tuple(sorted((row for each in judged for row in each.violations), key=_most_severe_first)),
        waivers=tuple(waiver for each in judged for waiver in each.waivers),
        checks=tuple(row for each in judged for row in each.checks),
        versions=tested_versions(tally.versions),
        commit=question.commit,
        content=question.content,
        comparisons=tuple(row for each in judged for row in each.comparisons),
        manifest=Resource(name=question.manifest.path, digest={"sha256": question.manifest.digest}),
        packs=tuple(Resource(name=pack.path, digest={"sha256": pack.digest}) for pack in question.packs),
        agents=question.agents,
        orgs=tuple(sorted(tally.orgs)),
        inputs=question.inputs,
        time=question.now,
        oldest=tally.oldest,
        run=question.attempts.run or None,
        attempt=attempt,
        earlier=earlier,
        census=question.census.digest if question.census else "",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _JudgedPack:
    """gaps: reasons from missing or surplus evidence, which may cause the other reasons."""

    criteria: tuple[Criterion, ...]
    gaps: tuple[Reason, ...]
    reasons: tuple[Reason, ...]
    rows: tuple[TestRow, ...]
    comparisons: tuple[ComparisonRow, ...]
    violations: tuple[ViolationRow, ...]
    waivers: tuple[WaiverUsed, ...]
    checks: tuple[CheckRow, ...]


def _judge_pack(
    question: Question, declared: Pack, tally: Tally, baseline: Tally | None, attempt: int
) -> _JudgedPack:
    # the number of runs was planned for the first attempt, whichever one this is
    pack, today = at_attempt(declared, attempt), question.now.date()
    active = pack.valid_waivers(today)
    expired = [waiver for waiver in pack.waivers if waiver.expires < today and waiver.test not in active]
    tests = observe_tests(declared, tally, question.census or NOTHING_KNOWN, today=today)
    before = {test.name: baseline.tests[pack.suite, test.name] for test in pack.tests} if baseline else None
    checks = [(each.test, each.tally.checks) for each in tests]
    criteria = judge_pack(pack, tests, rejected=_rejected(tally))
    criteria = (*criteria, *version_criteria(pack, tests, unproved=tally.unproved[pack.suite]))
    compared = compare(pack, [each for each in tests if not each.waived], before)
    if compared:
        criteria = (*criteria, compared.criterion)
    return _JudgedPack(
        criteria=criteria,
        gaps=(
            *gap_reasons(pack, tests),
            *check_reasons(pack.suite, checks),
            *policy_reasons(pack, checks),
        ),
        reasons=(
            *criterion_reasons(tests, criteria),
            *few_runs_reasons(pack, tests),
            *comparison_reasons(pack, tests, before),
            *waiver_reasons(pack, expired),
        ),
        rows=tuple(row_of(pack, each) for each in tests),
        comparisons=compared.tests if compared else (),
        violations=tuple(row for each in tests for row in violation_rows(pack.suite, each)),
        checks=check_rows(pack.suite, checks),
        waivers=tuple(
            WaiverUsed(suite=pack.suite, test=each.test, reason=each.reason, owner=each.owner, expires=each.expires)
            for each in active.values()
        ),
    )


def _most_severe_first(row: ViolationRow) -> tuple[int, bool, str, str, str]:
    return (row.severity.rank, not row.confirmed, row.suite, row.test, row.policy)


def _rejected(tally: Tally) -> int:
    return sum(each.count for each in tally.rejected.values()) + tally.unread


def _first_environment(question: Question) -> Reason:
    return Reason(
        code="first-environment",
        weight=None,
        text=f"No smoke evidence is required: {question.environment} is the first environment, "
        "so only validation runs before it.",
        fix="To judge evidence here too, pass it with --observations or --results.",
    )


def verdict_of(reasons: Sequence[Reason]) -> Verdict:
    """The worst weight of the reasons: fail, else inconclusive; pass if none has a weight."""
    weights = {each.weight for each in reasons}
    if "fail" in weights:
        return Verdict.FAIL
    return Verdict.INCONCLUSIVE if "inconclusive" in weights else Verdict.PASS


def _claim(question: Question, criteria: Sequence[Criterion]) -> str:
    if not question.packs:
        return _first_environment(question).text
    has_several_packs = len(question.packs) > 1
    claims = [
        f"{each.suite}: {each.claim}" if has_several_packs else each.claim
        for each in criteria
        if each.name in ("minimumSuccessRate", "noRegressionAgainst")
        or (each.name == "zeroCriticalPolicyViolations" and each.total)
    ]
    return " ".join(claims)
