"""Which test a result belongs to, and what every reader of results needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

from wavegate.evidence.observation import MAX_LATENCY, MAX_NAME, MAX_RUN, Observation, Outcome, Subject
from wavegate.findings.finding import Finding, Location, Severity
from wavegate.text import clip

Evidence = Observation | Finding
TestKey = tuple[str, str]
"""Suite and test."""

_Shape = TypeVar("_Shape")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """What a result file is about.

    file: its name for people. test: the one that it belongs to as a whole; None where each entry names its own.
    run: the number of the run that it holds. subject: what its user vouches that it is about.
    names: every test by its name and its definition, where that is one test only.
    """

    file: str
    test: TestKey | None = None
    run: int = 1
    subject: Subject | None = None
    names: Mapping[str, TestKey] = field(default_factory=dict)

    def finding(self, rule: str, message: str, fix: str, *, line: int = 1) -> Finding:
        """A finding about this file; evidence that cannot be used is never a pass."""
        return Finding(
            rule=f"evidence/{rule}",
            severity=Severity.ERROR,
            location=Location(file=self.file, line=line),
            message=clip(message, 500),
            fix=fix,
        )

    def unknown(self) -> Finding:
        """The finding for a result that belongs to no test."""
        return self.finding(
            "unknown-test",
            "The result belongs to no test of the packs that are judged.",
            "Name the file after the test or its definition, or give it as `--results TEST=PATH`.",
        )

    def repeated(self, key: str, *, line: int = 1) -> Finding:
        """The finding for a key that an object holds twice: either value could be the one that was meant."""
        return self.finding(
            "malformed", f"An object holds the key {key} twice.", "Take the file as its runner wrote it.", line=line
        )

    def compressed(self) -> Finding:
        """The finding for a file that was compressed."""
        return self.finding("compressed", "The file is compressed.", "Unpack it.")

    def incomplete(self, message: str) -> Finding:
        """The finding for a run that did not end well, or is not there whole."""
        return self.finding("incomplete-run", message, "Run the test again and take the results of a completed run.")


def shaped(document: object, shape: type[_Shape], about: Attribution) -> _Shape | Finding:
    """The document as that shape; a finding where it has another one."""
    try:
        return msgspec.convert(document, shape)
    except (msgspec.ValidationError, RecursionError) as error:
        return about.finding(
            "malformed", f"The result has an unexpected shape: {error}.", "Take the file as its runner wrote it."
        )


def observation(
    about: Attribution,
    *,
    test: TestKey,
    case: object,
    outcome: Outcome,
    latency: float | None,
    time: datetime | None,
    runner: str,
    run: int | None = None,
) -> Observation:
    """What a runner's file says of a case, in the bounds of an observation.

    latency: milliseconds; one that is no plausible measurement is none. run: None takes the file's.
    """
    return Observation(
        suite=test[0],
        test=test[1],
        case=clip(str(case), MAX_NAME) or "1",
        run=min(about.run if run is None else run, MAX_RUN),
        outcome=outcome,
        latency=latency if latency is not None and 0 < latency < MAX_LATENCY else None,
        subject=about.subject,
        runner=runner,
        time=time,
    )
