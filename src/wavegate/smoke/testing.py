"""The Testing API of an org: starts test runs, follows them, fetches their results.

Both runners of Salesforce: Testing Center (`aiEvaluationDefinition`) and Agentforce Studio (`aiTestingDefinition`).
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from wavegate.errors import RefusedError, ServiceError, UncertainError
from wavegate.salesforce.org import Org
from wavegate.smoke.journal import UNKNOWN, SmokeJournal
from wavegate.smoke.results import read_results
from wavegate.smoke.values import FinishedRun, PlannedRun, Runner
from wavegate.text import one_line

MAX_IN_FLIGHT = 10
"""Test runs that an org has in progress at once."""
LONGEST_POLL, LONGEST_WAIT = 30.0, 60.0
"""Seconds between two looks at a run, and before a start that the org turned away is tried again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Api:
    """One of the two APIs. good: the status of a run whose results may be judged; bad: it will never have any."""

    path: str
    name_field: str
    good: frozenset[str]
    bad: frozenset[str]


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
    ),
}


@dataclass(kw_only=True, slots=True)
class _InFlight:
    """A run in progress. due: when to look at it next, on the clock of the runner."""

    planned: PlannedRun
    run_id: str
    due: float
    interval: float
    status: str = "not yet known"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How hard to ask an org.

    time_limit: seconds for all runs together. interval: seconds before the first look at a run.
    in_flight: most runs in progress at once.
    """

    time_limit: float = 3600.0
    interval: float = 2.0
    in_flight: int = MAX_IN_FLIGHT


class TestingApi:
    """Runs tests in an org, each exactly once, whatever happens to this process.

    say: gets one line of progress. now, pause: a clock in seconds, and a way to wait.
    """

    __test__ = False

    def __init__(
        self,
        org: Org,
        journal: SmokeJournal,
        *,
        pace: Pace,
        say: Callable[[str], None],
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._org = org
        self._journal = journal
        self._pace = pace
        self._say = say
        self._now = now
        self._pause = pause
        self._waiting: deque[PlannedRun] = deque()
        self._in_flight: list[_InFlight] = []
        self._next_start = 0.0
        self._start_wait = pace.interval

    def run(self, planned: Sequence[PlannedRun]) -> Iterator[FinishedRun]:
        """Each planned run as it ends, in no order. Runs that the journal knows are followed, not started again.

        RefusedError: the org refuses the login; the runs that were started stay in the journal.
        """
        yield from self._take_up(planned)
        end = self._now() + self._pace.time_limit
        while self._waiting or self._in_flight:
            if self._now() >= end:
                yield from self._out_of_time()
                return
            yield from self._start_next()
            yield from self._look()
            self._pause(max(0.0, min(self._next_due(), end) - self._now()))

    def _take_up(self, planned: Sequence[PlannedRun]) -> Iterator[FinishedRun]:
        for each in planned:
            run_id = self._journal.run_id(each)
            if run_id is None:
                self._waiting.append(each)
            elif run_id == UNKNOWN:
                yield FinishedRun(planned=each, problem=_UNKNOWN_START)
            else:
                self._say(f"{each}: taken up again as {run_id}")
                self._follow(each, run_id)

    def _start_next(self) -> Iterator[FinishedRun]:
        while self._waiting and len(self._in_flight) < self._pace.in_flight and self._now() >= self._next_start:
            planned = self._waiting.popleft()
            problem = self._start(planned)
            if problem:
                yield FinishedRun(planned=planned, problem=problem)

    def _start(self, planned: PlannedRun) -> str:
        """Ask for a run; why it will never run, or '' where it runs or waits to be asked for again."""
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
        self._say(f"{planned}: not started yet, next try in {self._start_wait:.0f} s: {one_line(reason)}")
        self._start_wait = min(2 * self._start_wait, LONGEST_WAIT)

    def _follow(self, planned: PlannedRun, run_id: str) -> None:
        interval = self._pace.interval
        self._in_flight.append(
            _InFlight(planned=planned, run_id=run_id, due=self._now() + interval, interval=interval)
        )

    def _look(self) -> Iterator[FinishedRun]:
        for run in [each for each in self._in_flight if each.due <= self._now()]:
            ended = self._poll(run)
            if ended:
                self._in_flight.remove(run)
                yield ended
                continue
            run.interval = min(1.5 * run.interval, LONGEST_POLL)
            run.due = self._now() + run.interval

    def _poll(self, run: _InFlight) -> FinishedRun | None:
        """The run's end, or None while it goes on: an unknown status is not an end."""
        api = _APIS[run.planned.runner]
        try:
            answer = self._org.get(f"{api.path}/{run.run_id}")
            status = answer.get("status") if isinstance(answer, dict) else None
            run.status = status.upper() if isinstance(status, str) else "not given"
            if run.status in api.bad:
                told = answer.get("errorMessage") or "the org gives no reason"
                return _without_results(run, f"the run ended as {run.status}: {one_line(str(told), 300)}")
            if run.status not in api.good:
                return None
            results = self._org.get(f"{api.path}/{run.run_id}/results")
            if isinstance(results, dict) and results.get("status") not in (None, *api.good, *api.bad):
                # the run's status is ahead of its results
                return None
        except RefusedError as error:
            if error.status in (401, 403):
                raise
            return _without_results(run, f"its results cannot be read: {error.message}")
        except ServiceError as error:
            self._say(f"{run.planned}: will be asked for again: {one_line(error.message)}")
            return None
        cases, problem = read_results(run.planned, run.run_id, results)
        return FinishedRun(planned=run.planned, run_id=run.run_id, cases=cases, problem=problem)

    def _out_of_time(self) -> Iterator[FinishedRun]:
        limit = f"after {self._pace.time_limit:.0f} s"
        for run in self._in_flight:
            problem = f"it had not ended {limit}; its status is {one_line(run.status, 60)}"
            yield FinishedRun(planned=run.planned, run_id=run.run_id, problem=problem, resumable=True)
        for planned in self._waiting:
            yield FinishedRun(planned=planned, problem=f"it had not started {limit}", resumable=True)

    def _next_due(self) -> float:
        starts = [self._next_start] if self._waiting and len(self._in_flight) < self._pace.in_flight else []
        return min([*starts, *(run.due for run in self._in_flight)], default=0.0)


def _without_results(run: _InFlight, problem: str) -> FinishedRun:
    return FinishedRun(planned=run.planned, run_id=run.run_id, problem=problem)


_UNKNOWN_START = "It is not known whether the org started it, and starting it again could make it run twice."
