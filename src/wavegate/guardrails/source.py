"""Where the commands about guardrails read files from."""

from pathlib import Path

from wavegate.files.folder import FolderSource
from wavegate.files.source import Source


def source_of(root: Path, commit: str | None) -> Source:
    """The files of a commit, or of the work tree."""
    if commit is None:
        return FolderSource(root)
    from wavegate.git.repository import CommitSource, Git

    git = Git(root)
    return CommitSource(git, git.tree(git.resolve(commit)), prefix=git.prefix)
