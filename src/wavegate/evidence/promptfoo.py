"""Results of promptfoo (`promptfoo eval --output results.json`).

Source: promptfoo's published types (EvaluateSummary, EvaluateResult, ResultFailureReason).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from wavegate.evidence.observation import Outcome
from wavegate.evidence.source import Attribution, Evidence, TestKey, observation, shaped
from wavegate.evidence.testing_center import moment
from wavegate.findings.finding import Finding

RUNNER = "promptfoo"
ASSERTION_FAILED = 1
"""`failureReason` of a result whose assertions failed; 2 is an error in the provider or in promptfoo."""
NOT_ASSERTED = "No assertions"
"""The grading's reason for a test without assertions, which promptfoo counts as a success."""


class _Test(Struct):
    description: str | None = None
    metadata: dict[str, Any] | None = None


class _Grading(Struct, rename={"passed": "pass"}):
    passed: bool | None = None
    reason: str | None = None


class _Result(Struct):
    success: bool | None = None
    error: str | None = None
    failureReason: int | None = None  # noqa: N815 - promptfoo's name
    latencyMs: float | None = None  # noqa: N815
    testIdx: int | None = None  # noqa: N815
    promptIdx: int | None = None  # noqa: N815
    description: str | None = None
    testCase: _Test = field(default_factory=_Test)  # noqa: N815
    gradingResult: _Grading | None = None  # noqa: N815


class _Stats(Struct):
    successes: int = 0
    failures: int = 0
    errors: int = 0


class _Summary(Struct):
    results: list[_Result]
    timestamp: str | None = None
    stats: _Stats = field(default_factory=_Stats)


class _Output(Struct):
    results: _Summary


def parse(document: object, about: Attribution) -> Iterator[Evidence]:
    """An observation for each result. A repeated result is the next run: `--repeat` writes all runs to one file.

    A result belongs to the file's test, otherwise to the test that its description or `metadata.test` names.
    """
    output = shaped(document, _Output, about)
    if isinstance(output, Finding):
        yield output
        return
    stats, held = output.results.stats, len(output.results.results)
    if not held or stats.successes + stats.failures + stats.errors > held:
        yield about.incomplete("The evaluation has no results, or fewer than its own statistics state.")
    runs: Counter[tuple[object, str]] = Counter()
    for index, result in enumerate(output.results.results):
        owner = about.test or _named(result, about)
        if owner is None:
            yield about.unknown()
            continue
        case = f"{index if result.testIdx is None else result.testIdx}/{result.promptIdx or 0}"
        run = about.run + runs[owner, case]
        runs[owner, case] += 1
        yield observation(
            about,
            test=owner,
            case=case,
            outcome=_outcome(result),
            latency=result.latencyMs,
            time=moment(output.results.timestamp),
            runner=RUNNER,
            run=run,
        )


def _named(result: _Result, about: Attribution) -> TestKey | None:
    metadata = result.testCase.metadata or {}
    names = (metadata.get("test"), result.testCase.description, result.description)
    return next((about.names[name] for name in names if isinstance(name, str) and name in about.names), None)


def _outcome(result: _Result) -> Outcome:
    if result.success is True:
        return Outcome.ERROR if result.error or _not_judged(result.gradingResult) else Outcome.PASS
    if result.success is False and (result.failureReason == ASSERTION_FAILED or _assertion_only(result)):
        return Outcome.FAIL
    return Outcome.ERROR


def _assertion_only(result: _Result) -> bool:
    # versions without failureReason write an error text only if the provider failed
    return result.failureReason is None and not result.error


def _not_judged(grading: _Grading | None) -> bool:
    return grading is not None and (grading.passed is False or grading.reason == NOT_ASSERTED)
