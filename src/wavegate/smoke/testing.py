"""Runs tests through an org's Testing API: starts test runs, polls them, and fetches their results.

Supports both Salesforce runners: Testing Center (`aiEvaluationDefinition`) and Agentforce Studio
(`aiTestingDefinition`).
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from wavegate.errors import RefusedError, ServiceError, UncertainError
from wavegate.salesforce.org import Org
from wavegate.smoke.journal import UNKNOWN, SmokeJournal
from wavegate.smoke.results import ResultsReader
from wavegate.smoke.values import FinishedRun, PlannedRun, Runner
from wavegate.text import one_line

MAX_IN_FLIGHT = 10
"""Concurrent test runs in an org."""
LONGEST_POLL, LONGEST_WAIT = 30.0, 60.0
"""Longest interval between two polls of a run, and longest wait before a failed start is retried, in seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Api:
    """One of the two APIs.

    good: statuses of a run with results. bad: statuses of a run that will never have any. is_busy_without_id: whether
    a reply without a run id means that another run is in progress, and that none was started.
    """

    path: str
    name_field: str
    good: frozenset[str]
    bad: frozenset[str]
    is_busy_without_id: bool = False


_APIS = {
    Runner.TESTING_CENTER: _Api(
        path="/einstein/ai-evaluations/runs",
        name_field="aiEvaluationDefinitionName",
        good=frozenset({"COMPLETED"}),
        bad=frozenset({"ERROR", "TERMINATED"}),
    ),
    Runner.AGENTFORCE_STUDIO: _Api(
        path="/einstein/ai-testing/runs",
        name_field="testDefinitionName",
        good=frozenset({"SUCCESS"}),
        bad=frozenset({"FAILED", "TERMINATED"}),
        # npm @salesforce/agents 2.3.1, agentforceStudioTester.js: "a test run is already in progress"
        is_busy_without_id=True,
    ),
}


