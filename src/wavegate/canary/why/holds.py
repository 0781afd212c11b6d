"""Why a canary is on hold, and what is worth knowing whatever is decided."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from wavegate.canary.decision import BudgetRow, CanaryReason, GuardRow, MetricRow
from wavegate.canary.measured.budgets import CRITICAL
from wavegate.canary.measured.findings import MeasuredCanary
from wavegate.canary.measured.metrics import LEAST_DAYS
from wavegate.canary.why.doubts import doubts, hold
from wavegate.canary.why.words import evidence_of, metric_name, metric_title, points_of, sessions_in_days
from wavegate.ledger.moment import moment_text
from wavegate.statistics.canary.usual_metrics import VIOLATIONS, VOLUME
from wavegate.text import join_names, percent, pluralize

_DAY = timedelta(days=1)


def evidence_holds(measured: MeasuredCanary) -> Iterator[CanaryReason]:
    """Reasons to hold although nothing is proven against the release: its evidence cannot carry an expansion yet."""
    yield from doubts(measured.question, measured.lanes)
    yield from _missing(measured)
    for row in measured.guards:
        if row.failed:
            yield _guard(row)
    yield from violation_holds(measured.budgets)
    if not measured.complete.days():
        yield _no_data(measured)
        return
    yield from _empty_cohorts(measured)
    yield from _unusable(measured)
    yield from _burn_in(measured)


def _missing(measured: MeasuredCanary) -> Iterator[CanaryReason]:
    for name in measured.missing:
        what = "violations, which `policyBudget` limits" if name == VIOLATIONS else f"the metric `{name}`"
        yield hold(
            "canary/missing-signal",
            f"The telemetry does not supply {what}.",
            "Add it to the telemetry file, or take it out of the manifest.",
            name,
        )
    if not measured.metrics:
        yield hold(
            "canary/no-metrics",
            "No metric can be judged, so nothing can be proven.",
            "Name a metric that the telemetry supplies in `canary.metrics`.",
        )


def _guard(row: GuardRow) -> CanaryReason:
    found = f"evidence {evidence_of(row.evidence, row.proof)}"
    if row.name == VOLUME:
        text = (
            f"The pilot has {row.ratio or 0:.2f} times its usual volume: {found} for more than 1.5 times up or down."
        )
    else:
        text = f"The guard `{row.name}` changed: {found}."
    return hold("canary/guard", text, "Find out why; while the guard fails, the canary stays where it is.", row.name)


def violation_holds(budgets: tuple[BudgetRow, ...]) -> Iterator[CanaryReason]:
    """Violations that nobody confirmed or dismissed, or that are more than a rate budget has."""
    for row in budgets:
        if row.severity == CRITICAL and row.unconfirmed:
            yield hold(
                "canary/unconfirmed-critical",
                f"{pluralize(row.unconfirmed, 'session')} with a critical violation that nobody has reviewed.",
                "Review it and record the result in the source.",
            )
        if row.rate is not None and _is_above(row):
            yield hold(
                "canary/over-budget",
                f"{row.confirmed:,} confirmed {row.severity} violations in {pluralize(row.sessions, 'session')} are "
                f"more than the budget of {percent(row.rate)}, which is not proven to be exceeded yet.",
                "Wait for more sessions, or roll back.",
            )


def _is_above(row: BudgetRow) -> bool:
    """Whether the observed rate is above the budget, on the complete days or on all."""
    rate = row.rate or 0.0
    return row.confirmed > rate * row.sessions or row.complete_confirmed > rate * row.complete_sessions


def _no_data(measured: MeasuredCanary) -> CanaryReason:
    until, starts = measured.until, [arm.switch for arm in measured.arms.cohorts]
    if not starts:
        return hold("canary/no-data", "No cohort has the release.", "Promote it to its first cohort.")
    if until is None or until <= min(starts) + _DAY:
        return hold(
            "canary/burn-in",
            "No full day since the first cohort got the release is complete yet.",
            f"Look again after {LEAST_DAYS} full days.",
        )
    return hold(
        "canary/no-data",
        f"No session with the release on any full day before {until}.",
        "Check that the cohort uses the agent, and that the telemetry file names its cohort.",
    )


def _empty_cohorts(measured: MeasuredCanary) -> Iterator[CanaryReason]:
    """Cohorts about which nothing is known yet: those that joined early do not speak for them."""
    until = measured.until
    for arm in measured.complete.cohorts:
        if any(each.sessions for each in arm.sums_after()):
            continue
        if until is None or until <= arm.switch + _DAY:
            yield hold("canary/burn-in", f"No full day since {arm.name} got the release is complete yet.", "Wait.")
        else:
            yield hold(
                "canary/no-data",
                f"{arm.name} has no session with the release on any full day before {until}.",
                "Check that the cohort uses the agent, and that the telemetry file names it.",
            )


def _unusable(measured: MeasuredCanary) -> Iterator[CanaryReason]:
    for metric in measured.metrics:
        name = metric.row.name
        if metric.problem:
            yield hold(
                "canary/unusable-metric",
                f"The metric `{name}` cannot be judged: {metric.problem}.",
                "Correct it in `canary.metrics`.",
                name,
            )
        elif metric.row.difference is None:
            yield hold(
                "canary/no-baseline",
                f"{metric_title(name)} has nothing to be compared with: no full day "
                f"{'before' if not metric.row.baseline_sessions else 'after'} the cohorts got the release has any.",
                "Let a person decide with the numbers below, or wait for data.",
                name,
            )
        elif metric.not_compared:
            yield hold(
                "canary/no-baseline",
                f"{metric_title(name)} of {join_names(metric.not_compared)} has nothing to be compared with: no full "
                "day before they got the release has any.",
                "Let a person decide with the numbers below.",
                name,
            )


def _burn_in(measured: MeasuredCanary) -> Iterator[CanaryReason]:
    rows = [each.row for each in measured.metrics if each.row.difference is not None]
    short = [row for row in rows if row.complete_sessions < row.burn_in or row.complete_days < LEAST_DAYS]
    if short:
        row = max(short, key=lambda each: each.burn_in - each.complete_sessions)
        yield hold(
            "canary/burn-in",
            f"{sessions_in_days(row.complete_sessions, row.complete_days)} count so far for {metric_name(row.name)}; "
            f"an expansion needs {row.burn_in:,} on at least {LEAST_DAYS} full days.",
            "Wait.",
            row.name,
        )


def settling_reasons(measured: MeasuredCanary, proof: float) -> Iterator[CanaryReason]:
    """The metrics that are not proven to be within their margins, and what would prove it."""
    for row in (each.row for each in measured.metrics):
        if not row.proven:
            yield _too_small(row) if row.never else _not_settled(row, proof)


def _not_settled(row: MetricRow, proof: float) -> CanaryReason:
    fix = "Wait. A release as good as what was before would be settled by now: this one looks worse."
    if row.days_needed is None:
        fix = "Wait."
    elif row.days_needed:
        days, sessions = pluralize(row.days_needed, "more day"), pluralize(row.sessions_needed or 0, "session")
        fix = f"Wait: about {days} with {sessions} settle it if the release is as good as what was before."
    return hold(
        "canary/not-settled",
        f"{metric_title(row.name)} is not proven to be within its margin of {margin_text(row)}: evidence "
        f"{evidence_of(row.expand, proof)}.",
        fix,
        row.name,
    )


def _too_small(row: MetricRow) -> CanaryReason:
    smallest = f"; the smallest that it can settle is {points_of(row.smallest_margin)}" if row.smallest_margin else ""
    return hold(
        "canary/baseline-too-small",
        f"{metric_title(row.name)}: the baseline of {pluralize(row.baseline_sessions, 'session')} is too "
        f"small for the margin of {margin_text(row)}{smallest}. Waiting will not settle it.",
        "Raise the margin, lengthen `baseline.window`, or let a person decide.",
        row.name,
    )


def margin_text(row: MetricRow) -> str:
    """A metric's margin with its unit."""
    return f"×{row.margin_ratio:g}" if row.margin_ratio is not None else points_of(row.margin or 0.0)


