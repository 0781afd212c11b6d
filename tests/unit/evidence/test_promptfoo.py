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


def one(about: Attribution = ABOUT, **result: Any) -> Observation | Finding:
    """What one result shows that passed, but for those members."""
    success = {"success": True, "gradingResult": GRADED} | result
    (found,) = promptfoo.parse({"results": {"results": [success], "stats": {"successes": 1}}}, about)
    return found


def case(**result: Any) -> str:
    found = one(**result)
    assert isinstance(found, Observation)
    return found.case


def test_a_case_is_named_by_its_description_and_prompt() -> None:
    assert case(promptIdx=0) == case()
    assert case().startswith("test ")
    assert case().endswith("/0")
    assert case(promptIdx=2).endswith("/2")
    assert case(description="of the result").startswith("of the result ")
    assert case(description="of the result", testCase={"description": "of the test"}).startswith("of the test ")


def test_a_result_belongs_to_the_test_that_it_names() -> None:
    about = Attribution(file="x.json", names={"alpha": ("smoke", "alpha"), "beta": ("smoke", "beta")})
    for result in (
        {"testCase": {"metadata": {"test": "beta"}, "description": "alpha"}},
        {"testCase": {"metadata": {"test": ["alpha"]}, "description": "beta"}, "description": "alpha"},
        {"testCase": {"metadata": None}, "description": "beta"},
    ):
        found = one(about, **result)
        assert isinstance(found, Observation)
        assert found.test == "beta"
    assert isinstance(one(about, testCase={"metadata": {"test": ["alpha"]}}), Finding)


def test_a_file_of_another_shape_is_one_finding() -> None:
    (found,) = promptfoo.parse({"results": 1}, ABOUT)
    assert isinstance(found, Finding)
    assert found.rule == "evidence/malformed"


@pytest.mark.parametrize(
    ("stats", "problems"),
    [
        ({"successes": 1}, []),
        ({"successes": 1, "failures": 0}, []),
        ({"successes": 1, "errors": 0}, []),
        ({}, ["The evaluation's statistics count 0 results, but it has 1."]),
        ({"failures": 0, "errors": 0}, ["The evaluation's statistics count 0 results, but it has 1."]),
    ],
)
def test_a_number_that_the_statistics_lack_is_none(stats: dict[str, int], problems: list[str]) -> None:
    assert read([{"success": True, "gradingResult": GRADED}], stats) == ["pass", *problems]


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ({"failureReason": 1}, "fail"),
        ({"failureReason": 1, "error": "Expected output to contain x"}, "fail"),
        ({"failureReason": 2}, "error"),
        ({"failureReason": 0}, "error"),
        # versions without failureReason
        ({}, "fail"),
        ({"error": ""}, "fail"),
        ({"error": "timeout"}, "error"),
        # an error stays one, whatever failed before it
        ({"failureReason": 2, "gradingResult": graded(("contains", False))["gradingResult"]}, "error"),
    ],
)
def test_what_did_not_succeed_failed_only_by_its_assertions(result: dict[str, Any], outcome: str) -> None:
    assert read([{"success": False} | result], {"failures": 1}) == [outcome]


@pytest.mark.parametrize("result", [{"failureReason": 1}, {"success": None}, {"success": None, "failureReason": 1}])
def test_a_result_that_does_not_say_whether_it_succeeded_is_an_error(result: dict[str, Any]) -> None:
    assert read([result], {"failures": 1}) == ["error"]


WEIGHTLESS = {"type": "contains", "weight": 0}


@pytest.mark.parametrize(
    ("component", "outcome"),
    [
        ({"pass": True, "score": 1, "assertion": WEIGHTLESS}, "pass"),
        ({"pass": True, "score": 0, "assertion": WEIGHTLESS}, "fail"),
        ({"pass": False, "assertion": WEIGHTLESS}, "fail"),
        ({"pass": False, "score": 1, "assertion": WEIGHTLESS}, "fail"),
        ({"assertion": WEIGHTLESS}, "fail"),
        ({"pass": True, "score": 0, "assertion": {"type": "contains"}}, "pass"),
        ({"pass": True, "score": 1}, "pass"),
    ],
)
@pytest.mark.parametrize("test", [{}, {"threshold": 0.5}])
def test_a_failed_assertion_without_weight_is_a_failure(
    component: dict[str, Any], outcome: str, test: dict[str, Any]
) -> None:
    found = one(testCase=test, gradingResult=GRADED | {"componentResults": [component]})
    assert isinstance(found, Observation)
    assert found.outcome == outcome


@pytest.mark.parametrize("components", [[], None])
def test_without_graded_assertions_there_is_no_check(components: object) -> None:
    found = one(testCase={"threshold": 0.5}, gradingResult=GRADED | {"componentResults": components})
    assert isinstance(found, Observation)
    assert (found.outcome, found.checks) == ("pass", {})


@pytest.mark.parametrize("test", [{"threshold": 0}, {"assertScoringFunction": "file://f.js"}, SETS])
def test_weighed_assertions_are_one_check(test: dict[str, Any]) -> None:
    assert judged(graded(("contains", False), ("equals", True), passed=True, **test)).checks == {"score": "pass"}


def test_an_assertion_of_another_shape_weighs_nothing() -> None:
    assert judged(graded(("contains", True), passed=True, **{"assert": ["x"]})).checks == {"contains": "pass"}
