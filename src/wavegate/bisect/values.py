"""What a search for the change that made a test fail works with, and what it finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wavegate.git.tree import TreeEntry
from wavegate.statistics.two_ends import EndCounts, PassCount


class UnitKind(StrEnum):
    """What a unit of change is: components, the manifest's pins, a file of no component, or what does not ship."""

    COMPONENTS = "components"
    PINS = "pins"
    FILE = "file"
    UNSHIPPED = "not shipped"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeUnit:
    """A change that is replayed as a whole. Names and paths are untrusted.

    id: unique, for people too. members: its components and what happened to each, such as `Flow:Refund` `changed`.
    files: what the bad release has at each path that differs, relative to the checkout; None where it has nothing.
    requires: ids of the units without which this one is not consistent. weight: how likely it is the cause, over 0.
    """

    id: str
    kind: UnitKind
    members: tuple[tuple[str, str], ...]
    files: Mapping[str, TreeEntry | None]
    requires: frozenset[str] = frozenset()
    weight: float = 1.0


class Likeness(StrEnum):
    """What a probe was proven to be. between: better than the bad release and worse than the good one."""

    GOOD = "good"
    BAD = "bad"
    BETWEEN = "between"


class ProbePurpose(StrEnum):
    """Why a probe was made: to halve the suspects, or to check an answer both ways."""

    HALVE = "halve"
    ALONE = "alone"
    WITHOUT = "without"


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """The good release with some changes, and how the test did. likeness None: it was not settled.

    number: from 1. changes: ids of the units, in the order of suspicion. errors: runs without a result.
    """

    number: int
    purpose: ProbePurpose
    changes: tuple[str, ...]
    counts: PassCount
    errors: int
    likeness: Likeness | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CulpritSet:
    """Changes that only together make the good release fail. ids in the order in which they were found.

    culprits: without one of them, it passes. along: other units that a consistent release with them needs.
    dropped: units that had to be left out together with the culprits, when the rest of the bad release was tried.
    partial: whether the set alone makes the test fail less often than the bad release.
    """

    culprits: tuple[str, ...]
    along: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    partial: bool = False


class StopReason(StrEnum):
    """Why a search ended without an answer; '' if it has one."""

    NONE = ""
    RUNS = "runs"
    TIME = "time"
    ERRORS = "errors"
    SAME = "same"
    REVERSED = "reversed"


@dataclass(frozen=True, kw_only=True, slots=True)
class BisectSide:
    """One of the two releases."""

    name: str
    commit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitWords:
    """What a unit changed, in words. texts: of prompts and instructions. guardrails: a sentence each. owners: who."""

    texts: tuple[str, ...] = ()
    guardrails: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BisectReport:
    """The answer, or how far the search came.

    found: each set alone makes the good release fail. complete: without them, the bad release passes, so there is no
    other cause. suspects: if it is not complete, ids of changes of which at least one is a part of the cause; after
    `found`, of which one may be another cause. ends: how both releases did. runs: made, with those that could not be
    judged. errors: of them. confidence: that the whole answer is right, a fraction. deterministic: each release was
    run once, because the program always answers the same. problem: the first reason why a run could not be judged.
    words: by unit id.
    """

    suite: str
    test: str
    good: BisectSide
    bad: BisectSide
    environment: str
    units: tuple[ChangeUnit, ...]
    found: tuple[CulpritSet, ...]
    complete: bool
    suspects: tuple[str, ...]
    stopped: StopReason
    ends: EndCounts
    probes: tuple[Probe, ...]
    runs: int
    errors: int
    budget: int
    confidence: float
    deterministic: bool = False
    problem: str = ""
    words: Mapping[str, UnitWords] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """`found` if every cause is named, else `inconclusive`."""
        return "found" if self.complete else "inconclusive"

    @property
    def runs_per_probe(self) -> float:
        """Mean runs of a settled probe; of an end, if there is none."""
        settled = [each.counts.runs for each in self.probes if each.likeness]
        return sum(settled) / len(settled) if settled else self.ends.runs / 2
