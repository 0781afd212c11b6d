"""The bare repository behind the double: git itself answers every question about objects, merges and ancestry."""

import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from tests.doubles.github.trees import ENVIRONMENT, Entry, GitError, TreeWriter

# a name that git would read as an expression (`main^`, `main:file`) is not the name of a ref
REF_NAME = re.compile(r"refs/[^\x00-\x20~^:?*\[\\\x7f]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file of a commit: 100644, 100755 (executable) or 120000 (the data is the link's target)."""

    data: bytes
    mode: str = "100644"


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """A commit as git stores it. author, committer: `Name <email> seconds zone`."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: str
    committer: str
    message: str


class Repository:
    """A bare repository. Names of refs are full (`refs/heads/main`), object names are full SHAs."""

    def __init__(self, folder: Path, branch: str) -> None:
        self.folder = folder
        if not folder.exists():
            command = ("init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", str(folder))
            self._git(*command, repository=False)
            # as on GitHub, a client may fetch any commit that a deployment names
            with (folder / "config").open("a", encoding="utf-8") as config:
                config.write("[uploadpack]\n\tallowAnySHA1InWant = true\n\tallowFilter = true\n")
        self._lock = Lock()
        self._reader = subprocess.Popen(
            ["git", "--git-dir", str(folder), "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
        )

    def close(self) -> None:
        """Stop the process that reads objects."""
        self._reader.communicate()

    def read(self, name: str) -> tuple[str, str, bytes] | None:
        """SHA, type and content of the object with that name (SHA, ref, `commit:path`); None if there is none."""
        if "\n" in name or not name:
            return None
        with self._lock:
            assert self._reader.stdin
            assert self._reader.stdout
            self._reader.stdin.write(name.encode() + b"\n")
            self._reader.stdin.flush()
            header = self._reader.stdout.readline().split()
            if header[-1] in {b"missing", b"ambiguous"}:
                return None
            content = self._reader.stdout.read(int(header[2]) + 1)[:-1]
        return header[0].decode(), header[1].decode(), content

    def commit(self, name: str) -> Commit | None:
        """The commit with that name."""
        found = self.read(f"{name}^{{commit}}")
        if found is None:
            return None
        head, _, message = found[2].decode("utf-8", "surrogateescape").partition("\n\n")
        fields: dict[str, list[str]] = {}
        for line in head.split("\n"):
            key, _, value = line.partition(" ")
            fields.setdefault(key, []).append(value)
        return Commit(
            sha=found[0],
            tree=fields["tree"][0],
            parents=tuple(fields.get("parent", ())),
            author=fields["author"][0],
            committer=fields["committer"][0],
            message=message.rstrip("\n"),
        )

    def tree(self, sha: str) -> dict[str, Entry] | None:
        """The entries of one folder by name; None if the SHA is not a tree."""
        found = self.read(sha)
        if found is None or found[1] != "tree":
            return None
        return parse_tree(found[2])

    def walk(self, sha: str, prefix: str = "") -> Iterable[tuple[str, Entry]]:
        """Every path in a tree, including folders; a folder comes before its contents."""
        for name, entry in (self.tree(sha) or {}).items():
            yield prefix + name, entry
            if entry.mode == "040000" and entry.sha:
                yield from self.walk(entry.sha, f"{prefix}{name}/")

    def write_blob(self, data: bytes) -> str:
        """Write a blob and return its SHA."""
        return self.write_blobs([data])[0]

    def write_blobs(self, contents: Sequence[bytes]) -> list[str]:
        """Write blobs with a single process, and return their SHAs in order."""
        blobs = (
            b"blob\nmark :%d\ndata %d\n%s\nget-mark :%d\n" % (mark, len(data), data, mark)
            for mark, data in enumerate(contents, 1)
        )
        return self._git("fast-import", "--quiet", feed=b"".join(blobs)).decode().split()

    def write_tree(self, base: str | None, changes: Mapping[str, Entry]) -> str:
        """Write a tree, a base with changes by path, and return its SHA. A folder's entry replaces the whole folder.

        Raises GitError if an entry's object is missing, or if its type does not match its mode.
        """
        with TreeWriter(self.folder, self.tree) as writer:
            return writer.splice(base, {tuple(path.split("/")): entry for path, entry in changes.items()})

    def write_commit(self, tree: str, parents: Iterable[str], message: str, identity: Mapping[str, str]) -> str:
        """Write a commit and return its SHA. identity: GIT_AUTHOR_* and GIT_COMMITTER_* variables."""
        given = [argument for parent in parents for argument in ("-p", parent)]
        command = ("commit-tree", tree, *given)
        return self._git(*command, feed=message.encode("utf-8", "surrogateescape"), more=identity).decode().strip()

    def ref(self, name: str) -> str | None:
        """The object that a ref points to."""
        found = self.read(name) if REF_NAME.fullmatch(name) and ".." not in name and "@{" not in name else None
        return found[0] if found else None

    def refs(self, prefix: str) -> dict[str, str]:
        """The refs whose full names start with a prefix, and the objects that they point to."""
        output = self._git("for-each-ref", "--format=%(objectname) %(refname)").decode()
        pairs = (line.split(" ", 1) for line in output.splitlines())
        return {name: sha for sha, name in pairs if name.startswith(prefix)}

    def set_ref(self, name: str, new: str | None, *, old: str | None = None) -> None:
        """Move, create or (None) delete a ref. old: if given, the ref must still point to it."""
        given = () if old is None else (old,)
        self._git("update-ref", *(("-d", name) if new is None else (name, new, *given)))

    def is_ref_name(self, name: str) -> bool:
        """Whether git allows a ref with this name."""
        return self._answers("check-ref-format", name)

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether a commit is the same as the other one, or in its history."""
        return self._answers("merge-base", "--is-ancestor", older, newer)

    def merge_tree(self, ours: str, theirs: str) -> str | None:
        """The tree of a merge of two commits; None if they conflict or have no common history."""
        try:
            return self._git("merge-tree", "--write-tree", ours, theirs).decode().split("\n")[0].strip()
        except GitError:
            return None

    def changed_files(self, base: str, head: str) -> dict[str, str]:
        """A commit's changes since it diverged from another one: git's letter (A, D, M, T) by path."""
        output = self._git("diff", "-z", "--no-renames", "--name-status", f"{base}...{head}").split(b"\0")
        return {os.fsdecode(path): letter.decode() for letter, path in zip(output[::2], output[1::2], strict=False)}

    def history(self, *revisions: str) -> list[str]:
        """The commits in a revision range, newest first."""
        return self._git("rev-list", *revisions).decode().split()

    def _answers(self, *command: str) -> bool:
        try:
            self._git(*command)
        except GitError:
            return False
        return True

    def _git(
        self, *command: str, feed: bytes = b"", more: Mapping[str, str] | None = None, repository: bool = True
    ) -> bytes:
        where = ["--git-dir", str(self.folder)] if repository else []
        done = subprocess.run(
            ["git", *where, *command],
            input=feed,
            capture_output=True,
            env={**ENVIRONMENT, **(more or {})},
            check=False,
        )
        if done.returncode:
            raise GitError(done.stderr.decode("utf-8", "replace").strip())
        return done.stdout


def parse_tree(content: bytes) -> dict[str, Entry]:
    """The entries of a tree object by name."""
    entries, rest = {}, content
    while rest:
        head, _, rest = rest.partition(b"\0")
        mode, _, name = head.partition(b" ")
        entries[os.fsdecode(name)] = Entry(mode=mode.decode().zfill(6), sha=rest[:20].hex())
        rest = rest[20:]
    return entries
