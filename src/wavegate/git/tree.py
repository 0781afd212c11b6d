"""A commit's files by mode and object id, without their contents."""

from collections.abc import Mapping
from dataclasses import dataclass

FOLDER_MODE = "040000"
SUBMODULE_MODE = "160000"
LINK_MODE = "120000"
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
    """A whole tree. sha: its id. files, folders: by POSIX path from the repository root, without a trailing slash.

    A path that is not UTF-8 contains surrogate escapes (PEP 383), so that it still names exactly one file.
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
    """The folders that contain a path, outermost first: `a/b/c` gives `a`, `a/b`."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
