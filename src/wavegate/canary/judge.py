"""Judge a canary: the order of decisions over everything that one look found. The first rule that applies wins.

1. A confirmed critical violation, or a count budget exceeded: roll back. 2. The mean of all evidence that a metric
got worse by over half its margin, or the evidence that a rate of violations is over its budget: roll back. 3. Data
that cannot be trusted, or too little of it: hold. 4. Every metric is proven to be within its margin: expand. 5. Else
hold, with what is still needed. Rules 1 and 2 wait for nothing: rolling back is the error that can be undone.
"""

from collections.abc import Iterator
from datetime import datetime

from wavegate.canary.decision import CanaryDecision, CanaryReason, CohortRow
from wavegate.canary.measured.arms import CohortArm
from wavegate.canary.measured.budgets import CRITICAL
from wavegate.canary.measured.findings import MeasuredCanary, measure
from wavegate.canary.values import CanaryQuestion, CanaryVerdict
from wavegate.canary.why.claims import canary_claim
from wavegate.canary.why.holds import deadline_reason, evidence_holds, notes, settling_reasons
from wavegate.canary.why.rollbacks import count_reasons, is_over_count, loss_reasons, rate_reasons
from wavegate.statistics.canary.mixture import evidence


def judge(question: CanaryQuestion) -> CanaryDecision:
    """What follows from this look. Never an exception for what the telemetry says."""
    measured = measure(question)
    proof = round(1 / (1 - question.settings.confidence), 9)
    verdict, reasons = _decide(measured, proof)
    deadline = max(question.starts.values(), default=question.now) + question.settings.progress_deadline
    is_overdue = verdict is CanaryVerdict.HOLD and bool(question.starts) and question.now >= deadline
    if is_overdue:
        reasons = (*reasons, deadline_reason(deadline))
    return _decision(measured, proof, verdict, (*reasons, *notes(measured)), deadline if question.starts else None)


def _decide(measured: MeasuredCanary, proof: float) -> tuple[CanaryVerdict, tuple[CanaryReason, ...]]:
    """The verdict, and the reasons that force it; of a rollback, those that would hold it as well."""
    against = (
        *count_reasons(measured.budgets),
        *rate_reasons(measured.budgets, proof),
        *loss_reasons(measured, proof),
    )
    holds = tuple(evidence_holds(measured))
    if against:
        return CanaryVerdict.ROLLBACK, (*against, *holds)
    if holds:
        return CanaryVerdict.HOLD, (*holds, *_open(measured, proof))
    if measured.metrics and all(each.row.proven for each in measured.metrics):
        return CanaryVerdict.EXPAND, ()
    return CanaryVerdict.HOLD, tuple(settling_reasons(measured, proof))


def _open(measured: MeasuredCanary, proof: float) -> Iterator[CanaryReason]:
    """Of a canary that is on hold anyway, the metrics that waiting will never settle."""
    return (each for each in settling_reasons(measured, proof) if each.rule == "canary/baseline-too-small")


def _decision(
    measured: MeasuredCanary,
    proof: float,
    verdict: CanaryVerdict,
    reasons: tuple[CanaryReason, ...],
    deadline: datetime | None,
) -> CanaryDecision:
    question, settings = measured.question, measured.question.settings
    sessions, days = measured.arms.sessions(), len(measured.arms.days())
    metrics = tuple(each.row for each in measured.metrics)
    return CanaryDecision(
        verdict=verdict,
        stage="canary",
        environment=question.environment,
        release=question.release,
        claim=canary_claim(verdict, reasons, metrics, sessions=sessions, days=days),
        reasons=reasons,
        confidence=settings.confidence,
        proof=proof,
        evidence=evidence(measured.log_evidence),
        content=question.content,
        commit=question.commit,
        manifest=question.manifest,
        agents=dict(question.agents),
        time=question.now,
        telemetry=question.look.source,
        metrics=metrics,
        guards=measured.guards,
        budgets=measured.budgets,
        cohorts=tuple(_cohort(arm, question) for arm in measured.arms.cohorts),
        critical=any(row.severity == CRITICAL and is_over_count(row) for row in measured.budgets),
        sessions=sessions,
        days=days,
        step=question.step,
        steps=question.steps,
        live=question.live,
        watermarks={lane.value: mark for lane, mark in sorted(question.look.watermarks.items())},
        until=measured.until,
        looks=question.earlier_looks + 1,
        deadline=deadline,
        overdue=any(each.rule == "canary/past-deadline" for each in reasons),
        dry_run=settings.dry_run,
        run=question.run,
    )


def _cohort(arm: CohortArm, question: CanaryQuestion) -> CohortRow:
    sums = list(arm.sums_after())
    return CohortRow(
        name=arm.name,
        start=question.starts[arm.name],
        sessions=sum(each.sessions for each in sums),
        days=len({each.day for each in sums if each.sessions}),
        with_live_agent=arm.with_live_agent,
    )
