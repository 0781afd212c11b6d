"""Results of promptfoo (`promptfoo eval --output results.json`).

Source: the files that promptfoo 0.123.1 writes (tests/producers), and its published types (EvaluateSummary,
EvaluateResult, ResultFailureReason).
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from wavegate.evidence.checks import by_kind, confirmed, outcome_of
from wavegate.evidence.observation import Outcome
from wavegate.evidence.source import Attribution, Evidence, TestKey, observation, shaped, shaped_cases
from wavegate.evidence.testing_center import moment
from wavegate.findings.finding import Finding
from wavegate.release.pack import PackTest
from wavegate.text import clip

RUNNER = "promptfoo"
NO_FAILURE, ASSERTION_FAILED = 0, 1
"""`failureReason` of a result that passed, and of one whose assertions failed; 2 is an error in the provider or in
promptfoo."""
NOT_ASSERTED = "No assertions"
"""The grading's reason for a test without assertions, which promptfoo counts as a success."""
SCORE = "score"
"""The kind of check of assertions that are weighed: one of them may fail without failing the test."""
_MAX_DESCRIPTION = 80


class _Test(Struct):
    description: str | None = None
    metadata: dict[str, Any] | None = None
    vars: Any = None
    assertions: Any = field(default=None, name="assert")
    threshold: Any = None
    assertScoringFunction: Any = None  # noqa: N815 - promptfoo's name


class _Component(Struct, rename={"passed": "pass"}):
    passed: bool | None = None
    score: float | None = None
    assertion: dict[str, Any] | None = None


class _Grading(Struct, rename={"passed": "pass"}):
    passed: bool | None = None
    reason: str | None = None
    componentResults: list[_Component] | None = None  # noqa: N815 - promptfoo's name


class _ProviderResponse(Struct):
    error: Any = None


class _Result(Struct):
    success: bool | None = None
    error: str | None = None
    failureReason: int | None = None  # noqa: N815
    latencyMs: float | None = None  # noqa: N815
    testIdx: int | None = None  # noqa: N815
    promptIdx: int | None = None  # noqa: N815
    repeatIndex: int | None = None  # noqa: N815
    description: str | None = None
    testCase: _Test = field(default_factory=_Test)  # noqa: N815
    gradingResult: _Grading | None = None  # noqa: N815
    response: _ProviderResponse | None = None


class _Stats(Struct):
    successes: int = 0
    failures: int = 0
    errors: int = 0


class _Summary(Struct):
    results: Any  # a list of results, or Cases
    timestamp: str | None = None
    stats: _Stats | None = None


class _Output(Struct):
    results: _Summary


def parse(document: object, about: Attribution) -> Iterator[Evidence]:
    """An observation for each result. The same test again is its next run: `--repeat` writes all runs to one file.

    A result belongs to the file's test, otherwise to the test that its description or `metadata.test` names.
    """
    output = shaped(document, _Output, about)
    if isinstance(output, Finding):
        yield output
        return
    time, shown, runs = moment(output.results.timestamp), Counter[Outcome](), Counter[tuple[object, str]]()
    for result in shaped_cases(output.results.results, _Result, about):
        if isinstance(result, Finding):
            yield result
            return
        outcome = _outcome(result)
        shown[outcome] += 1
        owner = about.test or _named(result, about)
        if owner is None:
            yield about.unknown()
            continue
        case, checks = _case(result), _checks(result, outcome)
        run = runs[owner, case] if result.repeatIndex is None else max(0, result.repeatIndex)
        runs[owner, case] += 1
        yield observation(
            about,
            test=owner,
            case=case,
            outcome=_by_checks(outcome, checks, about.pack_test(owner)),
            checks=checks,
            latency=result.latencyMs,
            time=time,
            runner=RUNNER,
            run=about.run + run,
        )
    if problem := _incomplete(output.results.stats, shown):
        yield about.incomplete(problem)


