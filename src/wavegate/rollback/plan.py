"""The rollback plan: which paths of the base branch return to their entries in the good release.

Only file modes and object ids are compared, so binary files, links, exec bits and renames need no special cases.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from hashlib import sha256

from wavegate.git.tree import Tree, TreeChange, TreeEntry, parents
from wavegate.rollback.values import RollbackPlan
from wavegate.text import slug

TRAILER = "Wavegate-Rollback"
"""Git trailer of wavegate's commits on a rollback branch. A commit without it is by somebody else."""


def branch_name(environment: str, *, bad: str, good: str, onto: str = "") -> str:
    """The name of a rollback branch, unique for environment, both commits and base branch.

    bad, good: full SHAs. onto: the base branch; '' for the default branch.
    """
    onto = f"-on-{unique_slug(onto)}" if onto else ""
    return f"wavegate/rollback/{unique_slug(environment)}/{bad[:12]}-to-{good[:12]}{onto}"


def unique_slug(text: str) -> str:
    """The text as part of a branch name. If characters had to change, a digest keeps different texts apart."""
    name = slug(text)
    return name if name == text else f"{name}-{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def plan_rollback(*, bad: Tree, good: Tree, base: Tree, scope: AbstractSet[str]) -> RollbackPlan:
    """Restore the paths in scope from the bad release's entries to the good release's.

    A path that matches neither release on the base was changed later. It is a conflict and stays as it is. So does a
    path that is blocked by a file or folder that must stay.
    """
    changed = [path for path in sorted(scope) if base.files.get(path) != good.files.get(path)]
    conflicts = {path for path in changed if base.files.get(path) != bad.files.get(path)}
    target = {path: good.files.get(path) for path in changed if path not in conflicts}
    conflicts |= _blocked(base, target)
    changes = tuple(TreeChange(path=path, entry=entry) for path, entry in target.items() if path not in conflicts)
    return RollbackPlan(
        restored=tuple(change.path for change in changes if change.entry),
        deleted=tuple(change.path for change in changes if change.entry is None),
        conflicts=tuple(sorted(conflicts)),
        changes=changes,
        unchanged=len(scope) - len(changed),
        same_release=all(bad.files.get(path) == good.files.get(path) for path in scope),
    )


def _blocked(base: Tree, target: Mapping[str, TreeEntry | None]) -> set[str]:
    """Paths to restore that collide with a file or folder that stays on the base."""
    restored = [path for path, entry in target.items() if entry]
    staying = base.files.keys() - target.keys()
    blocked = {path for path in restored if any(folder in staying for folder in parents(path))}
    replaced = {path for path in restored if path in base.folders}
    if replaced:
        blocked |= replaced.intersection(folder for path in staying for folder in parents(path))
    return blocked


def splice(before: Tree, after: Tree, known: Iterable[Tree]) -> tuple[TreeChange, ...]:
    """The entries that turn one tree into another: a whole folder if a known tree has it, else single files.

    known: trees that GitHub already stores, so that their folders can be referenced by id.
    """
    folders = {entry.sha for tree in known for entry in tree.folders.values()}
    entries: dict[str, TreeChange] = {}
    for path in _differing(before, after):
        place, entry = _place(path, after, before, folders)
        if entry is not None or place not in after.folders:
            entries[place] = TreeChange(path=place, entry=entry)
    # if a file replaces a folder, one entry is enough: what was below the folder goes with it
    return tuple(each for path, each in sorted(entries.items()) if not any(up in after.files for up in parents(path)))


def _place(path: str, after: Tree, before: Tree, folders: AbstractSet[str]) -> tuple[str, TreeEntry | None]:
    for folder in parents(path):
        entry = after.folders.get(folder)
        if entry and entry.sha in folders and entry != before.folders.get(folder):
            return folder, entry
    return path, after.files.get(path)


def _differing(before: Tree, after: Tree) -> list[str]:
    paths = before.files.keys() | after.files.keys()
    return [path for path in paths if before.files.get(path) != after.files.get(path)]


def keep_edits(
    plan: Tree, *, head: Tree, made: Tree, scope: AbstractSet[str]
) -> tuple[tuple[TreeChange, ...], tuple[str, ...]]:
    """Changes for a branch that others have edited, and the paths that keep their edit although the plan differs.

    plan: the tree that the rollback should produce now. head: the branch. made: the branch as wavegate last wrote it.
    Only paths in scope change, and only those that nobody edited on the branch.
    """
    differing = [path for path in sorted(scope) if plan.files.get(path) != head.files.get(path)]
    kept = [path for path in differing if head.files.get(path) != made.files.get(path)]
    changes = [TreeChange(path=path, entry=plan.files.get(path)) for path in differing if path not in set(kept)]
    return tuple(changes), tuple(kept)


def trailer(*, bad: str, good: str) -> str:
    """The trailer line that marks a commit as wavegate's, for one rollback."""
    return f"{TRAILER}: {bad} {good}"


def made_by_us(commits: Iterable[tuple[str, str]], mark: str) -> str | None:
    """SHA of the newest commit with the trailer; None if none has it. commits: SHA and message, newest first."""
    return next((sha for sha, message in commits if mark in message.splitlines()), None)


def commit_message(environment: str, *, bad: str, good: str) -> str:
    """Message of a rollback commit. It contains no untrusted text, which could mention people or close issues."""
    return f"Roll back {slug(environment)} from {bad[:12]} to {good[:12]}\n\n{trailer(bad=bad, good=good)}\n"
