"""An observation: what one case of one test showed in one run, and what it was observed on.

These values are msgspec structs, not dataclasses: as frozen and keyword-only, but decoded from a JSON line in C
and strictly, which is what judging a million of them within a small multiple of parsing them takes.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from wavegate.release.pack import ViolationSeverity

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of ours the clock of a machine may be that dates evidence."""
MAX_RUN = 100_000
"""The highest number a run may have."""

MAX_LATENCY = 1e9
"""Milliseconds, about eleven days."""
MAX_NAME = 500
"""Characters of a name: of a suite, test, case or policy."""

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
Moment = Annotated[datetime, Meta(tz=True)]


class Wire(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    """Base of what is read and written as JSON: frozen, camelCase outside, an unknown field is an error."""


class Outcome(StrEnum):
    """What a case showed. error: no judgement was reached; it is never a pass."""

    PASS = "pass"  # noqa: S105 - an outcome
    FAIL = "fail"
    ERROR = "error"


class Violation(Wire, frozen=True, kw_only=True):
    """A policy that the agent broke. confirmed False: suspected, a person has yet to look."""

    policy: Name
    severity: ViolationSeverity
    confirmed: bool = True


class Subject(Wire, frozen=True, kw_only=True):
    """What was observed; each part may be unknown.

    commit: 40 hexadecimal digits. manifest, pack: `sha256` of the file, hexadecimal. environment: its name.
    org: its 15 or 18 character id. agents: version number by API name.
    """

    commit: str | None = None
    manifest: str | None = None
    pack: str | None = None
    environment: str | None = None
    org: str | None = None
    agents: dict[str, int] = {}

    def differences(self, other: "Subject") -> tuple[str, ...]:
        """Names of the parts that both know and that differ; agents as `agent <name>`."""
        parts = ("commit", "manifest", "pack", "environment")
        pairs = [(part, getattr(self, part), getattr(other, part)) for part in parts]
        # the 18 character form of an id is the 15 character one and a checksum
        pairs.append(("org", (self.org or "")[:15], (other.org or "")[:15]))
        differing = [part for part, mine, theirs in pairs if mine and theirs and mine != theirs]
        shared = sorted(self.agents.keys() & other.agents.keys())
        return (*differing, *(f"agent {name}" for name in shared if self.agents[name] != other.agents[name]))


class Observation(Wire, frozen=True, kw_only=True):
    """One case of a test, once. One line of an observations file.

    run: from 1; a case that is run 15 times has observations 1 to 15. latency: milliseconds, None where it was not
    measured. subject None: the file does not say. runner: what ran it. run_id: that runner's id of the run.
    time: when it was observed, with its zone.
    """

    suite: Name
    test: Name
    case: Name = "1"
    run: Annotated[int, Meta(ge=1, le=MAX_RUN)] = 1
    outcome: Outcome
    violations: tuple[Violation, ...] = ()
    latency: Annotated[float, Meta(ge=0, le=MAX_LATENCY)] | None = None
    subject: Subject | None = None
    runner: Annotated[str, Meta(max_length=500)] = ""
    run_id: Annotated[str, Meta(max_length=500)] = ""
    time: Moment | None = None
