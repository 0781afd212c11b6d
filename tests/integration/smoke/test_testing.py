"""The Testing API against the org double: every way in which a test run can go ends in the right outcome."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.salesforce import SalesforceDouble, Script, center_case, studio_case

from wavegate.errors import InputError, RefusedError
from wavegate.evidence.observation import Outcome
from wavegate.salesforce.org import Org, Session
from wavegate.smoke.journal import SmokeJournal
from wavegate.smoke.testing import Pace, TestingApi
from wavegate.smoke.values import FinishedRun, PlannedRun, Runner

CENTER, STUDIO = Runner.TESTING_CENTER, Runner.AGENTFORCE_STUDIO
STARTS = {CENTER: r"POST .*/ai-evaluations/runs$", STUDIO: r"POST .*/ai-testing/runs$"}
STATUS, RESULTS = r"GET .*/runs/\w+$", r"GET .*/runs/\w+/results$"


@pytest.fixture
def org() -> Iterator[SalesforceDouble]:
    with SalesforceDouble() as double:
        yield double


def planned(run: int = 1, runner: Runner = CENTER, definition: str = "Pii") -> PlannedRun:
    return PlannedRun(suite="s", test="pii", run=run, definition=definition, runner=runner)


def execute(
    double: SalesforceDouble, journal: Path, *runs: PlannedRun, time_limit: float = 20.0, in_flight: int = 10
) -> list[FinishedRun]:
    client = Org(Session(instance_url=double.url, access_token=double.token), pause=lambda _: None)
    pace = Pace(time_limit=time_limit, interval=0.01, in_flight=in_flight)
    with SmokeJournal(journal) as opened:
        return list(TestingApi(client, opened, pace=pace, say=lambda _: None).run(runs or (planned(),)))


def outcomes(ended: FinishedRun) -> list[Outcome]:
    return [case.observation.outcome for case in ended.cases]


def results(**changes: Any) -> dict[str, Any]:
    usual = {"status": "COMPLETED", "subjectName": "Support_Agent", "testCases": [center_case(1)]}
    return {**usual, **changes}


@pytest.mark.parametrize(
    ("runner", "statuses"),
    [
        (CENTER, ("NEW", "IN_PROGRESS", "COMPLETED")),
        (CENTER, ("RETRY", "SOMETHING_NEW", "COMPLETED")),
        (STUDIO, ("CREATED", "IN_PROGRESS", "SUCCESS")),
    ],
)
def test_a_run_that_ends_well_has_its_cases(
    org: SalesforceDouble, tmp_path: Path, runner: Runner, statuses: tuple[str, ...]
) -> None:
    cases = [center_case(1), center_case(2, "FAILURE")] if runner is CENTER else [studio_case(1), studio_case(2)]
    org.testing.define("Pii", Script(statuses=statuses), runner=runner.value, cases=cases)  # type: ignore[arg-type]
    (ended,) = execute(org, tmp_path / "journal", planned(runner=runner))
    assert ended.problem == ""
    assert len(ended.cases) == 2
    assert [case.observation.case for case in ended.cases] == ["1", "2"]
    assert all(case.observation.run_id == ended.run_id for case in ended.cases)
    if runner is CENTER:
        assert outcomes(ended) == [Outcome.PASS, Outcome.FAIL]
        transcript = ended.cases[0].transcript
        assert transcript is not None
        assert transcript.answer == "Done."
        assert transcript.actions == ("Get_Shipment_Status",)
        assert transcript.latency == 1200


@pytest.mark.parametrize("case", [7, None, "x", []])
def test_a_case_of_another_shape_is_a_problem_beside_the_good_ones(
    org: SalesforceDouble, tmp_path: Path, case: object
) -> None:
    org.testing.define("Pii", Script(statuses=("COMPLETED",), results=results(testCases=[center_case(1), case])))
    (ended,) = execute(org, tmp_path / "journal")
    assert ended.problem
    assert outcomes(ended) == [Outcome.PASS]


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        (Script(statuses=("COMPLETED",), results=results(testCases=[])), "no test cases"),
        (Script(statuses=("COMPLETED",), results=results(testCases=None)), "unexpected shape"),
        (Script(statuses=("COMPLETED",), results=results(status="IN_PROGRESS")), "had not finished"),
        (Script(statuses=("COMPLETED",), results=results(status="ERROR")), "status is ERROR"),
        (Script(statuses=("COMPLETED",), results={}), "unexpected shape"),
        (Script(statuses=("IN_PROGRESS", "ERROR"), error="Agent is off"), "ERROR: Agent is off"),
        (Script(statuses=("TERMINATED",)), "TERMINATED"),
    ],
)
def test_a_testing_center_run_without_results_is_a_problem(
    org: SalesforceDouble, tmp_path: Path, script: Script, problem: str
) -> None:
    org.testing.define("Pii", script)
    (ended,) = execute(org, tmp_path / "journal", time_limit=0.3)
    assert problem in ended.problem
    assert ended.cases == ()


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        (Script(statuses=("IN_PROGRESS", "FAILED")), "FAILED"),
        (Script(statuses=("TERMINATED",)), "TERMINATED"),
        (Script(statuses=("SUCCESS",), results={"status": "FAILED", "testCases": [studio_case(1)]}), "FAILED"),
        (Script(statuses=("SUCCESS",), results={"status": "SUCCESS", "testCases": []}), "no test cases"),
    ],
)
def test_a_studio_run_without_results_is_a_problem(
    org: SalesforceDouble, tmp_path: Path, script: Script, problem: str
) -> None:
    org.testing.define("Pii", script, runner="agentforce-studio")
    (ended,) = execute(org, tmp_path / "journal", planned(runner=STUDIO))
    assert problem in ended.problem
    assert ended.cases == ()


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        (center_case(1, None), Outcome.ERROR),
        (center_case(1, "MAYBE"), Outcome.ERROR),
        (center_case(1, "PASS", status="ERROR"), Outcome.ERROR),
        ({**center_case(1), "testResults": []}, Outcome.ERROR),
    ],
)
def test_a_case_without_a_result_is_an_error(
    org: SalesforceDouble, tmp_path: Path, case: dict[str, Any], outcome: Outcome
) -> None:
    org.testing.define("Pii", cases=[case])
    (ended,) = execute(org, tmp_path / "journal")
    assert outcomes(ended) == [outcome]


@pytest.mark.parametrize("status", ["IN_PROGRESS", "RETRY", "SOMETHING_NEW"])
def test_the_time_limit_is_no_pass_and_can_be_resumed(org: SalesforceDouble, tmp_path: Path, status: str) -> None:
    definition = org.testing.define("Pii", Script(statuses=(*[status] * 7, "COMPLETED")))
    first, second = planned(1), planned(2)
    ended = execute(org, tmp_path / "journal", first, second, time_limit=0.15, in_flight=1)
    assert [each.problem != "" and each.resumable for each in ended] == [True, True]
    assert status in ended[0].problem
    ended = execute(org, tmp_path / "journal", first, second, in_flight=1)
    assert [outcomes(each) for each in ended] == [[Outcome.PASS], [Outcome.PASS]]
    assert definition.started == 2


@pytest.mark.parametrize(
    ("route", "fault"),
    [
        (STATUS, {"status": 429, "times": 2}),
        (STATUS, {"status": 500, "times": 3}),
        (STATUS, {"drop": True, "times": 2}),
        (STATUS, {"malformed": True, "when": "after", "times": 2}),
        (STATUS, {"status": 503, "times": 30}),
        (RESULTS, {"status": 500, "times": 3}),
        (RESULTS, {"drop": True, "times": 2}),
        (RESULTS, {"malformed": True, "when": "after", "times": 9}),
        (STATUS, {"status": 200, "body": [], "times": 2}),
        (STATUS, {"status": 200, "body": {"status": None}, "times": 2}),
        (STARTS[CENTER], {"status": 429, "times": 9}),
        (STARTS[CENTER], {"status": 403, "body": [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}], "times": 9}),
    ],
)
def test_what_passes_is_waited_for(org: SalesforceDouble, tmp_path: Path, route: str, fault: dict[str, Any]) -> None:
    definition = org.testing.define("Pii")
    org.faults.add(route, **fault)
    (ended,) = execute(org, tmp_path / "journal")
    assert (ended.problem, outcomes(ended)) == ("", [Outcome.PASS])
    assert definition.started == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": True, "when": "before"},
        {"drop": True, "when": "after"},
        {"status": 500, "when": "before"},
        {"status": 502, "when": "after"},
        {"malformed": True, "when": "after"},
        {"status": 200, "body": {}, "when": "after"},
        {"status": 200, "body": {"runId": "../../x"}, "when": "after"},
    ],
)
def test_an_uncertain_start_is_an_error_and_not_made_again(
    org: SalesforceDouble, tmp_path: Path, fault: dict[str, Any]
) -> None:
    definition = org.testing.define("Pii")
    org.faults.add(STARTS[CENTER], **fault)
    for _ in range(2):
        (ended,) = execute(org, tmp_path / "journal")
        assert "may or may not have started it" in ended.problem
        assert ended.cases == ()
    assert definition.started <= 1
    assert sum(served.method == "POST" for served in org.routes) == 1


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("route", [STARTS[CENTER], STATUS, RESULTS])
def test_a_refused_login_ends_everything_and_loses_nothing(
    org: SalesforceDouble, tmp_path: Path, route: str, status: int
) -> None:
    definition = org.testing.define("Pii")
    org.faults.add(route, status=status, times=0)
    with pytest.raises(RefusedError):
        execute(org, tmp_path / "journal", planned(1), planned(2))
    org.faults.clear()
    ended = execute(org, tmp_path / "journal", planned(1), planned(2))
    assert [outcomes(each) for each in ended] == [[Outcome.PASS], [Outcome.PASS]]
    assert definition.started == 2


def test_an_unknown_definition_stops_its_own_runs_only(org: SalesforceDouble, tmp_path: Path) -> None:
    org.testing.define("Pii")
    ended = execute(org, tmp_path / "journal", planned(1, definition="Missing"), planned(2))
    assert "Missing was not started" in ended[0].problem
    assert outcomes(ended[1]) == [Outcome.PASS]


def test_a_run_that_the_org_has_forgotten(org: SalesforceDouble, tmp_path: Path) -> None:
    org.testing.define("Pii", Script(statuses=("IN_PROGRESS",)))
    execute(org, tmp_path / "journal", time_limit=0.1)
    org.testing.runs.clear()
    (ended,) = execute(org, tmp_path / "journal")
    assert "cannot be read" in ended.problem


def test_no_more_in_flight_than_allowed(org: SalesforceDouble, tmp_path: Path) -> None:
    definition = org.testing.define("Pii", Script(statuses=("IN_PROGRESS", "IN_PROGRESS", "COMPLETED")))
    ended = execute(org, tmp_path / "journal", *(planned(run) for run in range(1, 13)), in_flight=3)
    assert len(ended) == definition.started == 12
    assert org.testing.peak == 3


def test_an_org_that_is_full_is_waited_for(org: SalesforceDouble, tmp_path: Path) -> None:
    org.testing.define("Other", Script(statuses=(*["IN_PROGRESS"] * 3, "COMPLETED")))
    org.testing.define("Pii")
    others = [planned(run, definition="Other") for run in range(1, 11)]
    ended = execute(org, tmp_path / "journal", *others, planned(11))
    assert len(ended) == 11
    assert all(each.problem == "" for each in ended)


def test_a_studio_that_is_busy_is_waited_for(org: SalesforceDouble, tmp_path: Path) -> None:
    org.testing.studio_limit = 1
    definition = org.testing.define("Pii", runner="agentforce-studio", cases=[studio_case(1, status="PASS")])
    ended = execute(org, tmp_path / "journal", *(planned(run, STUDIO) for run in range(1, 4)))
    assert [(each.problem, outcomes(each)) for each in ended] == [("", [Outcome.PASS])] * 3
    assert (definition.started, org.testing.peak) == (3, 1)


def test_a_studio_that_stays_busy_is_resumed_later(org: SalesforceDouble, tmp_path: Path) -> None:
    org.testing.studio_limit = 0
    definition = org.testing.define("Pii", runner="agentforce-studio", cases=[studio_case(1, status="PASS")])
    (ended,) = execute(org, tmp_path / "journal", planned(runner=STUDIO), time_limit=0.2)
    assert "had not started" in ended.problem
    assert ended.resumable
    assert definition.started == 0
    org.testing.studio_limit = 1
    (ended,) = execute(org, tmp_path / "journal", planned(runner=STUDIO))
    assert outcomes(ended) == [Outcome.PASS]


@pytest.mark.parametrize("body", [[], {"runId": "../../x"}, {"runId": 7}])
def test_a_studio_start_with_an_unreadable_answer_is_uncertain(
    org: SalesforceDouble, tmp_path: Path, body: object
) -> None:
    org.testing.define("Pii", runner="agentforce-studio")
    org.faults.add(STARTS[STUDIO], status=200, body=body, when="after")
    (ended,) = execute(org, tmp_path / "journal", planned(runner=STUDIO))
    assert "may or may not have started it" in ended.problem


def test_shards_that_run_together_wait_for_room_in_the_org(org: SalesforceDouble, tmp_path: Path) -> None:
    definition = org.testing.define("Pii", Script(statuses=(*["IN_PROGRESS"] * 3, "COMPLETED")))
    shards = [[planned(run) for run in range(first, 25, 2)] for first in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        journals = (tmp_path / "one", tmp_path / "two")
        ended = [
            each
            for shard in [pool.submit(execute, org, path, *runs) for path, runs in zip(journals, shards, strict=True)]
            for each in shard.result()
        ]
    assert [each.problem for each in ended] == [""] * 24
    assert (definition.started, org.testing.peak) == (24, 10)
    assert any(served.method == "POST" and served.status == 429 for served in org.routes)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with SmokeJournal(tmp_path / "journal"), pytest.raises(InputError, match="Another smoke run"):
        SmokeJournal(tmp_path / "journal").__enter__()


def test_a_torn_last_entry_is_an_entry_that_was_not_made(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with SmokeJournal(path) as journal:
        journal.observe({"Support_Agent": 3})
        journal.intend(planned(1))
        journal.started(planned(1), "4KB1")
        journal.intend(planned(2))
        journal.started(planned(2), "4KB2")
    path.write_bytes(path.read_bytes()[:-5])
    with SmokeJournal(path) as journal:
        assert (journal.run_id(planned(1)), journal.run_id(planned(2))) == ("4KB1", "")
        assert journal.run_id(planned(3)) is None
        assert journal.agents == {"Support_Agent": 3}
        journal.refused(planned(2))
    with SmokeJournal(path) as journal:
        assert journal.run_id(planned(2)) is None


@pytest.mark.parametrize("text", ["{}\n", "[]\n", "not json\n", '{"agents": 3}\n', '{"agents": {"a": "b"}}\n'])
def test_a_damaged_journal_starts_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "journal"
    path.write_text(text)
    with pytest.raises(InputError, match="damaged"):
        SmokeJournal(path).__enter__()
