"""The plan of a promotion: what it ships, what that changes, how it is tested, and in which order it goes."""

from dataclasses import dataclass
from enum import StrEnum

from wavegate.model.component import Component
from wavegate.model.finding import Finding
from wavegate.model.pack import Pack
from wavegate.model.power import PackPower
from wavegate.model.scope import ReleaseScope


class ChangeKind(StrEnum):
    """What a release does to a component of the environment.

    kept: the project has it no more, and the org keeps it, since an agent's earlier version is the way back.
    """

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    KEPT = "kept"


SHIPPED = frozenset({ChangeKind.ADDED, ChangeKind.CHANGED})
"""What a deployment sends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One component that the release adds, changes or removes. One inside another's file counts as that one."""

    component: Component
    kind: ChangeKind


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
    changes: tuple[Change, ...]
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
