"""Drafts the commit of a capture's branch."""

from wavegate.capture.prepare import commit_message, trailer
from wavegate.capture.values import Capture
from wavegate.git.repository import Git
from wavegate.git.tree import Tree, TreeChange, TreeEntry
from wavegate.rollback.drafter import BranchDrafter


def capture_drafter(git: Git, tree: Tree, sha: str, capture: Capture) -> BranchDrafter:
    """Drafts the commits. tree, sha: of the base branch. New contents are written as local objects."""
    files = {git.prefix + path: data for path, data in capture.files.items()}
    blobs = {path: git.write_blob(data) for path, data in files.items()}
    modes = {path: tree.files[path].mode if path in tree.files else "100644" for path in files}
    changes = [TreeChange(path=path, entry=TreeEntry(mode=modes[path], sha=blob)) for path, blob in blobs.items()]
    return BranchDrafter(
        git=git,
        base=tree,
        base_sha=sha,
        target=git.write_tree(tree.sha, changes),
        scope=frozenset(files),
        known=(tree,),
        mark=trailer(capture.tests),
        message=commit_message(capture),
        doing="capture",
        contents={blob: files[path] for path, blob in blobs.items()},
        follows_base=False,
    )
