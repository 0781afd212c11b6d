"""Values of a rollback: the two releases, and what the rollback does to the base branch."""

from dataclasses import dataclass

from wavegate.git.tree import TreeChange
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
class Rollback:
    """A complete rollback for display.

    base: the branch to roll back. order: steps after the merge. checklist: manual checks of what git cannot restore.
    owners: users and teams, `@name`. notes: further remarks for the reader.
    """

    environment: str
    bad: ReleaseRef
    good: ReleaseRef
    base: str
    branch: str
    plan: RollbackPlan
    reason: str = ""
    incident: str = ""
    order: tuple[str, ...] = ()
    checklist: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
