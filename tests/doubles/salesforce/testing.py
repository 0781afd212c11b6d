"""Test definitions and their runs, for both runners, as scripted by a test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.doubles.salesforce.replies import json_body, refusal
from tests.doubles.salesforce.state import Records
from tests.doubles.server import Reply, Request, json_reply

Runner = Literal["testing-center", "agentforce-studio"]
MOST_IN_PROGRESS = 10
ENDED = {"COMPLETED", "ERROR", "SUCCESS", "FAILED", "TERMINATED"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """A script for one run. statuses: what each poll of its status returns; the last one repeats.

    results: the reply of `/results`; None builds it from the definition's cases.
    """

    statuses: Sequence[str] = ()
    results: Mapping[str, Any] | None = None
    error: str | None = None


@dataclass(kw_only=True, slots=True)
class Definition:
    """A test definition. cases: entries of `testCases`, in its runner's format. scripts: for its runs, in order."""

    name: str
    runner: Runner
    cases: Sequence[Mapping[str, Any]]
    subject: str
    scripts: list[Script] = field(default_factory=list)
    started: int = 0


@dataclass(kw_only=True, slots=True)
class TestRun:
    """A run that was started."""

    __test__ = False

    id: str
    definition: Definition
    script: Script
    polls: int = 0

    @property
    def status(self) -> str:
        """The status that the next poll returns."""
        return self.script.statuses[min(self.polls, len(self.script.statuses) - 1)]


class Testing:
    """The Testing API's state.

    peak: the most runs that were in progress at the same time. studio_limit: runs of Agentforce Studio in progress
    above which a start is answered without `runId`, which its client reads as "a test run is already in progress".
    Source: npm @salesforce/agents 2.3.1, agentforceStudioTester.js (lines 63-66). What else such a reply holds is not
    published, so it is empty here.
    """

    __test__ = False

    def __init__(self, records: Records) -> None:
        self.definitions: dict[tuple[Runner, str], Definition] = {}
        self.runs: dict[str, TestRun] = {}
        self.peak = 0
        self.studio_limit = MOST_IN_PROGRESS
        self._records = records

    def define(
        self,
        name: str,
        *scripts: Script,
        runner: Runner = "testing-center",
        cases: Sequence[Mapping[str, Any]] | None = None,
        subject: str = "Support_Agent",
    ) -> Definition:
        """Add a test definition to the org. Without scripts, its runs finish at the second poll and pass."""
        done = "COMPLETED" if runner == "testing-center" else "SUCCESS"
        usual = Script(statuses=("IN_PROGRESS", done))
        given = (center_case(1),) if runner == "testing-center" else (studio_case(1),)
        definition = Definition(
            name=name,
            runner=runner,
            cases=given if cases is None else cases,
            subject=subject,
            scripts=list(scripts) or [usual],
        )
        self.definitions[runner, name] = definition
        return definition

    def start(self, request: Request, runner: Runner, field_name: str) -> Reply:
        """POST …/runs."""
        body = json_body(request)
        if not isinstance(body, dict) or set(body) != {field_name}:
            return refusal(400, "JSON_PARSER_ERROR", f"expected the one property {field_name}")
        definition = self.definitions.get((runner, body[field_name]))
        if definition is None:
            return refusal(404, "NOT_FOUND", f"The requested resource does not exist: {body[field_name]}")
        if self.in_progress() >= MOST_IN_PROGRESS:
            return refusal(429, "LIMIT_EXCEEDED", f"More than {MOST_IN_PROGRESS} test runs are in progress.")
        if runner == "agentforce-studio" and self.in_progress(runner) >= self.studio_limit:
            return json_reply(200, {})
        script = definition.scripts[min(definition.started, len(definition.scripts) - 1)]
        run = TestRun(id=self._records.new_id("4KB"), definition=definition, script=script)
        definition.started += 1
        self.runs[run.id] = run
        self.peak = max(self.peak, self.in_progress())
        return json_reply(200, {"runId": run.id, "status": "NEW" if runner == "testing-center" else "CREATED"})

    def status(self, run_id: str, runner: Runner) -> Reply:
        """GET …/runs/{id}."""
        run = self._find(run_id, runner)
        if run is None:
            return _no_run(run_id)
        status = run.status
        run.polls += 1
        return json_reply(200, {
            "status": status,
            "startTime": "2026-01-01T00:00:00Z",
            "endTime": "2026-01-01T00:01:00Z" if status in ENDED else None,
            "errorMessage": run.script.error,
        })  # fmt: skip

    def results(self, run_id: str, runner: Runner) -> Reply:
        """GET …/runs/{id}/results."""
        run = self._find(run_id, runner)
        if run is None:
            return _no_run(run_id)
        if run.script.results is not None:
            return json_reply(200, run.script.results)
        status = run.script.statuses[min(max(run.polls - 1, 0), len(run.script.statuses) - 1)]
        shape: dict[str, Any] = {"status": status, "testCases": list(run.definition.cases)}
        if runner == "testing-center":
            shape |= {"subjectName": run.definition.subject, "errorMessage": run.script.error,
                      "startTime": "2026-01-01T00:00:00Z", "endTime": "2026-01-01T00:01:00Z"}  # fmt: skip
        return json_reply(200, shape)

    def in_progress(self, runner: Runner | None = None) -> int:
        """Runs, of that runner, that were started and whose end no poll has returned yet."""
        runs = [run for run in self.runs.values() if runner in (None, run.definition.runner)]
        return sum(run.status not in ENDED or run.polls == 0 for run in runs)

    def _find(self, run_id: str, runner: Runner) -> TestRun | None:
        run = self.runs.get(run_id)
        return run if run and run.definition.runner == runner else None


def _no_run(run_id: str) -> Reply:
    return refusal(404, "NOT_FOUND", f"The requested resource does not exist: {run_id}")


def center_case(
    number: int,
    result: str | None = "PASS",
    *,
    status: str = "COMPLETED",
    latency: float = 1200,
    response: str = "Done.",
) -> dict[str, Any]:
    """A case of a Testing Center result, with one expectation and a latency measurement."""
    return {
        "status": status,
        "testNumber": number,
        "startTime": "2026-01-01T00:00:00Z",
        "endTime": "2026-01-01T00:00:02Z",
        "inputs": {"utterance": f"Where is my order {number}?"},
        "generatedData": {"topic": "Order_Support", "actionsSequence": "['Get_Shipment_Status']",
                          "invokedActions": "[]", "outcome": response, "sessionId": f"session-{number}"},
        "testResults": [
            {"name": "output_validation", "actualValue": response, "expectedValue": "Tells where the order is.",
             "score": 5, "result": result, "metricLabel": "output_validation", "metricExplainability": "",
             "status": status, "errorCode": None, "errorMessage": None},
            {"name": "output_latency_milliseconds", "actualValue": str(latency), "expectedValue": "",
             "score": latency, "result": None, "metricLabel": "latency", "metricExplainability": "",
             "status": status, "errorCode": None, "errorMessage": None},
        ],
    }  # fmt: skip


def studio_case(
    number: int, *, actual: str = "PASS", expected: str = "PASS", status: str = "SUCCESS"
) -> dict[str, Any]:
    """A case of an Agentforce Studio result, with one scorer."""
    import json

    scorer = {"status": status, "actualValue": actual, "expectedValue": expected, "reasoning": ""}
    return {
        "testNumber": number,
        "subjectResponse": json.dumps({"message": "Your order is on its way."}),
        "testScorerResults": [{"scorerName": "output_validation", "scorerResponse": json.dumps(scorer)}],
    }
