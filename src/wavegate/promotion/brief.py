"""The brief: what the reviewer of a promotion needs to know, and nothing else."""

from dataclasses import dataclass
from typing import Literal

from wavegate.gate.decision import Decision
from wavegate.ledger.deployment import Deployment
from wavegate.plan.values import Plan, PromptChange, Risk
from wavegate.release.manifest import Owners
from wavegate.rollback.rehearsal_values import Rehearsal

ValidationResult = Literal["validated", "validated-in-part", "unchanged", "no-credentials", "off"]
"""What came of the validation in the org before the approval: the org accepts the release; it accepts what can be
validated; nothing to deploy; no credentials for the org; disabled."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ValidationSummary:
    """The validation before the approval. org: its URL, or ''. tests: Apex tests that passed, None if unknown."""

    result: ValidationResult
    org: str = ""
    tests: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Brief:
    """What a promotion changes, what authorizes it, and how it can be rolled back.

    doubt: why there is no decision, or why the decision does not count; '' if it counts. live: the release that is
    live in the environment; if None, live_note says why. manual_steps: what people must do in a rollback. rehearsal:
    None if the release to restore is unknown. validation: None if it is unknown.
    """

    plan: Plan
    decision: Decision | None
    doubt: str
    risk: Risk
    prompts: tuple[PromptChange, ...]
    live: Deployment | None
    live_note: str
    owners: Owners
    manual_steps: tuple[str, ...] = ()
    rehearsal: Rehearsal | None = None
    validation: ValidationSummary | None = None
