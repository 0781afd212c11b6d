"""Two commits of a checkout, as sources of files."""

from dataclasses import dataclass
from pathlib import Path

from wavegate.files.folder import FolderSource
from wavegate.files.source import Source
from wavegate.git.repository import CommitSource, Git
from wavegate.github.connect import GitHubAccess

WORK_TREE = "work tree"
"""What stands in place of a commit for the files as they are in the folder."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TwoCommits:
    """The commits, by full id, and their files below the folder. head: `work tree` for the files as they are.

    changed: paths that one of the two has, or that differ, sorted. outside: changed paths of the repository that are
    not below the folder; none of a work tree.
    """

    base: str
    head: str
    before: Source
    after: Source
    changed: tuple[str, ...]
    outside: tuple[str, ...] = ()


def read_two_commits(root: Path, base: str, head: str, *, work_tree: bool) -> TwoCommits:
    """The two commits. base, head: a commit, branch or tag; a full SHA that a shallow clone lacks is fetched.

    work_tree: the later side is the folder's files, whether they are committed or not. InputError: a name that is not
    a commit.
    """
    git = Git(root, credentials=GitHubAccess.from_environment(root).credentials())
    commits = [git.named(base), git.named(head or "HEAD")]
    git.ensure(commits)
    before, after = (CommitSource(git, git.tree(each), prefix=git.prefix) for each in commits)
    later: Source = FolderSource(root) if work_tree else after
    return TwoCommits(
        base=commits[0],
        head=WORK_TREE if work_tree else commits[1],
        before=before,
        after=later,
        changed=_changed_in_folder(before, later) if work_tree else _changed(before, after),
        outside=() if work_tree else _outside(git, commits),
    )


def _outside(git: Git, commits: list[str]) -> tuple[str, ...]:
    if not git.prefix:
        return ()
    whole = [CommitSource(git, git.tree(each)) for each in commits]
    return tuple(each for each in _changed(*whole) if not each.startswith(git.prefix))


def _changed(before: CommitSource, after: CommitSource) -> tuple[str, ...]:
    paths = {*before.paths(), *after.paths()}
    return tuple(sorted(each for each in paths if before.entry(each) != after.entry(each)))


def _changed_in_folder(before: Source, after: Source) -> tuple[str, ...]:
    """Hidden folders are not looked into: what is in them counts as unchanged."""
    old, new = set(before.paths()), set(after.paths())
    was, now = before.read(sorted(old & new)), after.read(sorted(old & new))
    differ = {each for each in old & new if was.get(each) != now.get(each)}
    lost = {each for each in old - new if not any(part.startswith(".") for part in each.split("/")[:-1])}
    return tuple(sorted(differ | lost | (new - old)))
