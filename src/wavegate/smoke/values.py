"""One run of a test in a smoke run, planned and finished, and its results."""

from dataclasses import dataclass, field
from enum import StrEnum

from wavegate.evidence.observation import Observation
from wavegate.evidence.transcript import Transcript


class Runner(StrEnum):
    """What runs a test. The first two run it in the org."""

    TESTING_CENTER = "testing-center"
    AGENTFORCE_STUDIO = "agentforce-studio"
    COMMAND = "command"
    REPLAY = "replay"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class PlannedRun:
    """One test of a pack, to be run once. run: from 1. definition: the test's name in its runner."""

    suite: str
    test: str
    run: int
    definition: str = field(compare=False)
    runner: Runner = field(compare=False)

    def __str__(self) -> str:
        return f"{self.test} run {self.run}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseResult:
    """The result of one case.

    transcript: None if the runner does not report what was said and done.
    rated: whether the runner judged the case. If not, the observation is an error until policies are checked.
    """

    observation: Observation
    transcript: Transcript | None = None
    rated: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class FinishedRun:
    """A planned run that is over.

    run_id: the runner's id for it; '' if there is none. problem: why results are missing, or ''.
    resumable: another smoke run may still get the results.
    """

    planned: PlannedRun
    run_id: str = ""
    cases: tuple[CaseResult, ...] = ()
    problem: str = ""
    resumable: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TestReport:
    """One test, with its observations counted by outcome."""

    __test__ = False

    suite: str
    test: str
    runs: int
    passed: int
    failed: int
    errors: int
    violations: int