def deadline_reason(deadline: datetime) -> CanaryReason:
    """That the canary is past its deadline."""
    return hold(
        "canary/past-deadline",
        f"Nothing was decided by the deadline, {moment_text(deadline)}.",
        "A person decides: expand, roll back, or set another `progressDeadline`.",
    )


def notes(measured: MeasuredCanary) -> Iterator[CanaryReason]:
    """What is worth knowing, whatever is decided."""
    for row in (each.row for each in measured.metrics):
        if row.difference is not None and not row.adjusted:
            yield _note(
                "canary/own-past-only",
                f"{metric_title(row.name)} is compared with the pilot's own past only: a change for "
                "everybody looks like this release's doing.",
                row.name,
            )
    if VIOLATIONS not in measured.question.look.has:
        yield _note("canary/violations-unknown", "The telemetry does not say whether a policy was violated.")
    for arm in measured.arms.cohorts:
        if arm.with_live_agent:
            yield _note(
                "canary/live-agent-used",
                f"{arm.name}: {pluralize(arm.with_live_agent, 'session')} with the live agent since the start, which "
                "count on neither side.",
            )
    if measured.arms.outside:
        yield _note(
            "canary/outside-cohorts",
            f"{pluralize(measured.arms.outside, 'session')} with the copy by users of no cohort that has it; only "
            "their violations count.",
        )


def _note(rule: str, text: str, metric: str | None = None) -> CanaryReason:
    return CanaryReason(rule=rule, weight=None, text=text, metric=metric)
