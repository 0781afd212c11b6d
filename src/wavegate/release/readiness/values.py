"""What readiness is judged from, and the score card that it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wavegate.release.manifest import Kind


class ReadinessArea(StrEnum):
    """The areas of a score card, in its order."""

    ROLLBACK = "rollback"
    OWNERS = "owners"
    IMPACT = "impact"
    SMOKE_TESTS = "smoke tests"
    JOURNEYS = "journeys"
    ACCEPTANCE = "acceptance criteria"
    LINKED = "criteria with a test"
    SIGNALS = "signals"
    SUPPORT = "support"
    REVIEW = "review"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shipped:
    """What a release ships, over all environments.

    agents, topics, actions: names; actions include those that the agents call. changing: what an action changes
    outside the conversation, in words, by the names of those that do. unclear: why it is not known what an action
    changes, by the names of those of which it is not. tested: the agents that a test's definition is
    about, by the test's name.
    """

    kinds: frozenset[Kind] = frozenset()
    agents: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    changing: Mapping[str, str] = field(default_factory=dict)
    unclear: Mapping[str, str] = field(default_factory=dict)
    tested: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaScore:
    """One area.

    missing: names of what is missing. urgent: whether it is a warning without `readiness: enforce`. at: keys and
    indexes of the manifest's entry that the first of them belongs to; empty for the area's usual place.
    """

    area: ReadinessArea
    met: int
    missing: tuple[str, ...] = ()
    urgent: bool = False
    at: tuple[str | int, ...] = ()

    @property
    def total(self) -> int:
        """How much the area asks for."""
        return self.met + len(self.missing)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreCard:
    """The readiness of one release. areas: those that ask for something. path: of its manifest."""

    path: str
    areas: tuple[AreaScore, ...]

    @property
    def met(self) -> int:
        """How much of what is asked for is there."""
        return sum(each.met for each in self.areas)

    @property
    def total(self) -> int:
        """How much is asked for."""
        return sum(each.total for each in self.areas)

    @property
    def line(self) -> str:
        """One line: 'Readiness 9 of 12: rollback 4/4, owners 5/5, smoke tests 0/2 …'."""
        areas = ", ".join(f"{each.area} {each.met}/{each.total}" for each in self.areas)
        return f"Readiness {self.met} of {self.total}: {areas}"
