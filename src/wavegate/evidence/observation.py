"""An observation: the outcome of one test case in one run, and the subject it was observed on.

These values are msgspec structs instead of dataclasses. They are frozen and keyword-only too, but msgspec decodes
them strictly and in C, so that judging a million of them takes only a small multiple of the time to parse them.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from wavegate.release.pack import ViolationSeverity

CLOCK_SKEW = timedelta(minutes=5)
"""How far the clock of a machine that dates evidence may be ahead of ours."""
MAX_RUN = 100_000
"""The highest run number."""

RUN_CASE = "(run)"
"""The case of an error of a whole run, beside its cases."""

MAX_LATENCY = 1e9
"""Milliseconds, about eleven days."""
MAX_CHECKS = 50
"""Kinds of checks in one observation."""
MAX_QUOTE = 500
"""Characters of a quote."""
MAX_NAME = 500
"""Characters in the name of a suite, test, case or policy."""

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
VersionBasis = Literal["proved", "pinned", "assumed", ""]
Versions = tuple[tuple[tuple[str, int], ...], VersionBasis]
"""Version number by agent, and how they are known."""
Moment = Annotated[datetime, Meta(tz=True)]


class Wire(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    """Base of the values read and written as JSON: frozen, camelCase in JSON, an unknown field is an error."""


class Outcome(StrEnum):
    """The outcome of a case. error: no judgement was reached; it never counts as a pass."""

    PASS = "pass"  # noqa: S105 - an outcome
    FAIL = "fail"
    ERROR = "error"


class Violation(Wire, frozen=True, kw_only=True):
    """A policy that the agent violated.

    confirmed: False while it is only suspected and needs human review. detail: how, without quoting the agent.
    """

    policy: Name
    severity: ViolationSeverity
    confirmed: bool = True
    detail: Annotated[str, Meta(max_length=MAX_QUOTE)] = ""


class Subject(Wire, frozen=True, kw_only=True):
    """What was observed. Any part may be unknown.

    commit: 40 hexadecimal digits. manifest, pack: digest of the file, hexadecimal. environment: its name.
    org: its 15 or 18 character id. agents: version number by API name. version_basis: how the versions are known.
    proved: the runner names the version that it ran. pinned: the test's definition names it. assumed: it was active
    before and after the run. '': the evidence does not say.
    """

    commit: str | None = None
    manifest: str | None = None
    pack: str | None = None
    environment: str | None = None
    org: str | None = None
    agents: dict[str, int] = {}
    version_basis: VersionBasis = ""

    def differences(self, other: "Subject") -> tuple[str, ...]:
        """Names of the parts that are known in both and differ; agents as `agent <name>`."""
        parts = ("commit", "manifest", "pack", "environment")
        pairs = [(part, getattr(self, part), getattr(other, part)) for part in parts]
        # the 18 character form of an id is the 15 character one and a checksum
        pairs.append(("org", (self.org or "")[:15], (other.org or "")[:15]))
        differing = [part for part, mine, theirs in pairs if mine and theirs and mine != theirs]
        shared = sorted(self.agents.keys() & other.agents.keys())
        return (*differing, *(f"agent {name}" for name in shared if self.agents[name] != other.agents[name]))

    def lacking(self, other: "Subject | None") -> tuple[str, ...]:
        """Which of commit and org are known here, but not in the other one."""
        return tuple(part for part in ("commit", "org") if getattr(self, part) and not getattr(other, part, None))


class Observation(Wire, frozen=True, kw_only=True):
    """One case of a test in one run: one line of an observations file.

    run: from 1; a case that is run 15 times has observations 1 to 15. latency: milliseconds, None if it was not
    measured. subject: None if the file does not state it. runner: what ran it. run_id: the runner's id of the run.
    time: when it was observed, with a time zone. checks: outcomes of the runner's own checks by kind, the worst of a
    kind. The pack says which kinds count. quote: what the agent said where it failed, shortened, without personal
    data; '' if it passed or nobody recorded it.
    """

    suite: Name
    test: Name
    case: Name = "1"
    run: Annotated[int, Meta(ge=1, le=MAX_RUN)] = 1
    outcome: Outcome
    checks: Annotated[dict[Name, Outcome], Meta(max_length=MAX_CHECKS)] = {}
    violations: tuple[Violation, ...] = ()
    latency: Annotated[float, Meta(ge=0, le=MAX_LATENCY)] | None = None
    subject: Subject | None = None
    runner: Annotated[str, Meta(max_length=500)] = ""
    run_id: Annotated[str, Meta(max_length=500)] = ""
    time: Moment | None = None
    quote: Annotated[str, Meta(max_length=MAX_QUOTE)] = ""
