"""The plan of a promotion: what it ships, what that changes, how it is tested, and in which order it goes."""

from dataclasses import dataclass
from enum import StrEnum

from wavegate.components.changes import SHIPPED, ChangeKind, ComponentChange
from wavegate.components.component import Component
from wavegate.components.scope import ReleaseScope
from wavegate.findings.finding import Finding
from wavegate.release.pack import Pack
from wavegate.statistics.power_values import PackPower


@dataclass(frozen=True, kw_only=True, slots=True)
class Shard:
    """A part of a pack's runs that one job executes.

    environment: whose org it runs in. part, of: from 1. runs: how many it has.
    """

    environment: str
    pack: Pack
    part: int
    of: int
    runs: int


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
class Plan:
    """What a promotion does.

    since: commit of what is live in the environment; None: unknown, so that everything counts as added.
    shards: of the packs that prove the release where it is; verify_shards: of those that check it after its
    deployment. powers: what the packs of shards can show. steps: in order, plain text.
    findings: what is wrong with the project, and the pitfalls.
    """

    release: str
    environment: str
    since: str | None
    api_version: str
    scope: ReleaseScope
    changes: tuple[ComponentChange, ...]
    shards: tuple[Shard, ...]
    verify_shards: tuple[Shard, ...]
    powers: tuple[PackPower, ...]
    steps: tuple[str, ...]
    findings: tuple[Finding, ...]

    def of_kind(self, *kinds: ChangeKind) -> tuple[Component, ...]:
        """The components that change in one of these ways, sorted by id."""
        return tuple(each.component for each in self.changes if each.kind in kinds)

    @property
    def shipped(self) -> tuple[Component, ...]:
        """The components that a deployment sends."""
        return self.of_kind(*SHIPPED)
