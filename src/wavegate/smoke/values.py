"""A smoke run: one test of a pack, run once, and what comes of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from wavegate.evidence.observation import Observation
from wavegate.evidence.transcript import Transcript


class Runner(StrEnum):
    """What runs a test. The first two are an org's own."""

    TESTING_CENTER = "testing-center"
    AGENTFORCE_STUDIO = "agentforce-studio"
    COMMAND = "command"
    REPLAY = "replay"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class PlannedRun:
    """One test of a pack, to be run once. run: from 1. definition: what it is called where it runs."""

    suite: str
    test: str
    run: int
    definition: str = field(compare=False)
    runner: Runner = field(compare=False)

    def __str__(self) -> str:
        return f"{self.test} run {self.run}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseResult:
    """What one case showed.

    transcript: None where the runner does not tell what was said and done.
    rated: whether the runner judged the case; the observation of one that it did not is an error until checks do.
    """

    observation: Observation
    transcript: Transcript | None = None
    rated: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class FinishedRun:
    """A planned run that is over.

    run_id: the runner's own, '' where there is none. problem: why there is no result, or not all of one.
    resumable: asking again for the same run may still bring its result.
    """

    planned: PlannedRun
    run_id: str = ""
    cases: tuple[CaseResult, ...] = ()
    problem: str = ""
    resumable: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TestReport:
    """One test and how often its cases ended how."""

    __test__ = False

    suite: str
    test: str
    runs: int
    passed: int
    failed: int
    errors: int
    violations: int
