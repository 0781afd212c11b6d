"""What bounds an agent in one place of its script, and the scripts with one change to it."""

from dataclasses import dataclass
from enum import StrEnum

from wavegate.findings.finding import Location


class BoundKind(StrEnum):
    """What bounds the agent in one place."""

    GUARD = "guard"
    GATE = "gate"
    BRANCH = "branch"
    CONFIRMATION = "confirmation"
    INPUT = "pinned input"
    SET = "deterministic set"
    PROHIBITION = "prohibition"


class Mutation(StrEnum):
    """The one change of a mutant. In the order in which mutants of one place are run."""

    DROPPED = "dropped"
    OFF = "off"
    OPEN = "always-true"
    SKIPPED = "never-true"
    UNPINNED = "unpinned"
    FIXED = "set-to-fixed-value"
    OR = "and-to-or"
    NEGATED = "comparison-negated"
    BOUNDARY = "boundary-moved"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """One guard, gate, confirmation, pinned input, deterministic set or prohibition.

    id: stable while other lines move: agent, topic, tool or section, and kind. topic: '' for the whole agent. tool:
    the tool, action or section that it is in. action: the action that it bounds, '' if none. text: as written.
    """

    id: str
    kind: BoundKind
    agent: str
    topic: str
    tool: str
    action: str
    text: str
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """A script with one change.

    change: what it is, a sentence. script: the whole text. equivalent: why it does not change the agent, '' if it
    does. redundant: why no conversation shows it although it does, '' if one may. widens: whether the agent may do
    more, or something else, with it. only_widens: whether it may still do all that it could.
    """

    id: str
    bound: Bound
    mutation: Mutation
    change: str
    script: str
    equivalent: str = ""
    redundant: str = ""
    widens: bool = True
    only_widens: bool = False

    @property
    def counts(self) -> bool:
        """Whether a test can be expected to notice it."""
        return not (self.equivalent or self.redundant)


class MutantVerdict(StrEnum):
    """Whether the pack notices a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    UNREACHED = "unreached"
    UNDECIDED = "undecided"
    EQUIVALENT = "equivalent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """The verdict on a mutant. killer: the test that fails, '' if none. runs: of tests on it. reason: a sentence."""

    mutant: Mutant
    verdict: MutantVerdict
    killer: str = ""
    runs: int = 0
    reason: str = ""
