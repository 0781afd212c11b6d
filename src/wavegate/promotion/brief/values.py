"""The values of a brief."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from wavegate.components.component import ComponentId
from wavegate.gate.decision import Decision
from wavegate.github.pages import RepositoryPages
from wavegate.github.reviews.open_items import OpenItem
from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.deployment import Deployment
from wavegate.plan.values import Plan, PromptChange, Risk
from wavegate.promotion.brief.coverage import Coverage
from wavegate.promotion.stops import StopEffect
from wavegate.promotion.values import Refusal
from wavegate.release.freeze import FreezeWindow
from wavegate.release.manifest import Owners
from wavegate.release.readiness.values import ScoreCard
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
class EnvironmentHolds:
    """What the ledger says to this promotion.

    refusals: why it would be refused, whatever its evidence. stops: the open stops of the agents that it ships, and
    what each does to it. lock, rollback: the open ones. lane: why it needs no new evidence in the fast lane, '' if it
    does. passed: the lock and the freeze that it passes as a rollback, in sentences. override: a person's reason for
    bypassing the rules, '' for none; actor: that person's login. overridden: the refusals that it lifts.
    next_freeze: the next window that is still ahead.
    """

    refusals: tuple[Refusal, ...] = ()
    stops: tuple[tuple[OpenStop, StopEffect], ...] = ()
    lock: Act | None = None
    rollback: Act | None = None
    lane: str = ""
    passed: tuple[str, ...] = ()
    override: str = ""
    actor: str = ""
    overridden: tuple[Refusal, ...] = ()
    next_freeze: FreezeWindow | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentMove:
    """What a promotion does to an agent. before, after: `v2`, `stopped` or `inactive`; '' if unknown.

    changed: whether components of its own change.
    """

    name: str
    before: str = ""
    after: str = ""
    changed: bool = False

    @property
    def stays(self) -> bool:
        """Whether nothing of the agent changes."""
        return not self.changed and self.after in ("", self.before)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewItems:
    """What reviews left open, the oldest due first. today: in UTC. problem: why that is not known, '' if it is."""

    items: tuple[OpenItem, ...] = ()
    today: date
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class BriefLinks:
    """Where the reviewer can read more.

    run: URL of this attempt of the run, or ''. pull_request: its number. folder: of the Salesforce project in the
    repository, '' or with a trailing slash.
    """

    pages: RepositoryPages = field(default_factory=RepositoryPages)
    run: str = ""
    pull_request: int | None = None
    folder: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Brief:
    """What a promotion changes, what authorizes it, what holds it back, and how it can be rolled back.

    doubt: why there is no decision, or why the decision does not count; '' if it counts. live: the release that is
    live in the environment; if None, live_note says why. manual_steps: what people must do in a rollback. rehearsal:
    None if the release to restore is unknown. validation, holds: None if they are unknown. changed_files: by
    component, the paths in the repository of its files that differ from the live commit. agents: what becomes of
    each. is_canary: whether the rollout gives access to a pilot first. readiness: the score card, None if unknown.
    reviews: what earlier reviews left open, None if the manifest plans none.
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
    holds: EnvironmentHolds | None = None
    links: BriefLinks = field(default_factory=BriefLinks)
    changed_files: Mapping[ComponentId, tuple[str, ...]] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    agents: tuple[AgentMove, ...] = ()
    is_canary: bool = False
    readiness: ScoreCard | None = None
    reviews: ReviewItems | None = None
