"""Results of the Agentforce Studio runner (`AiTestingDefinition`).

Source: the types of npm @salesforce/agents 2.3.1 (AgentforceStudioTestResultsResponse), and how it counts passing
cases (agentforceStudioTester): a response without a status passes if the actual value is the expected one.
"""

from collections.abc import Iterator
from functools import partial
from html import unescape

import msgspec
from msgspec import UNSET, Struct, field

from wavegate.evidence.checks import by_kind, kind_of, outcome_of
from wavegate.evidence.json_keys import duplicate_key
from wavegate.evidence.observation import Observation, Outcome
from wavegate.evidence.source import Attribution, Evidence, TestKey, observation, shaped, shaped_cases
from wavegate.evidence.testing_center import LATENCY, RunResults, declared, judged, moment, observe_cases
from wavegate.findings.finding import Finding

RUNNER = "agentforce-studio"

_ENDED = frozenset({"SUCCESS", "COMPLETED"})
"""Statuses of a case that came to an end; the published types have none."""
_RESULTS = {"PASS": Outcome.PASS, "FAIL": Outcome.FAIL, "FAILURE": Outcome.FAIL}


class _Score(Struct):
    status: str | None = None
    actualValue: object = UNSET  # noqa: N815 - the service's name
    expectedValue: object = UNSET  # noqa: N815


class _Scorer(Struct):
    scorerName: str  # noqa: N815
    scorerResponse: str  # noqa: N815


class _Latency(Struct):
    duration: float | None = None


class _Performance(Struct):
    latency: _Latency = field(default_factory=_Latency)


class _SubjectResponse(Struct):
    """What `subjectResponse` states as JSON in a string, by the published mock of @salesforce/plugin-agent."""

    performance: _Performance = field(default_factory=_Performance)


class _StudioCase(Struct, kw_only=True):
    testNumber: int | str  # noqa: N815
    subjectResponse: str | None = None  # noqa: N815
    testScorerResults: list[_Scorer]  # noqa: N815
    status: str | None = None
    errorMessage: str | None = None  # noqa: N815


def parse(document: object, about: Attribution) -> Iterator[Evidence]:
    """An observation for each case of a successful run, otherwise a finding."""
    results = shaped(document, RunResults, about)
    if isinstance(results, Finding):
        yield results
    elif results.status.upper() == "COMPLETED":
        yield about.finding(
            "hidden-status",
            "`sf agent test run --wait` replaces the run's status with COMPLETED, which hides a failed run.",
            "Use the output of `sf agent test results --json`.",
        )
    else:
        observe = partial(_observation, results, about)
        cases = shaped_cases(results.testCases, _StudioCase, about)
        yield from observe_cases(results, cases, about, ended="SUCCESS", observe=observe)


def _observation(results: RunResults, about: Attribution, test: TestKey, case: _StudioCase) -> Observation:
    is_complete = not case.errorMessage and (case.status is None or case.status.upper() in _ENDED)
    scores = [(scorer.scorerName, _score(scorer.scorerResponse)) for scorer in case.testScorerResults]
    checks = by_kind(
        (kind_of(name), _judged(name, score))
        for name, score in scores
        # a response without the member at all says nothing about what is declared, so it is judged
        if not _is_measurement(name, score) and declared(name, score.expectedValue)
    )
    return observation(
        about,
        test=test,
        case=case.testNumber,
        outcome=outcome_of(checks, about.pack_test(test)) if is_complete else Outcome.ERROR,
        checks=checks if is_complete else {},
        latency=next((_number(score.actualValue) for name, score in scores if name == LATENCY), _duration(case)),
        time=moment(results.endTime),
        runner=RUNNER,
    )


def _is_measurement(name: str, score: _Score) -> bool:
    """Whether a scorer states only how long the agent took, which passes nothing."""
    return name == LATENCY and (score.status is None or _result(score) is not Outcome.FAIL)


def _judged(name: str, score: _Score) -> Outcome:
    if score.expectedValue is UNSET:
        return _result(score)
    actual = None if score.actualValue is UNSET else score.actualValue
    return judged(name, _result(score), score.expectedValue, actual)


def _result(score: _Score) -> Outcome:
    if score.status is not None:
        return _RESULTS.get(score.status.upper(), Outcome.ERROR)
    if UNSET in (score.actualValue, score.expectedValue):
        return Outcome.ERROR
    return Outcome.PASS if score.actualValue == score.expectedValue else Outcome.FAIL


def _duration(case: _StudioCase) -> float | None:
    """The latency that the subject's response states, in milliseconds; None if it states none."""
    try:
        response = msgspec.json.decode(unescape(case.subjectResponse or ""), type=_SubjectResponse)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return response.performance.latency.duration


def _score(text: str) -> _Score:
    """One scorer's response; without a status if it cannot be read. The service sometimes escapes it as HTML."""
    for form in (text, unescape(text)):
        try:
            score = msgspec.json.decode(form, type=_Score)
            return score if duplicate_key(form.encode()) is None else _Score()
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            continue
    return _Score()


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