def _incomplete(stats: _Stats | None, shown: Counter[Outcome]) -> str:
    """Why the evaluation's own statistics contradict its results; '' if they do not."""
    if not shown:
        return "The evaluation has no results."
    if stats is None:
        return "The evaluation has no statistics, so it is unknown which results were left out."
    stated = stats.successes + stats.failures + stats.errors
    if stated != shown.total():
        return f"The evaluation's statistics count {stated} results, but it has {shown.total()}."
    bad, not_passed = stats.failures + stats.errors, shown.total() - shown[Outcome.PASS]
    if bad > not_passed:
        return f"The evaluation's statistics count {bad} failures and errors, but its results show {not_passed}."
    return ""


def _case(result: _Result) -> str:
    """The identity of a test: what it asks and asserts, and its prompt. The `testIdx` of each repeat differs."""
    test = result.testCase
    identity = msgspec.json.encode([test.description, test.vars, test.assertions, test.metadata], order="sorted")
    digest = hashlib.sha256(identity).hexdigest()[:8]
    name = clip(test.description or result.description or "test", _MAX_DESCRIPTION)
    return f"{name} {digest}/{result.promptIdx or 0}"


def _named(result: _Result, about: Attribution) -> TestKey | None:
    metadata = result.testCase.metadata or {}
    names = (metadata.get("test"), result.testCase.description, result.description)
    return next((about.names[name] for name in names if isinstance(name, str) and name in about.names), None)


def _outcome(result: _Result) -> Outcome:
    if result.success is True:
        return _passed(result)
    if result.success is False and (result.failureReason == ASSERTION_FAILED or _assertion_only(result)):
        return Outcome.FAIL
    return Outcome.ERROR


def _passed(result: _Result) -> Outcome:
    """The outcome of a success: a pass only if it was judged, and nothing contradicts it."""
    grading = result.gradingResult
    errors = (result.error, result.response and result.response.error)
    if any(error not in (None, "") for error in errors) or result.failureReason not in (None, NO_FAILURE):
        return Outcome.ERROR
    if grading is None or grading.passed is not True or grading.reason == NOT_ASSERTED:
        return Outcome.ERROR
    if result.testCase.assertions and not grading.componentResults:
        # what it asserts was not graded
        return Outcome.ERROR
    return Outcome.FAIL if any(map(_ignored_failure, grading.componentResults or ())) else Outcome.PASS


def _checks(result: _Result, outcome: Outcome) -> dict[str, Outcome]:
    """The outcome of each type of assertion; only that of their score, if they are weighed against each other."""
    components = result.gradingResult.componentResults or () if result.gradingResult else ()
    if components and _is_weighed(result.testCase):
        return {SCORE: outcome}
    return by_kind((_type(each), Outcome.FAIL if _failed(each) else Outcome.PASS) for each in components)


def _is_weighed(test: _Test) -> bool:
    assertions = test.assertions if isinstance(test.assertions, list) else []
    sets = [each for each in assertions if isinstance(each, dict) and each.get("type") == "assert-set"]
    return bool(test.threshold is not None or test.assertScoringFunction or sets)


def _by_checks(stated: Outcome, checks: dict[str, Outcome], test: PackTest) -> Outcome:
    """The outcome by the assertions that count. A failure that none of them explains stays one."""
    if stated is Outcome.FAIL and Outcome.FAIL in checks.values():
        return outcome_of(checks, test)
    return confirmed(stated, checks, test)


def _type(component: _Component) -> str:
    name = (component.assertion or {}).get("type")
    return name if isinstance(name, str) else "assertion"


def _failed(component: _Component) -> bool:
    return component.passed is not True or _ignored_failure(component)


def _ignored_failure(component: _Component) -> bool:
    """Whether an assertion of weight 0 failed: promptfoo says that it passed, with a score of 0."""
    return (component.assertion or {}).get("weight") == 0 and (component.passed is not True or component.score == 0)


def _assertion_only(result: _Result) -> bool:
    # versions without failureReason write an error text only if the provider failed
    return result.failureReason is None and not result.error
