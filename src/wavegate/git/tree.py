"""A commit's files as git names them: by mode and object id, never by content."""

from collections.abc import Mapping
from dataclasses import dataclass

FOLDER_MODE = "040000"
SUBMODULE_MODE = "160000"
REGULAR_MODES = frozenset({"100644", "100755"})


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeEntry:
    """What a tree holds at a path. mode: six octal digits (`100644`, `120000`, …). sha: the object's id."""

    mode: str
    sha: str

    @property
    def type(self) -> str:
        """The object's type: blob, tree, or commit for a submodule."""
        return {FOLDER_MODE: "tree", SUBMODULE_MODE: "commit"}.get(self.mode, "blob")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """A whole tree. sha: its id. files, folders: by path from the repository's top, POSIX, folders without a slash.

    A path that is not UTF-8 holds surrogate escapes (PEP 383), so that it still names one file.
    """

    sha: str
    files: Mapping[str, TreeEntry]
    folders: Mapping[str, TreeEntry]


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeChange:
    """One entry to set in a tree; entry None deletes the file."""

    path: str
    entry: TreeEntry | None


def parents(path: str) -> list[str]:
    """The folders that hold a path, outermost first: `a/b/c` gives `a`, `a/b`."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
