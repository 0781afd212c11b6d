"""A capture without GitHub: the same files, as a local branch or in a folder."""

from pathlib import Path

from wavegate.capture.drafting import capture_drafter
from wavegate.capture.options import CaptureOptions
from wavegate.capture.prepare import CaptureBase, prepare_capture, read_capture_base, redacted_failures
from wavegate.capture.rerun import with_reruns
from wavegate.capture.values import Capture, CaptureResult
from wavegate.conversations.read import ReadConversations
from wavegate.errors import InputError
from wavegate.files.folder import FolderSource
from wavegate.files.whole import write_whole
from wavegate.git.repository import CommitSource, Git
from wavegate.smoke.policies import Search


def capture_to_folder(
    options: CaptureOptions, read: ReadConversations, search: Search, folder: Path
) -> CaptureResult:
    """Write the files below a folder. What is there already is read from the work tree."""
    base = read_capture_base(FolderSource(options.root), options)
    capture = _prepared(options, base, read, search)
    if not capture.tests:
        return CaptureResult(name=capture.without_tests, capture=capture)
    if options.dry_run:
        return CaptureResult(name="dry-run", capture=capture)
    known = base.source.read(list(capture.files))
    targets = {path: folder / path for path in capture.files}
    for path, target in targets.items():
        _check_target(path, target, folder, known.get(path))
    # the pack last: a test that it names has a spec
    for path in sorted(targets, key=lambda each: each == capture.pack):
        write_whole(targets[path], capture.files[path])
    return CaptureResult(name="written", capture=capture)


def capture_to_branch(options: CaptureOptions, read: ReadConversations, search: Search) -> CaptureResult:
    """Create a local branch. The work tree is not changed."""
    git = Git(options.root)
    sha = git.resolve_branch(options.base) if options.base else git.resolve("HEAD")
    tree = git.tree(sha)
    base = read_capture_base(CommitSource(git, tree, prefix=git.prefix), options)
    capture = _prepared(options, base, read, search)
    if not capture.tests:
        return CaptureResult(name=capture.without_tests, capture=capture)
    if options.dry_run:
        return CaptureResult(name="dry-run", capture=capture)
    drafter = capture_drafter(git, tree, sha, capture)
    is_new = drafter.write_locally(capture.branch)
    return CaptureResult(name="local" if is_new else "unchanged", capture=capture, kept=drafter.kept)


def _prepared(options: CaptureOptions, base: CaptureBase, read: ReadConversations, search: Search) -> Capture:
    failed = redacted_failures(options, base, read, search)
    return with_reruns(prepare_capture(options, base, failed, search), options, search)


def _check_target(path: str, target: Path, folder: Path, known: bytes | None) -> None:
    """InputError: the file exists there with other contents than in the checkout, or a link leads elsewhere."""
    parent = next(each for each in target.parents if each.exists())
    if folder.exists() and not parent.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"A symbolic link takes {path} outside the folder.", fix="Remove the link.")
    if target.is_symlink() or (target.exists() and (not target.is_file() or target.read_bytes() != known)):
        raise InputError(
            f"{path} exists in the folder, with other contents than in the checkout.",
            fix="Choose an empty folder, or the checkout itself.",
        )
