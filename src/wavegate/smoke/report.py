"""The results of a smoke run: observations with their subjects, and counts and remarks for people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from wavegate.census.gaps import NO_GAPS, CaseGaps, case_gaps, list_cases
from wavegate.census.values import NOTHING_KNOWN, Census, ExpectedCases
from wavegate.evidence.observation import RUN_CASE, Observation, Outcome, Subject
from wavegate.release.pack import Pack
from wavegate.smoke.policies import Search
from wavegate.smoke.runs import JudgedCase, judge_case
from wavegate.smoke.values import FinishedRun, PlannedRun, TestReport
from wavegate.smoke.versions import completed, with_pinned
from wavegate.text import pluralize


@dataclass(frozen=True, kw_only=True, slots=True)
class RunReport:
    """One planned run and its results. problem, resumable: as in the finished run. gaps: how its cases differ."""

    planned: PlannedRun
    judged: tuple[JudgedCase, ...]
    problem: str
    resumable: bool
    gaps: CaseGaps = NO_GAPS


def report_run(
    finished: FinishedRun, pack: Pack, search: Search, *, time: datetime, expected: ExpectedCases | None = None
) -> RunReport:
    """Judge the cases of a run. A problem becomes an observation with the outcome error: it is never a pass.

    time: for observations that have none. expected: the cases of the test; None if nobody declares them.
    """
    planned = finished.planned
    test = next(each for each in pack.tests if each.name == planned.test)
    judged = [judge_case(case, test, pack.policies, search) for case in finished.cases]
    if finished.problem:
        case = _case_of_problem([each.observation.case for each in judged], expected)
        error = Observation(suite=planned.suite, test=planned.test, case=case, run=planned.run, outcome=Outcome.ERROR)
        judged.append(JudgedCase(observation=error))
    return RunReport(
        planned=planned,
        judged=tuple(_filled(each, finished, time) for each in judged),
        problem=finished.problem,
        resumable=finished.resumable,
        gaps=case_gaps({case.observation.case for case in finished.cases}, expected),
    )


def _case_of_problem(observed: Sequence[str], expected: ExpectedCases | None) -> str:
    """The case that a problem of the run stands for: the first that did not come back, or else a name of its own."""
    lost = next((name for name in expected.names if name not in observed), "") if expected else ""
    return lost or (RUN_CASE if observed or expected else "1")


def _filled(judged: JudgedCase, finished: FinishedRun, time: datetime) -> JudgedCase:
    observation = judged.observation
    filled = replace(
        observation,
        runner=observation.runner or finished.planned.runner,
        run_id=observation.run_id or finished.run_id,
        time=observation.time or time,
    )
    return JudgedCase(observation=filled, problems=judged.problems)


def observations(
    reports: Iterable[RunReport],
    subjects: dict[str, Subject],
    *,
    unsettled: bool,
    pinned: Census = NOTHING_KNOWN,
) -> Iterator[Observation]:
    """The observations of runs in a stable order, with their subjects.

    subjects: by suite. unsettled: it is uncertain what was observed, so no observation may count as a pass. pinned:
    the test definitions that ran, which may pin a version.
    """
    for report in sorted(reports, key=lambda each: each.planned):
        for judged in report.judged:
            observation = judged.observation
            outcome = Outcome.ERROR if unsettled and observation.outcome is Outcome.PASS else observation.outcome
            usual = with_pinned(subjects[observation.suite], pinned.of(observation.suite, observation.test))
            yield replace(observation, outcome=outcome, subject=completed(observation.subject, usual))


def count_tests(observed: Iterable[Observation]) -> tuple[TestReport, ...]:
    """The observations counted by test, in the order in which tests first occur."""
    by_test: dict[tuple[str, str], list[Observation]] = {}
    for observation in observed:
        by_test.setdefault((observation.suite, observation.test), []).append(observation)
    return tuple(
        TestReport(
            suite=suite,
            test=test,
            runs=len({each.run for each in group}),
            passed=sum(each.outcome is Outcome.PASS for each in group),
            failed=sum(each.outcome is Outcome.FAIL for each in group),
            errors=sum(each.outcome is Outcome.ERROR for each in group),
            violations=sum(len(each.violations) for each in group),
        )
        for (suite, test), group in by_test.items()
    )


def remarks(report: RunReport) -> Iterator[str]:
    """Remarks about a run, one sentence each. Names are not escaped yet."""
    if report.problem:
        yield f"{report.planned}: {report.problem}"
    else:
        yield from _case_remarks(report.planned, report.gaps)
    for judged in report.judged:
        for problem in judged.problems:
            yield f"{report.planned}, case {judged.observation.case}, {problem.policy}: {problem.message}"


def _case_remarks(planned: PlannedRun, gaps: CaseGaps) -> Iterator[str]:
    if gaps.lost:
        names = f": {list_cases(gaps.lost_names)}" if gaps.lost_names else ""
        yield f"{planned}: {gaps.lost:,} of {pluralize(gaps.cases, 'case')} missing{names}"
    if gaps.extra:
        names = f": {list_cases(gaps.extra_names)}" if gaps.extra_names else ""
        yield f"{planned}: {pluralize(gaps.extra, 'case')} not declared{names}"
