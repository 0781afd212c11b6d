"""Reads observations and transcripts from JSON Lines, as a program prints them or a file stores them."""

from typing import Any

import msgspec

from wavegate.errors import InputError
from wavegate.evidence.observation import Observation, Outcome
from wavegate.evidence.transcript import Transcript
from wavegate.smoke.values import CaseResult, PlannedRun
from wavegate.text import one_line


def read_transcript(data: bytes | str, *, path: str, line: int) -> Transcript:
    """Read one transcript. InputError with its position if it is invalid."""
    try:
        return msgspec.json.decode(data, type=Transcript)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"Invalid transcript: {one_line(str(error), 200)}.",
            fix="Write it as schemas/transcript.schema.json describes.",
            file=path,
            line=line,
        ) from None


def read_case(data: bytes, planned: PlannedRun) -> CaseResult:
    """Read one case of a planned run: an observation if the object has an `outcome`, otherwise a transcript.

    Suite, test and run default to those of the planned run, and must match it if present.
    ValueError describes what is wrong, without quoting the line.
    """
    try:
        fields: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any])
        own = {"suite": planned.suite, "test": planned.test, "run": planned.run}
        if "outcome" not in fields:
            del own["suite"]
        differing = [name for name, value in own.items() if fields.get(name, value) != value]
        if differing:
            raise ValueError(f"its {' and '.join(differing)} differ from the planned run")
        if "outcome" in fields:
            return CaseResult(observation=msgspec.convert({**own, **fields}, Observation))
        return case_of(msgspec.convert({**own, **fields}, Transcript), planned)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(one_line(str(error), 200)) from None


def case_of(transcript: Transcript, planned: PlannedRun) -> CaseResult:
    """A transcript as a case, with the transcript's own rating."""
    observation = Observation(
        suite=planned.suite,
        test=planned.test,
        case=transcript.case,
        run=planned.run,
        outcome=transcript.rating or Outcome.ERROR,
        latency=transcript.latency,
    )
    return CaseResult(observation=observation, transcript=transcript, rated=transcript.rating is not None)
