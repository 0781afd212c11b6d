"""The digest of what a release ships: the same content has the same digest, whichever commit holds it."""

import hashlib
from collections.abc import Iterable

from wavegate.git.tree import Tree


def content_digest(tree: Tree, paths: Iterable[str], *, prefix: str = "") -> str:
    """Hexadecimal SHA-256 over `mode blob-id path` of a release's files, sorted by path.

    Each entry ends with a NUL, which no path contains. paths: relative to the checkout's folder. prefix: the path of
    that folder in the tree, which is not part of the digest.
    """
    digest = hashlib.sha256()
    for path in sorted(set(paths)):
        entry = tree.files[prefix + path]
        digest.update(f"{entry.mode} {entry.sha} {path}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
