"""The brief: all that a reviewer of a promotion needs, and no more."""

from dataclasses import dataclass

from wavegate.gate.decision import Decision
from wavegate.ledger.deployment import Deployment
from wavegate.plan.values import Plan, PromptChange, Risk
from wavegate.release.manifest import Owners
from wavegate.rollback.rehearsal_values import Rehearsal


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
