"""Results of promptfoo: the files that it writes, and what contradicts a pass."""

import json
from typing import Any

import pytest
from tests.support.places import FIXTURES

from wavegate.evidence import promptfoo
from wavegate.evidence.observation import Observation
from wavegate.evidence.source import Attribution
from wavegate.findings.finding import Finding

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
            "pass",
        ),
    ],
)
def test_a_success_passes_only_if_nothing_contradicts_it(result: dict[str, Any], outcome: str) -> None:
    stats = {"successes": 1, "failures": 0, "errors": 0}
    assert read([result], stats) == [outcome]


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
