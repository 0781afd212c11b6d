"""The rollback plan: which paths of the base branch get the good release's entries back.

Everything is decided by mode and object id, so binary files, links, exec bits and renames need no case of their own.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from hashlib import sha256

from wavegate.git.tree import Tree, TreeChange, TreeEntry, parents
from wavegate.rollback.values import RollbackPlan
from wavegate.text import slug

TRAILER = "Wavegate-Rollback"
"""Git trailer of the commits that wavegate puts on a rollback branch; a commit without it is somebody else's."""


def branch_name(environment: str, *, bad: str, good: str, onto: str = "") -> str:
    """The branch of the rollback from one commit to another; two environments never share one, nor do two bases.

    onto: the base branch, where it is not the default one.
    """
    onto = f"-on-{_own_name(onto)}" if onto else ""
    return f"wavegate/rollback/{_own_name(environment)}/{bad[:12]}-to-{good[:12]}{onto}"


def _own_name(text: str) -> str:
    """The text as part of a branch name; with a digest where that is not the text itself, so that no two are one."""
    name = slug(text)
    return name if name == text else f"{name}-{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def plan_rollback(*, bad: Tree, good: Tree, base: Tree, scope: AbstractSet[str]) -> RollbackPlan:
    """Bring the paths in scope from what the bad release left back to what the good one had.

    A path that is on the base neither as the bad nor as the good release had it was changed since: a conflict,
    left alone. So is one whose place is taken by a file or folder that is to stay.
    """
    changed = [path for path in sorted(scope) if base.files.get(path) != good.files.get(path)]
    conflicts = {path for path in changed if base.files.get(path) != bad.files.get(path)}
    wanted = {path: good.files.get(path) for path in changed if path not in conflicts}
    conflicts |= _blocked(base, wanted)
    changes = tuple(TreeChange(path=path, entry=entry) for path, entry in wanted.items() if path not in conflicts)
    return RollbackPlan(
        restored=tuple(change.path for change in changes if change.entry),
        deleted=tuple(change.path for change in changes if change.entry is None),
        conflicts=tuple(sorted(conflicts)),
        changes=changes,
        unchanged=len(scope) - len(changed),
        same_release=all(bad.files.get(path) == good.files.get(path) for path in scope),
    )


def _blocked(base: Tree, wanted: Mapping[str, TreeEntry | None]) -> set[str]:
    """Paths to restore whose place is held by something of the base that stays."""
    restored = [path for path, entry in wanted.items() if entry]
    staying = base.files.keys() - wanted.keys()
    blocked = {path for path in restored if any(folder in staying for folder in parents(path))}
    replaced = {path for path in restored if path in base.folders}
    if replaced:
        blocked |= replaced.intersection(folder for path in staying for folder in parents(path))
    return blocked


def splice(before: Tree, after: Tree, known: Iterable[Tree]) -> tuple[TreeChange, ...]:
    """The entries that make one tree of another: whole folders where a known tree has that folder, else single files.

    known: trees that GitHub has, so that their folders can be named by id.
    """
    folders = {entry.sha for tree in known for entry in tree.folders.values()}
    entries: dict[str, TreeChange] = {}
    for path in _differing(before, after):
        place, entry = _place(path, after, before, folders)
        if entry is not None or place not in after.folders:
            entries[place] = TreeChange(path=place, entry=entry)
    # a file that became a folder, or the reverse, is one entry: what was below it goes with it
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
    """What to change on a branch that others have edited, and which paths keep their edit although the plan differs.

    plan: the tree that the rollback now wants. head: the branch. made: the branch as wavegate last left it.
    Only paths in scope are touched, and none that somebody edited there.
    """
    differing = [path for path in sorted(scope) if plan.files.get(path) != head.files.get(path)]
    kept = [path for path in differing if head.files.get(path) != made.files.get(path)]
    changes = [TreeChange(path=path, entry=plan.files.get(path)) for path in differing if path not in set(kept)]
    return tuple(changes), tuple(kept)


def trailer(*, bad: str, good: str) -> str:
    """The line that marks a commit as wavegate's own for one rollback."""
    return f"{TRAILER}: {bad} {good}"


def made_by_us(commits: Iterable[tuple[str, str]], mark: str) -> str | None:
    """The newest commit that holds the trailer. commits: id and message, newest first."""
    return next((sha for sha, message in commits if mark in message.splitlines()), None)


def commit_message(environment: str, *, bad: str, good: str) -> str:
    """Message of a rollback commit. It holds no text of others, which could mention people or close issues."""
    return f"Roll back {slug(environment)} from {bad[:12]} to {good[:12]}\n\n{trailer(bad=bad, good=good)}\n"
