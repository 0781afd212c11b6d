"""The test that a result belongs to, and what all result readers share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

from wavegate.evidence.json_document import Cases
from wavegate.evidence.observation import MAX_LATENCY, MAX_NAME, MAX_RUN, Observation, Outcome, Subject
from wavegate.findings.finding import Finding, Location, Severity
from wavegate.release.pack import PackTest
from wavegate.text import clip

Evidence = Observation | Finding
TestKey = tuple[str, str]
"""Suite and test."""

AS_WRITTEN = "Use the file exactly as its runner wrote it."
"""What to do about a file that is not in its runner's format."""

_Shape = TypeVar("_Shape")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """What a result file is about.

    file: its name in messages. test: the test of all its results; None if each result names its own.
    run: its run number. subject: what the user declares the results are about.
    names: tests by their unambiguous names and definitions. agents: the release's agents, by case-folded name; empty
    if the release names none. tests: the packs' tests, which say what counts in their results.
    """

    file: str
    test: TestKey | None = None
    run: int = 1
    subject: Subject | None = None
    names: Mapping[str, TestKey] = field(default_factory=dict)
    agents: frozenset[str] = frozenset()
    tests: Mapping[TestKey, PackTest] = field(default_factory=dict)

    def pack_test(self, key: TestKey) -> PackTest:
        """The pack's test; one that only has that name if the packs are unknown."""
        return self.tests.get(key) or PackTest(name=key[1])

    def finding(self, rule: str, message: str, fix: str, *, line: int = 1) -> Finding:
        """An error about this file: unusable evidence is never a pass."""
        return Finding(
            rule=f"evidence/{rule}",
            severity=Severity.ERROR,
            location=Location(file=self.file, line=line),
            message=clip(message, 500),
            fix=fix,
        )

    def unknown(self) -> Finding:
        """The finding for a result whose test is unknown."""
        return self.finding(
            "unknown-test",
            "The result does not belong to a test of these packs.",
            "Name the file after the test or its definition, or pass it as `--results TEST=PATH`.",
        )

    def duplicate_key(self, key: str, *, line: int = 1) -> Finding:
        """The finding for a duplicate key: either of its values could be the intended one."""
        return self.finding("malformed", f"Duplicate key {key} in one object.", AS_WRITTEN, line=line)

    def compressed(self) -> Finding:
        """The finding for a compressed file."""
        return self.finding("compressed", "The file is compressed.", "Decompress it.")

    def incomplete(self, message: str) -> Finding:
        """The finding for a run that failed or whose results are incomplete."""
        return self.finding("incomplete-run", message, "Rerun the test and use the results of a completed run.")


def shaped(document: object, shape: type[_Shape], about: Attribution) -> _Shape | Finding:
    """The document converted to that shape, or a finding if it does not fit."""
    try:
        return msgspec.convert(document, shape)
    except (msgspec.ValidationError, RecursionError) as error:
        return about.finding("malformed", f"The result has an unexpected shape: {error}.", AS_WRITTEN)


def shaped_cases(cases: object, shape: type[_Shape], about: Attribution) -> Iterator[_Shape | Finding]:
    """The cases converted to that shape, up to the first one that does not fit, for which there is a finding."""
    if not isinstance(cases, list | Cases):
        yield about.finding("malformed", "The result has an unexpected shape: its cases are not a list.", AS_WRITTEN)
        return
    try:
        for case in cases:
            item = shaped(case, shape, about)
            yield item
            if isinstance(item, Finding):
                return
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        yield about.finding("malformed", f"The file is not JSON: {error}.", AS_WRITTEN)


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
    checks: Mapping[str, Outcome] | None = None,
) -> Observation:
    """The observation for a case in a runner's file, clipped to the limits of an observation.

    latency: milliseconds; an implausible value is dropped. run: None means the file's run number.
    """
    return Observation(
        suite=test[0],
        test=test[1],
        case=clip(str(case), MAX_NAME) or "1",
        run=min(about.run if run is None else run, MAX_RUN),
        outcome=outcome,
        checks=dict(checks or {}),
        latency=latency if latency is not None and 0 < latency < MAX_LATENCY else None,
        subject=about.subject,
        runner=runner,
        time=time,
    )