@dataclass(kw_only=True, slots=True)
class _InFlight:
    """A run in progress. due: when to poll it next, on the runner's clock."""

    planned: PlannedRun
    run_id: str
    due: float
    interval: float
    status: str = "not yet known"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How much load to put on an org, and for how long.

    time_limit: seconds for all runs together. interval: seconds before a run is first polled.
    in_flight: maximum concurrent runs.
    """

    time_limit: float = 3600.0
    interval: float = 2.0
    in_flight: int = MAX_IN_FLIGHT


class TestingApi:
    """Runs tests in an org, and never starts a run twice, even if this process crashes.

    say: receives lines of progress. reader: reads the results. now, pause: a clock in seconds, and a function that
    waits.
    """

    __test__ = False

    def __init__(
        self,
        org: Org,
        journal: SmokeJournal,
        *,
        pace: Pace,
        say: Callable[[str], None],
        reader: ResultsReader | None = None,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._org = org
        self._journal = journal
        self._pace = pace
        self._say = say
        self._reader = reader or ResultsReader()
        self._now = now
        self._pause = pause
        self._waiting: deque[PlannedRun] = deque()
        self._in_flight: list[_InFlight] = []
        self._next_start = 0.0
        self._start_wait = pace.interval

    def run(self, planned: Sequence[PlannedRun]) -> Iterator[FinishedRun]:
        """The planned runs as they finish, in any order. Runs in the journal are resumed, not started again.

        RefusedError: the org rejected the login; the started runs stay in the journal.
        """
        yield from self._resume(planned)
        end = self._now() + self._pace.time_limit
        while self._waiting or self._in_flight:
            if self._now() >= end:
                yield from self._out_of_time()
                return
            yield from self._start_next()
            yield from self._poll_due()
            self._pause(max(0.0, min(self._next_due(), end) - self._now()))

    def _resume(self, planned: Sequence[PlannedRun]) -> Iterator[FinishedRun]:
        for run in planned:
            run_id = self._journal.run_id(run)
            if run_id is None:
                self._waiting.append(run)
            elif run_id == UNKNOWN:
                yield FinishedRun(planned=run, problem=_UNKNOWN_START)
            else:
                self._say(f"{run}: resumed as {run_id}")
                self._follow(run, run_id)

    def _start_next(self) -> Iterator[FinishedRun]:
        while self._waiting and len(self._in_flight) < self._pace.in_flight and self._now() >= self._next_start:
            planned = self._waiting.popleft()
            problem = self._start(planned)
            if problem:
                yield FinishedRun(planned=planned, problem=problem)

    def _start(self, planned: PlannedRun) -> str:
        """Start a run. Returns why it will never run, or '' if it has started or will be retried."""
        api = _APIS[planned.runner]
        self._journal.intend(planned)
        try:
            answer = self._org.post(api.path, {api.name_field: planned.definition})
        except UncertainError as error:
            return f"{_UNKNOWN_START} {error.message}"
        except RefusedError as error:
            self._journal.refused(planned)
            if error.status in (401, 403):
                raise
            if "LIMIT" not in error.code:
                return f"{one_line(planned.definition, 100)} was not started: {error.message}"
            self._wait_to_start(planned, error.message)
            return ""
        except ServiceError as error:
            self._journal.refused(planned)
            self._wait_to_start(planned, error.message)
            return ""
        run_id = answer.get("runId") if isinstance(answer, dict) else None
        if api.is_busy_without_id and isinstance(answer, dict) and not run_id:
            self._journal.refused(planned)
            self._wait_to_start(planned, "a test run is already in progress")
            return ""
        if not isinstance(run_id, str) or not run_id.isalnum():
            return f"{_UNKNOWN_START} The org answered without the run's id."
        self._journal.started(planned, run_id)
        self._start_wait = self._pace.interval
        self._say(f"{planned}: started as {run_id}")
        self._follow(planned, run_id)
        return ""

    def _wait_to_start(self, planned: PlannedRun, reason: str) -> None:
        self._waiting.appendleft(planned)
        self._next_start = self._now() + self._start_wait
        self._say(f"{planned}: not started yet, retrying in {self._start_wait:.0f} s: {one_line(reason)}")
        self._start_wait = min(2 * self._start_wait, LONGEST_WAIT)

    def _follow(self, planned: PlannedRun, run_id: str) -> None:
        interval = self._pace.interval
        self._in_flight.append(
            _InFlight(planned=planned, run_id=run_id, due=self._now() + interval, interval=interval)
        )

    def _poll_due(self) -> Iterator[FinishedRun]:
        for run in [each for each in self._in_flight if each.due <= self._now()]:
            finished = self._poll(run)
            if finished:
                self._in_flight.remove(run)
                yield finished
                continue
            run.interval = min(1.5 * run.interval, LONGEST_POLL)
            run.due = self._now() + run.interval

    def _poll(self, run: _InFlight) -> FinishedRun | None:
        """The finished run, or None while it is in progress. An unknown status counts as in progress."""
        api = _APIS[run.planned.runner]
        try:
            answer = self._org.get(f"{api.path}/{run.run_id}")
            status = answer.get("status") if isinstance(answer, dict) else None
            run.status = status.upper() if isinstance(status, str) else "not given"
            if run.status in api.bad:
                reason = answer.get("errorMessage") or "the org gives no reason"
                return _without_results(run, f"the run ended with status {run.status}: {one_line(str(reason), 300)}")
            if run.status not in api.good:
                return None
            results = self._org.get(f"{api.path}/{run.run_id}/results")
            if isinstance(results, dict) and results.get("status") not in (None, *api.good, *api.bad):
                # the run's own status may change before the status in its results does
                return None
        except RefusedError as error:
            if error.status in (401, 403):
                raise
            return _without_results(run, f"its results cannot be read: {error.message}")
        except ServiceError as error:
            self._say(f"{run.planned}: cannot be polled, retrying: {one_line(error.message)}")
            return None
        cases, problem = self._reader.read(run.planned, run.run_id, results)
        return FinishedRun(planned=run.planned, run_id=run.run_id, cases=cases, problem=problem)

    def _out_of_time(self) -> Iterator[FinishedRun]:
        limit = f"after {self._pace.time_limit:.0f} s"
        for run in self._in_flight:
            problem = f"it had not finished {limit}; its status is {one_line(run.status, 60)}"
            yield FinishedRun(planned=run.planned, run_id=run.run_id, problem=problem, resumable=True)
        for planned in self._waiting:
            yield FinishedRun(planned=planned, problem=f"it had not started {limit}", resumable=True)

    def _next_due(self) -> float:
        starts = [self._next_start] if self._waiting and len(self._in_flight) < self._pace.in_flight else []
        return min([*starts, *(run.due for run in self._in_flight)], default=0.0)


def _without_results(run: _InFlight, problem: str) -> FinishedRun:
    return FinishedRun(planned=run.planned, run_id=run.run_id, problem=problem)


_UNKNOWN_START = "The org may or may not have started it, and starting it again could make it run twice."
