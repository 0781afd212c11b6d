"""A promotion as the rules of the ledger see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wavegate.ledger.environment import ShippedRelease
from wavegate.release.manifest import Environment, Manifest


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldRequest:
    """A promotion of a commit.

    content: digest of what it ships to the environment, '' if unknown. contents: the same for all environments of the
    manifest, by name. commit: full SHA, '' if unknown. agents: API names of those that it ships. actor: login of the
    person who started this attempt, '' if unknown. run: URL of the workflow run, '' outside Actions. now:
    timezone-aware. The ledger decides the rest. fast_lane: whether `fast_lane_of` found an earlier deployment.
    during_rollback: whether a rollback is open in an environment of the manifest. restores: whether this is what one
    of them restores, in this environment or in one after it.
    """

    manifest: Manifest
    environment: Environment
    content: str
    agents: tuple[str, ...]
    actor: str
    now: datetime
    commit: str = ""
    contents: Mapping[str, str] = field(default_factory=dict)
    run: str = ""
    fast_lane: bool = False
    during_rollback: bool = False
    restores: bool = False

    @property
    def release(self) -> ShippedRelease:
        """What identifies the release in the environment."""
        return ShippedRelease(content=self.content, commit=self.commit)

    def release_in(self, environment: str) -> ShippedRelease:
        """What identifies it in an environment of the manifest."""
        if environment == self.environment.name:
            return self.release
        return ShippedRelease(content=self.contents.get(environment, ""), commit=self.commit)
