"""The brief: all that a reviewer of a promotion needs, and no more."""

from dataclasses import dataclass
from enum import StrEnum

from wavegate.model.decision import Decision
from wavegate.model.deployment import Deployment
from wavegate.model.manifest import Owners
from wavegate.model.plan import ChangeKind, Plan
from wavegate.model.rehearsal import Rehearsal


class RiskLevel(StrEnum):
    """How much harm a release can do, by what it changes; it says nothing about how likely that is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, kw_only=True, slots=True)
class Risk:
    """The risk class of a release. reasons: what makes it so, plain text."""

    level: RiskLevel
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PromptChange:
    """A prompt template as a release changes it.

    added, removed: lines. lines: of a unified diff, the first of them. more: how many are left out.
    """

    name: str
    kind: ChangeKind
    added: int
    removed: int
    lines: tuple[str, ...]
    more: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Brief:
    """What a promotion changes, why it may, and how it comes back.

    decision None: there is none, and doubt says why; doubt is also why one that is there does not count, else ''.
    live: what the environment holds now, None where live_note says why that is unknown. by_hand: what people have to
    look after in a rollback. rehearsal: None where nothing said what to come back to.
    """

    plan: Plan
    decision: Decision | None
    doubt: str
    risk: Risk
    prompts: tuple[PromptChange, ...]
    live: Deployment | None
    live_note: str
    owners: Owners
    by_hand: tuple[str, ...] = ()
    rehearsal: Rehearsal | None = None
