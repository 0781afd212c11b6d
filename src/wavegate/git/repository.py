"""The checkout's git repository, read and written through the git command.

Paths may be hostile, so they are passed NUL-terminated. The user's work tree and index are never touched.
"""

import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from wavegate.errors import InputError, ServiceError
from wavegate.files.folder import FILE_LIMIT
from wavegate.git.objects import GitObject, Objects
from wavegate.git.process import Credentials, GitProcess
from wavegate.git.tree import FOLDER_MODE, REGULAR_MODES, Tree, TreeChange, TreeEntry
from wavegate.text import one_line

FETCH_TIMEOUT = 600.0
"""Seconds for a fetch."""
_ABSENT = re.compile(r"not our ref ([0-9a-f]{40,64})")
_NO_REVISION = re.compile(r"[\n\0]")
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_RAW = re.compile(r"(?m)^:\d+ 100\d+ [0-9a-f]+ ([0-9a-f]+) ")
"""A line of `git log --raw` that leaves a regular file."""
_IDENTITY = {
    "GIT_AUTHOR_NAME": "wavegate",
    "GIT_AUTHOR_EMAIL": "wavegate@localhost",
    "GIT_COMMITTER_NAME": "wavegate",
    "GIT_COMMITTER_EMAIL": "wavegate@localhost",
}


