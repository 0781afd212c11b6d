"""What is written and told of a smoke run."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.hostile import HOSTILE

from wavegate.census.values import ExpectedCases
from wavegate.errors import InputError
from wavegate.evidence.observation import Observation, Outcome, Subject
from wavegate.evidence.write import LinesFile
from wavegate.release.pack import Criteria, Pack, PackTest
from wavegate.smoke.report import RunReport, count_tests, observations, remarks, report_run
from wavegate.smoke.summary import markdown_summary, text_lines
from wavegate.smoke.values import CaseResult, FinishedRun, PlannedRun, Runner, TestReport

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SUBJECTS = {"s": Subject(commit="c")}
PASS, ERROR = Outcome.PASS, Outcome.ERROR


def pack(test: str = "t") -> Pack:
    return Pack(suite="s", criteria=Criteria(minimum_success_rate=0.9), tests=(PackTest(name=test),))


def ended(*outcomes: Outcome, problem: str = "", test: str = "t", subject: Subject | None = None) -> FinishedRun:
    return FinishedRun(
        planned=PlannedRun(suite="s", test=test, run=2, definition="T", runner=Runner.COMMAND),
        run_id="id",
        problem=problem,
        cases=tuple(
            CaseResult(
                observation=Observation(
                    suite="s", test=test, case=str(number), run=2, outcome=outcome, subject=subject
                )
            )
            for number, outcome in enumerate(outcomes, 1)
        ),
    )


def report(given: FinishedRun) -> RunReport:
    return report_run(given, pack(given.planned.test), lambda _pattern, _text: None, time=NOW)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (ended(PASS, PASS), [("1", PASS), ("2", PASS)]),
        (ended(problem="it broke"), [("1", ERROR)]),
        (ended(PASS, problem="it broke"), [("1", PASS), ("(run)", ERROR)]),
    ],
)
def test_a_problem_is_an_observation(given: FinishedRun, expected: list[tuple[str, Outcome]]) -> None:
    judged = report(given).judged
    assert [(each.observation.case, each.observation.outcome) for each in judged] == expected
    for each in judged:
        assert each.observation.run == 2
        assert each.observation.runner == "command"
        assert each.observation.run_id == "id"
        assert each.observation.time == NOW
    assert list(remarks(report(given))) == ([f"t run 2: {given.problem}"] if given.problem else [])


def test_every_observation_has_a_subject() -> None:
    own = Subject(commit="another")
    seen = list(observations([report(ended(PASS)), report(ended(PASS, subject=own))], SUBJECTS, unsettled=False))
    assert [each.subject for each in seen] == [SUBJECTS["s"], own], (
        "a runner that tells of another commit is believed"
    )


def test_nothing_passes_while_it_is_not_settled_what_was_observed() -> None:
    given = [report(ended(PASS, Outcome.FAIL, ERROR))]
    seen = observations(given, SUBJECTS, unsettled=True)
    assert [each.outcome for each in seen] == [ERROR, Outcome.FAIL, ERROR]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_names(text: str) -> None:
    given = report(ended(PASS, problem=text, test=text or "t"))
    tests = count_tests(observations([given], SUBJECTS, unsettled=False))
    told = list(remarks(given))
    summary = markdown_summary(text, tests, told)
    rows = [line for line in summary.splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert all(line.replace("\\|", "").count("|") == 7 for line in rows)
    assert len([line for line in summary.splitlines() if line.startswith("- ")]) == len(told)
    assert "<script" not in summary
    assert "@octocat" not in summary
    assert all("\n" not in line and not line.startswith("::") for line in text_lines(text, tests))


def test_a_single_error_and_violation_are_singular() -> None:
    counted = TestReport(suite="s", test="t", runs=3, passed=1, failed=1, errors=1, violations=1)
    assert text_lines("uat", [counted])[0].endswith("1 passed, 1 failed, 1 error, 1 policy violation")


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "lines.jsonl"
    with LinesFile(path) as file:
        file.write(Observation(suite="s", test="t", outcome=PASS))
    before = path.read_bytes()
    assert before == b'{"suite":"s","test":"t","outcome":"pass"}\n'
    with pytest.raises(RuntimeError), LinesFile(path) as file:
        file.write(Observation(suite="s", test="t", outcome=ERROR))
        raise RuntimeError
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["lines.jsonl"]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"), LinesFile(tmp_path / "file" / "lines.jsonl"):
        pass


def expecting(given: FinishedRun, expected: ExpectedCases) -> RunReport:
    return report_run(given, pack(), lambda _pattern, _text: None, time=NOW, expected=expected)


NAMED = ExpectedCases(count=3, names=("1", "2", "3"), source="x")
NUMBER = ExpectedCases(count=3, source="x")


@pytest.mark.parametrize(
    ("given", "expected", "said"),
    [
        (ended(PASS, PASS, PASS), NAMED, []),
        (ended(PASS), NAMED, ["t run 2: 2 of 3 cases missing: 2, 3"]),
        (ended(PASS), NUMBER, ["t run 2: 2 of 3 cases missing"]),
        (ended(*[PASS] * 5), NAMED, ["t run 2: 2 cases not declared: 4, 5"]),
        (ended(*[PASS] * 4), NUMBER, ["t run 2: 1 case not declared"]),
    ],
)
def test_cases_that_differ_from_the_declared_ones_are_said(
    given: FinishedRun, expected: ExpectedCases, said: list[str]
) -> None:
    assert list(remarks(expecting(given, expected))) == said


@pytest.mark.parametrize(
    ("given", "expected", "case"),
    [
        (ended(problem="it broke"), NAMED, "1"),
        (ended(PASS, problem="it broke"), NAMED, "2"),
        (ended(PASS, PASS, PASS, problem="it broke"), NAMED, "(run)"),
        (ended(problem="it broke"), NUMBER, "(run)"),
    ],
)
def test_a_problem_stands_for_the_first_case_that_did_not_come_back(
    given: FinishedRun, expected: ExpectedCases, case: str
) -> None:
    errors = [each.observation for each in expecting(given, expected).judged if each.observation.outcome is ERROR]
    assert [each.case for each in errors] == [case]
