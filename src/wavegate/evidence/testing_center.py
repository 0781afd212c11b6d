"""Results of Testing Center (`AiEvaluationDefinition`), as its API and `sf agent test results --json` return them.

Source: the types of npm @salesforce/agents 2.3.1 (AgentTestResultsResponse).
"""

from collections.abc import Callable, Iterable, Iterator, Sized
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct

from wavegate.evidence.checks import by_kind, kind_of, outcome_of
from wavegate.evidence.observation import Observation, Outcome
from wavegate.evidence.source import Attribution, Evidence, TestKey, observation, shaped, shaped_cases
from wavegate.findings.finding import Finding
from wavegate.text import one_line

Case = TypeVar("Case")

RUNNER = "testing-center"
ENDED = "COMPLETED"
"""Status of a run, case or check that came to an end."""
LATENCY = "output_latency_milliseconds"
ACTIONS = "actions"
NEEDS_EXPECTED = frozenset({"topic", ACTIONS, "handoff", "outcome"})
"""Kinds of expectations that are in every definition. One without an expected value was not declared.

Only for actions, an empty value is one: it expects that the agent calls none.
"""

_RESULTS = {"PASS": Outcome.PASS, "FAILURE": Outcome.FAIL}


class _Check(Struct):
    name: str
    actualValue: object = None  # noqa: N815 - the service's name
    expectedValue: str | None = None  # noqa: N815
    score: float | None = None
    result: str | None = None
    status: str | None = None
    errorCode: int | str | None = None  # noqa: N815
    errorMessage: str | None = None  # noqa: N815


class _TestingCenterCase(Struct):
    testNumber: int | str  # noqa: N815
    testResults: list[_Check]  # noqa: N815
    status: str = ""


class RunResults(Struct, kw_only=True):
    """What the results of both services state about their run."""

    status: str
    testCases: Any  # noqa: N815 - a list of cases, or Cases
    endTime: str | None = None  # noqa: N815
    errorMessage: str | None = None  # noqa: N815


class _TestingCenterResults(RunResults, kw_only=True):
    subjectName: str | None = None  # noqa: N815


def parse(document: object, about: Attribution) -> Iterator[Evidence]:
    """An observation for each case of a completed run, otherwise a finding.

    Only declared expectations are judged: one without an expected value is ignored. A missing or unknown result is
    an error. The checks that count for the test decide the outcome.
    """
    results = shaped(document, _TestingCenterResults, about)
    if isinstance(results, Finding):
        yield results
    elif about.agents and (results.subjectName or "").casefold() not in about.agents:
        yield about.finding(
            "foreign-agent",
            f"The results are about the agent {one_line(results.subjectName or '', 100) or 'of no name'}, "
            "which the release does not have.",
            "Use the results of a test definition whose subject is an agent of the manifest.",
        )
    else:
        observe = partial(_observation, results, about)
        cases = shaped_cases(results.testCases, _TestingCenterCase, about)
        yield from observe_cases(results, cases, about, ended=ENDED, observe=observe)


def observe_cases(
    run: RunResults,
    cases: Iterable[Case | Finding],
    about: Attribution,
    *,
    ended: str,
    observe: Callable[[TestKey, Case], Observation],
) -> Iterator[Evidence]:
    """An observation for each case of a run, else a finding. ended: the status of a run that ended well.

    cases: the run's, up to one that cannot be read.
    """
    if run.status.upper() != ended or run.errorMessage:
        yield about.incomplete(f"The run's status is {run.status}: {run.errorMessage or 'no message'}.")
    elif isinstance(run.testCases, Sized) and not run.testCases:
        yield about.incomplete("The run has no test cases.")
    elif about.test is None:
        yield about.unknown()
    else:
        for case in cases:
            yield case if isinstance(case, Finding) else observe(about.test, case)


def _observation(
    results: _TestingCenterResults, about: Attribution, test: TestKey, case: _TestingCenterCase
) -> Observation:
    is_complete = case.status.upper() == ENDED
    checks = by_kind(_checks(case)) if is_complete else {}
    return observation(
        about,
        test=test,
        case=case.testNumber,
        outcome=outcome_of(checks, about.pack_test(test)) if is_complete else Outcome.ERROR,
        checks=checks,
        latency=next((check.score for check in case.testResults if check.name == LATENCY), None),
        time=moment(results.endTime),
        runner=RUNNER,
    )


def _checks(case: _TestingCenterCase) -> Iterator[tuple[str, Outcome]]:
    for check in case.testResults:
        if check.name == LATENCY and check.result != "FAILURE":
            continue  # a measurement, which passes nothing
        if declared(check.name, check.expectedValue):
            yield kind_of(check.name), judged(check.name, _result(check), check.expectedValue, check.actualValue)


def _result(check: _Check) -> Outcome:
    if check.errorCode or check.errorMessage or (check.status or ENDED).upper() != ENDED:
        return Outcome.ERROR
    return _RESULTS.get(check.result or "", Outcome.ERROR)


def declared(name: str, expected: object) -> bool:
    """Whether the definition declares that check. Of expected actions, only a missing value is undeclared."""
    kind = kind_of(name)
    if kind not in NEEDS_EXPECTED or (kind == ACTIONS and expected is not None):
        return True
    return not _is_empty(expected)


def judged(name: str, result: Outcome, expected: object, actual: object) -> Outcome:
    """The outcome of a check with that result of its service.

    The services pass an agent that must call no action whatever it calls, so its calls are read here.
    Source: results of Testing Center with `expectedActions: []`, which always pass.
    """
    if kind_of(name) != ACTIONS or result is not Outcome.PASS or not _is_empty(expected):
        return result
    if actual is None:
        return Outcome.ERROR
    return Outcome.PASS if _is_empty(actual) else Outcome.FAIL


def _is_empty(value: object) -> bool:
    return value in (None, [], {}) or "".join(str(value).split()) in ("", "[]")


def moment(text: str | None) -> datetime | None:
    """A time from the service, in UTC unless it states a zone; None if the text is not a time."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
