"""What came of the runs of a smoke run: observations that are bound to their subject, and counts for people."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from wavegate.evidence.observation import Observation, Outcome, Subject
from wavegate.release.pack import Pack
from wavegate.smoke.policies import Search
from wavegate.smoke.runs import JudgedCase, judge_case
from wavegate.smoke.values import FinishedRun, PlannedRun, TestReport


@dataclass(frozen=True, kw_only=True, slots=True)
class RunReport:
    """One planned run and what came of it. problem, resumable: as in the ended run."""

    planned: PlannedRun
    judged: tuple[JudgedCase, ...]
    problem: str
    resumable: bool


def report_run(ended: FinishedRun, pack: Pack, search: Search, *, time: datetime) -> RunReport:
    """Judge the cases of a run. A problem is an observation, too: an error, so that it is never a pass.

    time: for what brings none of its own.
    """
    planned = ended.planned
    test = next(each for each in pack.tests if each.name == planned.test)
    judged = [judge_case(case, test, pack.policies, search) for case in ended.cases]
    if ended.problem:
        # beside cases it needs a name that none of them has; alone it stands for the first
        case = "(run)" if judged else "1"
        error = Observation(suite=planned.suite, test=planned.test, case=case, run=planned.run, outcome=Outcome.ERROR)
        judged.append(JudgedCase(observation=error))
    return RunReport(
        planned=planned,
        judged=tuple(_filled(each, ended, time) for each in judged),
        problem=ended.problem,
        resumable=ended.resumable,
    )


def _filled(judged: JudgedCase, ended: FinishedRun, time: datetime) -> JudgedCase:
    observation = judged.observation
    filled = replace(
        observation,
        runner=observation.runner or ended.planned.runner,
        run_id=observation.run_id or ended.run_id,
        time=observation.time or time,
    )
    return JudgedCase(observation=filled, found=judged.found)


def observations(
    reports: Iterable[RunReport], subjects: dict[str, Subject], *, unsettled: bool
) -> Iterator[Observation]:
    """The observations of runs in a stable order, each bound to its subject.

    subjects: by suite. unsettled: what was observed is not certain, so that nothing of it may pass.
    """
    for report in sorted(reports, key=lambda each: each.planned):
        for judged in report.judged:
            observation = judged.observation
            outcome = Outcome.ERROR if unsettled and observation.outcome is Outcome.PASS else observation.outcome
            subject = observation.subject or subjects[observation.suite]
            yield replace(observation, outcome=outcome, subject=subject)


def count_tests(seen: Iterable[Observation]) -> tuple[TestReport, ...]:
    """The observations counted by test, in the order in which tests first occur."""
    by_test: dict[tuple[str, str], list[Observation]] = {}
    for each in seen:
        by_test.setdefault((each.suite, each.test), []).append(each)
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
    """What is to be said about a run, one sentence each; names are not yet safe to print."""
    if report.problem:
        yield f"{report.planned}: {report.problem}"
    for judged in report.judged:
        for each in judged.found:
            yield f"{report.planned}, case {judged.observation.case}, {each.policy}: {each.message}"
