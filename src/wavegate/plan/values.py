"""The plan of a promotion: what it ships and changes, how it is tested, and its steps."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from wavegate.census.values import NOTHING_KNOWN, Census
from wavegate.components.changes import SHIPPED, ChangeKind, ComponentChange
from wavegate.components.component import Component, ComponentId, Project
from wavegate.components.outside import used_outside
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.files.source import Source
from wavegate.findings.finding import Finding
from wavegate.guardrails.diff.change import GuardrailChange
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.pilot.planned import PlannedPilot
from wavegate.plan.deletions import deleted_by_job, deleted_flows
from wavegate.release.manifest import Agent
from wavegate.release.pack import Pack
from wavegate.statistics.canary.power import CanaryPower
from wavegate.statistics.power_values import PackPower


@dataclass(frozen=True, kw_only=True, slots=True)
class Shard:
    """The part of a pack's runs that one job executes.

    environment: the runs use its org. part, of: from 1. runs, conversations: their numbers; a run has one
    conversation for each case.
    """

    environment: str
    pack: Pack
    part: int
    of: int
    runs: int
    conversations: int = 0


class RiskLevel(StrEnum):
    """How much harm a release can do, judged by its changes. It says nothing about the probability."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, kw_only=True, slots=True)
class Risk:
    """The risk class of a release. reasons: why, plain text."""

    level: RiskLevel
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PromptChange:
    """How a release changes one prompt template.

    added, removed: numbers of lines. lines: the first lines of a unified diff. more: number of lines left out.
    """

    name: str
    kind: ChangeKind
    added: int
    removed: int
    lines: tuple[str, ...]
    more: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a promotion does.

    commit: of the release. since: commit of the live release; None if unknown, so that everything counts as added.
    source: the commit's files. project: its Salesforce project. content: digest of what the release ships. shards: of
    the packs that run before the promotion, in the environment before; verify_shards: of those that run after the
    deployment. powers: statistical power of the packs in shards. steps: in order, plain text. findings: problems of
    the project, and deployment hazards. stages: the shipped components by the job that deploys them, in order.
    census: the expected cases of the packs' tests. guardrails: how it changes what bounds the agents; None if that
    was not compared, such as if the live release is unknown. change_class: the strictest class of the shipped files
    that differ from the live release; None like guardrails. pilot: who meets the release first, and how; None
    without a canary. With copies of agents, source, project, scope, changes, stages and agents are those of the
    copies. agents: those that the deployment activates, with the versions that it ships. canary_powers: what the
    environment's canary can settle. after_publishing: the components of the last stage, if that is deployed once the
    scripts are published.
    """

    release: str
    environment: str
    commit: str
    since: str | None
    api_version: str
    source: Source = field(repr=False)
    project: Project = field(repr=False)
    scope: ReleaseScope
    content: str
    changes: tuple[ComponentChange, ...]
    shards: tuple[Shard, ...]
    verify_shards: tuple[Shard, ...]
    powers: tuple[PackPower, ...]
    steps: tuple[str, ...]
    findings: tuple[Finding, ...]
    stages: tuple[tuple[Component, ...], ...] = ()
    census: Census = NOTHING_KNOWN
    guardrails: tuple[GuardrailChange, ...] | None = None
    change_class: ChangeClass | None = None
    agents: tuple[Agent, ...] = ()
    pilot: PlannedPilot | None = None
    canary_powers: tuple[CanaryPower, ...] = ()
    after_publishing: frozenset[ComponentId] = frozenset()

    @property
    def as_released(self) -> "Plan":
        """The plan with the scope and changes that the release has under its own names, for people to read."""
        copied = self.pilot.copied if self.pilot else None
        return replace(self, scope=copied.scope, changes=copied.changes) if copied else self

    def of_kind(self, *kinds: ChangeKind) -> tuple[Component, ...]:
        """The components whose change is of one of these kinds, sorted by id."""
        return tuple(each.component for each in self.changes if each.kind in kinds)

    @property
    def used_outside(self) -> tuple[Edge, ...]:
        """The references of what a deployment sends to components that the release leaves out, by source."""
        return used_outside(self.scope, frozenset(each.id for each in self.shipped))

    @property
    def shipped(self) -> tuple[Component, ...]:
        """The components that a deployment sends."""
        return self.of_kind(*SHIPPED)

    @property
    def deleted(self) -> tuple[Component, ...]:
        """The components that a deployment deletes. An org refuses that for flows, which are deleted afterwards."""
        return deleted_by_job(self.changes)

    @property
    def deleted_flows(self) -> tuple[Component, ...]:
        """The flows to deactivate and delete after the deployment."""
        return deleted_flows(self.changes)
