"""A rollback: which release goes, which comes back, and what that does to the base branch."""

from dataclasses import dataclass

from wavegate.git.tree import TreeChange
from wavegate.release.reference import ReleaseRef


@dataclass(frozen=True, kw_only=True, slots=True)
class RollbackPlan:
    """What a rollback does to the base branch. All paths are from the repository's top, sorted.

    restored: get the good release's entry. deleted: only the bad release has them.
    conflicts: changed on the base after the bad release; they stay as the base has them.
    unchanged: number of paths in scope that are as the good release has them already.
    same_release: the two releases have the same files in scope, so there is nothing to roll back.
    """

    restored: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    changes: tuple[TreeChange, ...] = ()
    unchanged: int = 0
    same_release: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rollback:
    """A whole rollback, as it is shown.

    base: the branch that it is for. order: what to do after the merge, step by step.
    checklist: what git cannot restore. owners: users and teams, `@name`. notes: what the reader should know.
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
