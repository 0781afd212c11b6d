"""Results of promptfoo: the files that it writes, and what contradicts a pass."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.support.places import FIXTURES

from wavegate.evidence import promptfoo
from wavegate.evidence.observation import Observation
from wavegate.evidence.source import Attribution
from wavegate.findings.finding import Finding
from wavegate.release.pack import PackTest, TestKind

GOLDEN = FIXTURES / "results" / "golden"
ABOUT = Attribution(file="x.json", test=("smoke", "alpha"))
GRADED: dict[str, Any] = {"pass": True, "score": 1, "reason": "All assertions passed", "componentResults": []}


def read(results: list[dict[str, Any]], stats: dict[str, int] | None) -> list[str]:
    """The outcome of an observation, the message of a finding."""
    summary: dict[str, Any] = {"results": results} | ({} if stats is None else {"stats": stats})
    evidence = promptfoo.parse({"results": summary}, ABOUT)
    return [each.message if isinstance(each, Finding) else str(each.outcome) for each in evidence]


def golden(name: str) -> list[tuple[str, int, str]]:
    """Description, run and outcome of each observation of a golden file."""
    evidence = list(promptfoo.parse(json.loads((GOLDEN / name).read_text()), ABOUT))
    found = [each for each in evidence if isinstance(each, Observation)]
    assert len(found) == len(evidence)
    return [(each.case.rpartition(" ")[0], each.run, str(each.outcome)) for each in found]


def test_repeats_are_runs_of_one_case() -> None:
    assert sorted(golden("promptfoo-good.json")) == [
        ("names the day", 1, "pass"),
        ("names the day", 2, "pass"),
        ("refuses", 1, "pass"),
        ("refuses", 2, "pass"),
    ]


def test_nothing_in_the_bad_file_passes() -> None:
    found = golden("promptfoo-bad.json")
    assert len(found) == 12
    outcomes = {(name, outcome) for name, _, outcome in found}
    assert outcomes == {
        ("names the wrong day", "fail"),
        ("names the wrong day", "error"),
        ("asserts nothing", "error"),
        ("has an assertion without weight that fails", "fail"),
        ("has an assertion without weight that fails", "error"),
    }


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ({"success": True, "gradingResult": GRADED}, "pass"),
        ({"success": True, "gradingResult": GRADED, "failureReason": 0}, "pass"),
        ({"success": True, "gradingResult": GRADED, "failureReason": 2}, "error"),
        ({"success": True, "gradingResult": GRADED, "response": {"error": "timeout"}}, "error"),
        ({"success": True, "gradingResult": GRADED, "response": {"output": "x"}}, "pass"),
        ({"success": True}, "error"),
        ({"success": True, "gradingResult": GRADED | {"pass": None}}, "error"),
        ({"success": True, "gradingResult": GRADED | {"reason": "No assertions"}}, "error"),
        # what it asserts was not graded
        ({"success": True, "testCase": {"assert": [{"type": "contains"}]}, "gradingResult": {"pass": True}}, "error"),
        (
            {
                "success": True,
                "gradingResult": GRADED
                | {"componentResults": [{"pass": True, "score": 0, "assertion": {"type": "contains", "weight": 0}}]},
            },
            "fail",
        ),
        (
            {
                "success": True,
                "gradingResult": GRADED
                | {"componentResults": [{"pass": False, "assertion": {"type": "contains", "weight": 1}}]},
            },
            "fail",
        ),
        (
            {
                "success": True,
                "testCase": {"threshold": 0.5},
                "gradingResult": GRADED
                | {"componentResults": [{"pass": False, "assertion": {"type": "contains", "weight": 1}}]},
            },
            "pass",
        ),
    ],
)
def test_a_success_passes_only_if_nothing_contradicts_it(result: dict[str, Any], outcome: str) -> None:
    stats = {"successes": 1, "failures": 0, "errors": 0}
    assert read([result], stats) == [outcome]


@pytest.mark.parametrize("test", [{"assert": 5}, {"assert": {"type": 1}}, {"threshold": []}, {"vars": [1]}])
def test_a_test_of_another_shape_does_not_stop_the_reader(test: dict[str, Any]) -> None:
    stats = {"successes": 1, "failures": 0, "errors": 0}
    graded = GRADED | {"componentResults": [{"pass": True, "assertion": {"type": 5}}]}
    assert read([{"success": True, "gradingResult": graded, "testCase": test}], stats) == ["pass"]


@pytest.mark.parametrize(
    ("stats", "problem"),
    [
        ({"successes": 0, "failures": 1, "errors": 0}, "count 1 failures and errors, but its results show 0"),
        ({"successes": 0, "failures": 0, "errors": 1}, "count 1 failures and errors, but its results show 0"),
        ({"successes": 2, "failures": 0, "errors": 0}, "count 2 results, but it has 1"),
        ({"successes": 0, "failures": 0, "errors": 0}, "count 0 results, but it has 1"),
        (None, "no statistics"),
    ],
)
def test_statistics_that_contradict_the_results_are_an_incomplete_run(
    stats: dict[str, int] | None, problem: str
) -> None:
    outcome, finding = read([{"success": True, "gradingResult": GRADED}], stats)
    assert problem in finding
    assert outcome == "pass"


def test_the_index_of_a_repeat_is_its_run_where_promptfoo_writes_one() -> None:
    results = [{"success": True, "gradingResult": GRADED, "repeatIndex": index} for index in (1, 0)]
    document = {"results": {"results": results, "stats": {"successes": 2}}}
    runs = [each.run for each in promptfoo.parse(document, ABOUT) if isinstance(each, Observation)]
    assert runs == [2, 1]


def judged(results: dict[str, Any], **test: Any) -> Observation:
    """One result, for a test with those fields."""
    stats = {"successes": int(results["success"]), "failures": int(not results["success"])}
    about = replace(ABOUT, tests={("smoke", "alpha"): PackTest(name="alpha", **test)})
    (found,) = promptfoo.parse({"results": {"results": [results], "stats": stats}}, about)
    assert isinstance(found, Observation)
    return found


def graded(*components: tuple[str, bool], passed: bool = False, **test: Any) -> dict[str, Any]:
    parts = [{"pass": ok, "score": int(ok), "assertion": {"type": name}} for name, ok in components]
    return {
        "success": passed,
        "failureReason": int(not passed),
        "testCase": test,
        "gradingResult": {"pass": passed, "reason": "", "componentResults": parts},
    }


SAFETY: dict[str, Any] = {"kind": TestKind.ACTION_SAFETY}
SETS = {"assert": [{"type": "assert-set"}]}


@pytest.mark.parametrize(
    ("result", "test", "outcome"),
    [
        (graded(("not-contains", True), ("llm-rubric", False)), SAFETY, "pass"),
        (graded(("not-contains", True), ("llm-rubric", False)), {}, "fail"),
        (graded(("not-contains", False), ("llm-rubric", True)), SAFETY, "fail"),
        (graded(("not-contains", False), ("llm-rubric", True)), {"checks": ("llm-rubric",)}, "pass"),
        (graded(("llm-rubric", False)), SAFETY, "error"),
        (graded(("not-llm-rubric", True), passed=True), SAFETY, "error"),
        (graded(("promptfoo:redteam:pii", False)), SAFETY, "fail"),
        # a failure that no assertion explains stays one
        (graded(("contains", True), ("llm-rubric", True)), SAFETY, "fail"),
        (graded(), {"checks": ("contains",)}, "fail"),
        (graded(passed=True), {"checks": ("contains",)}, "error"),
        (graded(("contains", False)) | {"testCase": {"assert": 5}}, {}, "fail"),
        (graded(("contains", False), passed=True) | {"testCase": SETS}, {}, "pass"),
        # weighed assertions have one outcome together
        (graded(("contains", False), ("equals", True), passed=True, threshold=0.5), {}, "pass"),
        (graded(("contains", False), ("equals", True), passed=True, threshold=0.5), SAFETY, "pass"),
        (graded(("contains", True), ("llm-rubric", False), threshold=0.9), SAFETY, "fail"),
        (graded(("contains", True), passed=True, threshold=0.5), {"checks": ("contains",)}, "error"),
    ],
)
def test_the_assertions_that_count_decide(result: dict[str, Any], test: dict[str, Any], outcome: str) -> None:
    assert judged(result, **test).outcome == outcome


def test_assertions_are_checks_of_their_type() -> None:
    assert judged(graded(("contains", True), ("llm-rubric", False), ("contains", False))).checks == {
        "contains": "fail",
        "llm-rubric": "fail",
    }
    assert judged(graded(("contains", False), passed=True, threshold=0.5)).checks == {"score": "pass"}


def test_checks_in_the_files_that_promptfoo_writes() -> None:
    evidence = list(promptfoo.parse(json.loads((GOLDEN / "promptfoo-bad.json").read_text()), ABOUT))
    found = {
        (each.case.rpartition(" ")[0], str(each.outcome), *each.checks.items())
        for each in evidence
        if isinstance(each, Observation) and each.checks
    }
    assert found == {
        ("names the wrong day", "fail", ("contains", "fail")),
        ("has an assertion without weight that fails", "fail", ("contains", "fail")),
    }
