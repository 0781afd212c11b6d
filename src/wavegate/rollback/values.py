"""Values of a rollback: the two releases, what it does to the base branch, and what the reader has to know."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from wavegate.errors import WavegateError
from wavegate.git.tree import TreeChange
from wavegate.github.proposed import Proposed
from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import OpenStop
from wavegate.release.reference import ReleaseRef


@dataclass(frozen=True, kw_only=True, slots=True)
class RollbackPlan:
    """What a rollback does to the base branch. Paths are sorted and relative to the repository's root.

    restored: paths that get the good release's entry. deleted: paths that only the bad release has.
    conflicts: paths that changed on the base after the bad release, or are blocked; they stay as they are.
    unchanged: number of paths in scope that already match the good release.
    same_release: both releases have the same files in scope, so there is nothing to roll back.
    """

    restored: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    changes: tuple[TreeChange, ...] = ()
    unchanged: int = 0
    same_release: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pages:
    """GitHub's pages for a rollback; each is '' if it is unknown.

    repository: URL of the repository. run: of the run that makes the rollback. kill_switch, restart, promotion: of
    the workflow that calls it.
    """

    repository: str = ""
    run: str = ""
    kill_switch: str = ""
    restart: str = ""
    promotion: str = ""

    def commit(self, sha: str) -> str:
        """URL of a commit; '' without a repository."""
        return f"{self.repository}/commit/{sha}" if self.repository else ""

    def compare(self, before: str, after: str) -> str:
        """URL of the difference between two commits; '' without a repository."""
        return f"{self.repository}/compare/{before}...{after}" if self.repository else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rollback:
    """A complete rollback for display.

    base: the branch to roll back. restored: what the plan changes, by kind, dependencies first. checklist: what the
    promotion does not do. owners: users and teams, `@name`. notes: further remarks for the reader. was_live: whether
    the bad release was live; otherwise its deployment failed. stops: open stops of the two releases' agents.
    fast_lane: the restored content was live before, so that its promotion needs no new evidence. activating: another
    job of the run activates the agent versions of the good release, and nobody knows yet whether it did. copies,
    cohorts: if only a pilot has the bad release, as copies of the agents; then the live agents stay as they are.
    """

    environment: str
    bad: ReleaseRef
    good: ReleaseRef
    base: str
    branch: str
    plan: RollbackPlan
    reason: str = ""
    incident: str = ""
    restored: tuple[str, ...] = ()
    checklist: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    was_live: bool = True
    stops: tuple[OpenStop, ...] = ()
    fast_lane: bool = False
    activating: bool = False
    copies: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    pages: Pages = field(default_factory=Pages)


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of a rollback. kept: paths where somebody else's edit of the branch was kept.

    incomplete: what could not be recorded, although the rollback itself was made. superseded_by: the rollback that
    somebody else opened at the same time and that is the open one now, if it is another.
    """

    name: str
    rollback: Rollback
    proposed: Proposed | None = None
    kept: Sequence[str] = ()
    incomplete: WavegateError | None = None
    superseded_by: Act | None = None
