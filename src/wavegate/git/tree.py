"""A commit's files by mode and object id, without their contents."""

import hashlib
from collections.abc import Iterable, Mapping
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


def content_digest(
    tree: Tree, paths: Iterable[str], *, prefix: str = "", versions: Mapping[str, int] | None = None
) -> str:
    """The digest of what a release ships: hexadecimal SHA-256 over `mode blob-id path` of its files, sorted by path.

    The same content has the same digest, whichever commit holds it. Each entry ends with a NUL: no path contains one.
    paths: relative to the checkout's folder. prefix: the path of that folder in the tree, not part of the digest.
    versions: which version of each agent is activated, by name, where the manifest pins one; then `agent vN` follows
    for each, since two releases may differ in nothing else.
    """
    digest = hashlib.sha256()
    for path in sorted(set(paths)):
        entry = tree.files[prefix + path]
        digest.update(f"{entry.mode} {entry.sha} {path}\0".encode("utf-8", "surrogateescape"))
    for name, version in sorted((versions or {}).items()):
        digest.update(f"agent {name} v{version}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
