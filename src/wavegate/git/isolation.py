"""A folder that git takes for a repository's common one: the same objects and refs, without its settings and hooks.

Source: GIT_COMMON_DIR in git(1), and gitrepository-layout(5) for what is read from there.
"""

import shutil
import tempfile
from pathlib import Path

_SHARED = ("objects", "refs", "reftable", "packed-refs", "logs", "shallow", "info/exclude", "info/attributes")


def make_common_folder(git_folder: Path, settings: str, *, within: str | None = None) -> Path:
    """Make the folder. git_folder: of the repository or work tree. settings: of the configuration. Raises OSError.

    within: an existing folder; None for the usual one of temporary files.
    """
    common = common_folder(git_folder)
    folder = Path(tempfile.mkdtemp(prefix="wavegate-git-", dir=within))
    try:
        (folder / "info").mkdir()
        with (folder / "config").open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
            stream.write(settings)
        for name in _SHARED:
            if (common / name).exists():
                (folder / name).symlink_to(common / name)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def common_folder(git_folder: Path) -> Path:
    """The folder that a repository's work trees share, which is its own in the usual case. Raises OSError."""
    try:
        shared = (git_folder / "commondir").read_bytes()
    except FileNotFoundError:
        return git_folder
    return (git_folder / shared.decode("utf-8", "surrogateescape").rstrip("\n")).resolve()


def work_tree(root: Path, git_folder: Path) -> Path | None:
    """The top of the work tree that a folder is in; None in a bare repository.

    It is where `.git` lies, whatever core.worktree says: a checkout could name another user's files there.
    """
    root = root.resolve()
    for folder in (root, *root.parents):
        marker = folder / ".git"
        if marker.is_file() or (marker.is_dir() and marker.samefile(git_folder)):
            return folder
    return None