class Git:
    """The repository that holds a folder."""

    def __init__(self, root: Path, *, credentials: Credentials | None = None) -> None:
        self._git = GitProcess(root, credentials=credentials)
        self._objects = Objects(self._git)
        self._trees: dict[str, Tree] = {}
        self._source = credentials.source if credentials else "origin"
        try:
            self.prefix = self._git.text("rev-parse", "--show-prefix")
        except ServiceError as error:
            raise _unreadable(root, error) from None
        """The folder's path relative to the repository root: empty, or with a trailing slash."""

    def resolve(self, revision: str) -> str:
        """The commit that a revision (id, branch, tag) names. InputError: none, or a branch and a tag differ."""
        found, branch, tag = self._commits(revision, f"refs/heads/{revision}", f"refs/tags/{revision}")
        if branch and tag and branch != tag:
            name = one_line(revision, 100)
            raise InputError(
                f"{name} is the name of a branch and of a tag, which are different commits.",
                fix=f"Write refs/heads/{name} or refs/tags/{name}.",
            )
        if found:
            return found
        if revision == "HEAD":
            raise InputError(
                "The repository has no commit yet.",
                fix="Commit the release's files: releases are read from commits.",
            )
        raise InputError(
            f"{one_line(revision, 100)} is not a commit of this repository.",
            fix="Use a commit, branch or tag of this checkout; fetch it first if necessary.",
        )

    def resolve_branch(self, branch: str) -> str:
        """The commit of a branch, local or else of `origin`; a tag of that name does not count. InputError: none."""
        name = branch.removeprefix("refs/heads/").removeprefix("origin/")
        local, remote = self._commits(f"refs/heads/{name}", f"refs/remotes/origin/{name}")
        if commit := local or remote:
            return commit
        raise InputError(
            f"This checkout has no branch {one_line(branch, 100)}.",
            fix="Check its name, or fetch it: git fetch origin.",
        )

    def _commits(self, *revisions: str) -> list[str]:
        """The commits that revisions name, in order; '' for none."""
        if any(_NO_REVISION.search(each) for each in revisions):
            return [""] * len(revisions)
        return [each.sha if each else "" for each in self._read([f"{each}^{{commit}}" for each in revisions])]

    def named(self, revision: str) -> str:
        """The commit that a revision names. A full SHA is returned as it is: a shallow checkout may not have it."""
        return revision if _SHA.fullmatch(revision) else self.resolve(revision)

    def ensure(self, commits: Iterable[str]) -> None:
        """Fetch the commits that are missing locally, in one call."""
        needed = list(dict.fromkeys(commits))
        for commit in needed:
            if not _SHA.fullmatch(commit):
                message = f"{one_line(commit, 100)} is not a full commit SHA."
                raise InputError(message, fix="Give the full SHA of the commit.")
        if missing := self._missing(needed):
            self._fetch(missing)
        if missing := self._missing(needed):
            raise _gone(missing[0])

    def tree(self, commit: str) -> Tree:
        """The whole tree of a commit or tree id, read once. Submodules are files of mode 160000."""
        if commit not in self._trees:
            self._trees[commit] = self._read_tree(commit)
        return self._trees[commit]

    def _read_tree(self, commit: str) -> Tree:
        files: dict[str, TreeEntry] = {}
        folders: dict[str, TreeEntry] = {}
        for record in self._git.run("ls-tree", "-r", "-t", "-z", "--full-tree", commit).split(b"\0")[:-1]:
            head, _, name = record.partition(b"\t")
            mode, _, sha = head.decode().split(" ")
            target = folders if mode == FOLDER_MODE else files
            target[name.decode("utf-8", "surrogateescape")] = TreeEntry(mode=mode, sha=sha)
        (own,) = self._read([f"{commit}^{{tree}}"])
        return Tree(sha=own.sha if own else commit, files=files, folders=folders)

    def write_tree(self, base: str, changes: Collection[TreeChange]) -> Tree:
        """Apply the changes to a base tree, and write the resulting tree as local objects."""
        # deletions first: a folder must be gone before a file takes its name
        ordered = sorted(changes, key=lambda change: change.entry is not None)
        lines = b"".join(_index_line(change, none="0" * len(base)) for change in ordered)
        with tempfile.TemporaryDirectory(prefix="wavegate-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git.run("read-tree", base, extra=index)
            self._git.run("update-index", "--replace", "-z", "--index-info", stdin=lines, extra=index)
            sha = self._git.run("write-tree", "--missing-ok", extra=index).decode().strip()
        return self.tree(sha)

    def write_blob(self, data: bytes) -> str:
        """Write a file's content as a local object, unconverted, and return its id."""
        return self._git.run("hash-object", "-w", "--stdin", stdin=data).decode().strip()

    def commit_tree(self, tree: str, *, parents: Sequence[str], message: str) -> str:
        """Create a commit of a tree and return its id. The identity is the user's if git knows one."""
        identity = {} if self._has_identity() else _IDENTITY
        options = [argument for parent in parents for argument in ("-p", parent)]
        return self._git.run("commit-tree", tree, *options, stdin=message.encode(), extra=identity).decode().strip()

    def parents(self, commit: str) -> tuple[str, ...]:
        """The parents of a commit as it names them itself, also if a shallow clone does not have them."""
        header = self._git.run("cat-file", "commit", commit).partition(b"\n\n")[0].decode("utf-8", "replace")
        return tuple(line.removeprefix("parent ") for line in header.splitlines() if line.startswith("parent "))

    def branch_head(self, branch: str) -> str | None:
        """The commit at the tip of a local branch, or None."""
        heads = self._git.run("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}").decode().split()
        return heads[0] if heads else None

    def history(self, branch: str, limit: int = 50) -> tuple[tuple[str, str], ...]:
        """Id and message of a local branch's commits, newest first; empty if there is no such branch."""
        if self.branch_head(branch) is None:
            return ()
        log = self._git.text("log", "-z", f"-{limit}", "--format=%H%n%B", f"refs/heads/{branch}", "--")
        commits = (record.partition("\n") for record in log.split("\0"))
        return tuple((sha, message) for sha, _, message in commits)

    def first_parents(self, commit: str, folders: Sequence[str], limit: int) -> tuple[str, ...]:
        """The commits from this one along first parents that change a file in one of the folders, newest first.

        folders: relative to this folder; '' for all of it.
        """
        options = ("--first-parent", f"-{limit}", "--format=%H", commit)
        paths = [each or "." for each in folders]
        literally = {"GIT_LITERAL_PATHSPECS": "1"}
        return tuple(self._git.run("log", *options, "--", *paths, extra=literally).decode().split())

    def versions(self, path: str) -> tuple[str, ...]:
        """Ids of the blobs that a file has been in any commit of this clone, newest first."""
        literally = {"GIT_LITERAL_PATHSPECS": "1"}
        options = ("--all", "-m", "--format=", "--raw", "--no-abbrev", "--no-renames", "--full-history")
        log = self._git.run("log", *options, "--", path, extra=literally).decode("utf-8", "replace")
        return tuple(dict.fromkeys(match[1] for match in _RAW.finditer(log)))

    def is_shallow(self) -> bool:
        """Whether the checkout has only a part of the history."""
        return self._git.text("rev-parse", "--is-shallow-repository") == "true"

    def move_branch(self, branch: str, commit: str, *, expected: str | None) -> None:
        """Set a local branch, if it still points to the expected commit (None: it does not exist)."""
        self._git.run("update-ref", f"refs/heads/{branch}", commit, expected or "0" * len(commit))

    def current_branch(self) -> str:
        """The checked-out branch, or HEAD if none is."""
        return self._git.text("rev-parse", "--abbrev-ref", "HEAD")

    def head_branch(self) -> str | None:
        """The branch that HEAD names, which may have no commit yet; None if HEAD is detached."""
        try:
            return self._git.text("symbolic-ref", "--quiet", "--short", "HEAD")
        except ServiceError:
            return None

    def origin(self) -> str:
        """The URL of the remote `origin` as it is written, without `url.*.insteadOf`; '' if there is none."""
        try:
            urls = self._git.text("config", "--get-all", "remote.origin.url").splitlines()
        except ServiceError:
            return ""
        return next(filter(None, urls), "")

    def default_branch(self) -> str | None:
        """The default branch of `origin`; None if this clone does not know it."""
        try:
            return self._git.text("symbolic-ref", "--short", "refs/remotes/origin/HEAD").removeprefix("origin/")
        except ServiceError:
            return None

    def blobs(self, shas: Sequence[str]) -> Iterator[bytes | None]:
        """The content of blobs in order; None for one that is too large or missing."""
        for found in self._objects.read(shas, limit=FILE_LIMIT):
            yield found.data if found and found.kind == "blob" else None

    def _read(self, names: Sequence[str]) -> list[GitObject | None]:
        return list(self._objects.read(names, limit=0))

    def _missing(self, commits: Sequence[str]) -> list[str]:
        found = zip(commits, self._read(commits), strict=True)
        return [sha for sha, each in found if each is None or each.kind != "commit"]

    def _fetch(self, commits: Sequence[str]) -> None:
        # a depth would truncate the history of a full clone; a shallow one has none to lose
        depth = ["--depth=1"] if self.is_shallow() else []
        options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", *depth]
        try:
            self._git.run("fetch", *options, self._source, *commits, timeout=FETCH_TIMEOUT)
        except ServiceError as error:
            if absent := _ABSENT.search(error.message):
                raise _gone(absent[1]) from None
            raise ServiceError(
                f"A release's commit is not in the checkout and cannot be fetched: {error.message}",
                fix="Check that the token has `contents: read`, or check out with `fetch-depth: 0`; then retry.",
            ) from None

    def _has_identity(self) -> bool:
        try:
            self._git.run("var", "GIT_COMMITTER_IDENT")
        except ServiceError:
            return False
        return True


class CommitSource:
    """The files of a commit, as a project's source. prefix: keeps only paths that start with it, and removes it."""

    def __init__(self, git: Git, tree: Tree, *, prefix: str = "") -> None:
        self._git = git
        self._files = {
            path.removeprefix(prefix): entry for path, entry in tree.files.items() if path.startswith(prefix)
        }

    def entry(self, path: str) -> TreeEntry | None:
        """Mode and object id of a file; None if the commit does not have it."""
        return self._files.get(path)

    def paths(self) -> Sequence[str]:
        """Every file's path, sorted."""
        return sorted(self._files)

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Content by path. A link, a submodule, or a file larger than FILE_LIMIT is left out."""
        regular = [path for path in paths if path in self._files and self._files[path].mode in REGULAR_MODES]
        contents = self._git.blobs([self._files[path].sha for path in regular])
        return {path: data for path, data in zip(regular, contents, strict=True) if data is not None}


def _unreadable(root: Path, error: ServiceError) -> InputError:
    place = one_line(str(root), 200)
    if "dubious ownership" in error.message:
        return InputError(
            f"git refuses to read {place}, because it belongs to another user.",
            fix=f"Allow it in a step before this one: git config --global --add safe.directory {place}",
        )
    return InputError(
        f"{place} is not in a git repository: {error.message}",
        fix="Check out the repository first (actions/checkout), or give its folder with --root.",
    )


def _gone(commit: str) -> InputError:
    return InputError(
        f"Commit {commit} is neither in the checkout nor on the server.",
        fix="Push it to any branch from a clone that has it, or name another commit with --target (rollback) or "
        "--live (plan, deploy).",
    )


def _index_line(change: TreeChange, *, none: str) -> bytes:
    """One line for `update-index --index-info`. none: the id of no object, which is as long as the others."""
    mode, sha = (change.entry.mode, change.entry.sha) if change.entry else ("0", none)
    return f"{mode} {sha}\t{change.path}\0".encode("utf-8", "surrogateescape")
