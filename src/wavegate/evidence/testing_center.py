"""Results of Testing Center (`AiEvaluationDefinition`), as its API and `sf agent test results --json` return them.

Source: the types of npm @salesforce/agents 2.3.1 (AgentTestResultsResponse).
"""

from collections.abc import Callable, Iterable, Iterator, Sized
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct

from wavegate.evidence.observation import Observation, Outcome
from wavegate.evidence.source import Attribution, Evidence, TestKey, observation, shaped, shaped_cases
from wavegate.findings.finding import Finding
from wavegate.text import one_line

Case = TypeVar("Case")

RUNNER = "testing-center"
LATENCY = "output_latency_milliseconds"
NEEDS_EXPECTED = frozenset(
    {
        "topic_sequence_match",
        "topic_assertion",
        "action_sequence_match",
        "actions_assertion",
        "agent_handoff_match",
        "bot_response_rating",
        "output_validation",
        "response_match",
    }
)
"""Expectations in every definition, by old and new name. One without an expected value was not declared."""

_RESULTS = {"PASS": Outcome.PASS, "FAILURE": Outcome.FAIL}


class _Check(Struct):
    name: str
    expectedValue: str | None = None  # noqa: N815 - the service's name
    score: float | None = None
    result: str | None = None
    status: str | None = None
    errorCode: int | str | None = None  # noqa: N815


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
    an error.
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
        yield from observe_cases(results, cases, about, ended="COMPLETED", observe=observe)


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
    if run.status.upper() != ended:
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
    return observation(
        about,
        test=test,
        case=case.testNumber,
        outcome=_outcome(case),
        latency=next((check.score for check in case.testResults if check.name == LATENCY), None),
        time=moment(results.endTime),
        runner=RUNNER,
    )


def _outcome(case: _TestingCenterCase) -> Outcome:
    checks = [check for check in case.testResults if check.name != LATENCY and _declared(check)]
    if case.status.upper() != "COMPLETED":
        return Outcome.ERROR
    return worst([_judged(check) for check in checks])


def _declared(check: _Check) -> bool:
    return declared(check.name, check.expectedValue)


def _judged(check: _Check) -> Outcome:
    if check.errorCode or (check.status or "").upper() == "ERROR":
        return Outcome.ERROR
    return _RESULTS.get(check.result or "", Outcome.ERROR)


def declared(name: str, expected: object) -> bool:
    """Whether the definition declares that check."""
    return name not in NEEDS_EXPECTED or (expected not in (None, [], {}) and str(expected).strip() not in ("", "[]"))


def worst(outcomes: list[Outcome]) -> Outcome:
    """The outcome of a case: fail if a check failed, error if one is undecided or there is none, otherwise pass."""
    if Outcome.FAIL in outcomes:
        return Outcome.FAIL
    return Outcome.ERROR if Outcome.ERROR in outcomes or not outcomes else Outcome.PASS


def moment(text: str | None) -> datetime | None:
    """A time from the service, in UTC unless it states a zone; None if the text is not a time."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
