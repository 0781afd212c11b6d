"""Reads the results of an org's test run: observations and transcripts of its cases."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from wavegate.evidence import studio, testing_center
from wavegate.evidence.observation import Observation
from wavegate.evidence.source import Attribution, Evidence, TestKey
from wavegate.evidence.transcript import Transcript
from wavegate.findings.finding import Finding
from wavegate.release.pack import PackTest
from wavegate.smoke.transcripts import center_transcript, studio_transcript, with_own_actions
from wavegate.smoke.values import CaseResult, PlannedRun, Runner

_PARSERS: Mapping[Runner, Callable[[object, Attribution], Iterator[Evidence]]] = {
    Runner.TESTING_CENTER: testing_center.parse,
    Runner.AGENTFORCE_STUDIO: studio.parse,
}
_TRANSCRIPTS: Mapping[Runner, Callable[[PlannedRun, Mapping[str, Any]], Transcript]] = {
    Runner.TESTING_CENTER: center_transcript,
    Runner.AGENTFORCE_STUDIO: studio_transcript,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultsReader:
    """Reads the results of runs.

    agents: the release's agents, by case-folded name; results about any other agent are a problem. Empty: any agent.
    tests: the packs' tests, which say which checks of a result count. of_copies: whether the runs are of a pilot's
    copies.
    """

    agents: frozenset[str] = frozenset()
    tests: Mapping[TestKey, PackTest] = field(default_factory=dict)
    of_copies: bool = False

    def read(self, planned: PlannedRun, run_id: str, document: object) -> tuple[tuple[CaseResult, ...], str]:
        """The cases of a run, and the problem with its results, or ''."""
        about = Attribution(
            file=run_id,
            test=(planned.suite, planned.test),
            run=planned.run,
            agents=self.agents,
            tests=self.tests,
        )
        evidence = list(_PARSERS[planned.runner](document, about))
        problems = [each.message for each in evidence if isinstance(each, Finding)]
        observations = [replace(each, run_id=run_id) for each in evidence if isinstance(each, Observation)]
        transcripts = _transcripts(planned, document) if observations else {}
        if self.of_copies:
            transcripts = {case: with_own_actions(each) for case, each in transcripts.items()}
        cases = tuple(_case(each, transcripts.get(each.case)) for each in observations)
        return cases, " ".join(problems)


def _transcripts(planned: PlannedRun, document: object) -> dict[str, Transcript]:
    # the parser has already accepted the document's shape, down to the cases, and reported a case without a shape
    listed = document["testCases"] if isinstance(document, dict) else []
    entries: list[dict[str, Any]] = [each for each in listed if isinstance(each, dict)]
    return {each.case: each for each in (_TRANSCRIPTS[planned.runner](planned, entry) for entry in entries)}


def _case(observation: Observation, transcript: Transcript | None) -> CaseResult:
    if transcript is not None:
        transcript = replace(transcript, latency=observation.latency)
    return CaseResult(observation=observation, transcript=transcript)
