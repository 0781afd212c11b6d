"""The gate: observations to one decision. It judges and changes nothing."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wavegate.evidence.observation import Subject
from wavegate.evidence.resource import Resource
from wavegate.gate.counts import TestObservations
from wavegate.gate.criteria import judge_pack, row_verdict
from wavegate.gate.decision import Criterion, Decision, Reason, TestRow, Verdict, ViolationRow, WaiverUsed
from wavegate.gate.reasons import (
    baseline_reasons,
    comparison_reasons,
    criterion_reasons,
    evidence_reasons,
    gap_reasons,
    waiver_reasons,
)
from wavegate.gate.shard_reasons import shard_reasons
from wavegate.gate.tally import Tally
from wavegate.plan.values import Shard
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Pack
from wavegate.statistics.power import declared_runs
from wavegate.statistics.rates import wilson


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is to be decided.

    stage: `gate` before entering the environment, `verify` after the deployment. observed_in: the environment that
    the evidence must come from; None takes any. packs: those that apply; none for a first environment without a gate
    of its own. now: with its zone. inputs: the evidence files that were read. run: the workflow run's page.
    shards: those that were to run, if that is known. shards_result: how their jobs ended, '' where that is not known.
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
    run: str | None = None
    shards: tuple[Shard, ...] = ()
    shards_result: str = ""

    def subject(self, pack: Pack) -> Subject:
        """What the evidence of a pack must be about."""
        return Subject(
            commit=self.commit,
            manifest=self.manifest.digest or None,
            pack=pack.digest or None,
            environment=self.observed_in,
            org=self.org,
            agents=self.agents,
        )

    @property
    def agents(self) -> dict[str, int]:
        """The agent versions that the manifest pins."""
        return {agent.name: agent.version for agent in self.manifest.agents if agent.version is not None}


def judge(question: Question, tally: Tally, *, baseline: Tally | None = None) -> Decision:
    """May the release enter? baseline: observations of the release before, for packs that ask for no regression.

    fail where a criterion is certainly broken, else inconclusive where anything is open, else pass.
    """
    judged = [_judge_pack(question, pack, tally, baseline) for pack in question.packs]
    reasons = (
        *(reason for each in judged for reason in each.gaps),
        *shard_reasons(question.shards, question.shards_result, tally),
        *evidence_reasons(tally),
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
        commit=question.commit,
        manifest=Resource(name=question.manifest.path, digest={"sha256": question.manifest.digest}),
        packs=tuple(Resource(name=pack.path, digest={"sha256": pack.digest}) for pack in question.packs),
        agents=question.agents,
        orgs=tuple(sorted(tally.orgs)),
        inputs=question.inputs,
        time=question.now,
        oldest=tally.oldest,
        run=question.run,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _JudgedPack:
    """gaps: reasons in the evidence, which the others may follow from."""

    criteria: tuple[Criterion, ...]
    gaps: tuple[Reason, ...]
    reasons: tuple[Reason, ...]
    rows: tuple[TestRow, ...]
    violations: tuple[ViolationRow, ...]
    waivers: tuple[WaiverUsed, ...]


def _judge_pack(question: Question, pack: Pack, tally: Tally, baseline: Tally | None) -> _JudgedPack:
    today = question.now.date()
    holding = {waiver.test: waiver for waiver in pack.waivers if waiver.expires >= today}
    expired = [waiver for waiver in pack.waivers if waiver.expires < today and waiver.test not in holding]
    tests = _observed(pack, tally, waived=holding.keys())
    before = {test.name: baseline.tests[pack.suite, test.name] for test in pack.tests} if baseline else None
    criteria = judge_pack(pack, tests, refused=_refused(tally), baseline=before)
    return _JudgedPack(
        criteria=criteria,
        gaps=tuple(gap_reasons(pack, tests)),
        reasons=(
            *criterion_reasons(tests, criteria),
            *comparison_reasons(pack, tests, before),
            *waiver_reasons(pack, expired),
        ),
        rows=tuple(_row(pack, each) for each in tests),
        violations=tuple(row for each in tests for row in _violations(pack.suite, each)),
        waivers=tuple(
            WaiverUsed(suite=pack.suite, test=each.test, reason=each.reason, owner=each.owner, expires=each.expires)
            for each in holding.values()
        ),
    )


def _observed(pack: Pack, tally: Tally, *, waived: Container[str]) -> list[TestObservations]:
    tallies = {test.name: tally.tests[pack.suite, test.name] for test in pack.tests}
    cases = sum(len(each.cases) or 1 for name, each in tallies.items() if name not in waived)
    seen = max((tallies[test.name].runs_seen() for test in pack.tests if test.runs is None), default=0)
    runs = _expected_runs(pack, cases, seen)
    return [
        TestObservations(
            test=test,
            tally=tallies[test.name],
            counts=tallies[test.name].counts(test.runs or runs),
            expected_runs=test.runs or runs,
            waived=test.name in waived,
        )
        for test in pack.tests
    ]


def _expected_runs(pack: Pack, cases: int, seen: int) -> int:
    # cases are known only once they were seen: a run planned before then took one for each test
    declared = sorted({*declared_runs(pack, cases), *declared_runs(pack)})
    return next((runs for runs in declared if runs >= seen), declared[-1])


def _row(pack: Pack, each: TestObservations) -> TestRow:
    counts = each.counts
    interval = wilson(counts.passed, counts.seen)
    return TestRow(
        suite=pack.suite,
        test=each.test.name,
        kind=each.test.kind,
        verdict=row_verdict(pack, each),
        expected=counts.expected,
        passed=counts.passed,
        failed=counts.failed,
        errors=counts.errors,
        missing=counts.missing,
        lower=round(interval.lower, 6),
        upper=round(interval.upper, 6),
        p95=each.tally.p95(),
        waived=each.waived,
    )


def _violations(suite: str, each: TestObservations) -> list[ViolationRow]:
    return [
        ViolationRow(
            suite=suite,
            test=each.test.name,
            policy=policy,
            severity=severity,
            confirmed=confirmed,
            count=seen.count,
            case=seen.first[0],
            run=seen.first[1],
        )
        for (policy, severity, confirmed), seen in each.tally.violations.items()
    ]


def _most_severe_first(row: ViolationRow) -> tuple[int, bool, str, str, str]:
    return (row.severity.rank, not row.confirmed, row.suite, row.test, row.policy)


def _refused(tally: Tally) -> int:
    return sum(seen.count for seen in tally.refused.values()) + tally.unread


def _first_environment(question: Question) -> Reason:
    return Reason(
        code="first-environment",
        weight=None,
        text=f"No smoke evidence applies: {question.environment} is the first environment, "
        "and only validation comes before it.",
        fix="Name packs in its `gate` to ask for evidence here too.",
    )


def verdict_of(reasons: Sequence[Reason]) -> Verdict:
    """What the reasons make of it: fail if any weighs so, else inconclusive if any does, else pass."""
    weights = {each.weight for each in reasons}
    if "fail" in weights:
        return Verdict.FAIL
    return Verdict.INCONCLUSIVE if "inconclusive" in weights else Verdict.PASS


def _claim(question: Question, criteria: Sequence[Criterion]) -> str:
    if not question.packs:
        return _first_environment(question).text
    several = len(question.packs) > 1
    claims = [
        f"{each.suite}: {each.claim}" if several else each.claim
        for each in criteria
        if each.name == "minimumSuccessRate" or (each.name == "zeroCriticalPolicyViolations" and each.total)
    ]
    return " ".join(claims)
