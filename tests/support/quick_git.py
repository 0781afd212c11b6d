"""A git repository whose objects are written and read by this process, in git's own format.

Git itself still answers what takes more than objects: merges, differences, and whatever is not known here.
"""

import hashlib
import os
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

from tests.doubles.github.git import Repository, parse_tree
from tests.doubles.github.trees import KINDS, Entry, GitError, splice

from wavegate.git.objects import GitObject, Objects
from wavegate.git.process import GitProcess

_SHA = re.compile(r"[0-9a-f]{40}")
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = {bare}\n"

Found = tuple[str, str, bytes]
"""SHA, type and content of an object."""


class LooseObjects:
    """The loose objects of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Found] = {}
        self.trees: dict[str, dict[str, Entry]] = {}
        folder.mkdir(parents=True)

    def read(self, sha: str) -> Found | None:
        """An object; None if the folder does not have it."""
        if sha not in self._known:
            try:
                data = zlib.decompress((self._folder / sha[:2] / sha[2:]).read_bytes())
            except FileNotFoundError:
                return None
            head, _, content = data.partition(b"\0")
            self._known[sha] = (sha, head.split()[0].decode(), content)
        return self._known[sha]

    def write(self, kind: str, content: bytes) -> str:
        """Write an object, and return its SHA."""
        data = f"{kind} {len(content)}\0".encode() + content
        sha = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        if sha not in self._known:
            self._known[sha] = (sha, kind, content)
            place = self._folder / sha[:2] / sha[2:]
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(zlib.compress(data, 1))
        return sha


class QuickRepository(Repository):
    """The double's repository. Objects and the default branch need no process."""

    def __init__(self, folder: Path, branch: str) -> None:
        self.folder = folder
        self.objects = LooseObjects(folder / "objects")
        self._head = f"refs/heads/{branch}"
        (folder / "refs/heads").mkdir(parents=True)
        (folder / "HEAD").write_text(f"ref: {self._head}\n")
        (folder / "config").write_text(_CONFIG.format(bare="true"))

    def close(self) -> None:
        """Nothing runs."""

    def read(self, name: str) -> Found | None:
        """SHA, type and content of the object with that name (SHA, ref, `commit:path`); None if there is none."""
        revision, colon, path = name.partition(":")
        found = self._peeled(revision)
        return self._inside(found, path) if found and colon else found

    def tree(self, sha: str) -> dict[str, Entry] | None:
        """The entries of one folder by name; None if the SHA is not a tree."""
        trees = self.objects.trees
        if sha not in trees and (entries := super().tree(sha)) is not None:
            trees[sha] = entries
        return trees.get(sha)

    def _peeled(self, name: str) -> Found | None:
        name, caret, kind = name.partition("^")
        found = self._named(name)
        if not caret or not found:
            return found
        if kind == "{tree}" and found[1] == "commit":
            return self._named(found[2].split(b"\n")[0].split()[1].decode())
        assert kind in {"{commit}", "{tree}"}, f"{name}^{kind} is not supported"
        return found if found[1] == kind[1:-1] else None

    def _named(self, name: str) -> Found | None:
        if _SHA.fullmatch(name):
            return self.objects.read(name)
        for place in (".", "refs", "refs/tags", "refs/heads"):
            with suppress(OSError), open(f"{self.folder}/{place}/{name}") as file:  # noqa: PTH123 - it is read often
                return self._named(file.read().strip().removeprefix("ref: "))
        return None

    def _inside(self, found: Found, path: str) -> Found | None:
        place: str | None = found[0] if found[1] == "tree" else (self._peeled(f"{found[0]}^{{tree}}") or found)[0]
        for part in filter(None, path.split("/")):
            entry = (self.tree(place) or {}).get(part) if place else None
            place = entry.sha if entry else None
        return self.objects.read(place) if place else None

    def write_blobs(self, contents: Sequence[bytes]) -> list[str]:
        """Write blobs, and return their SHAs in order."""
        return [self.objects.write("blob", each) for each in contents]

    def write_tree(self, base: str | None, changes: Mapping[str, Entry]) -> str:
        """Write a tree as `git mktree` does, which checks that its objects exist and match their modes."""
        by_segments = {tuple(path.split("/")): entry for path, entry in changes.items()}
        return splice(base, by_segments, read=self.tree, write=self._write)

    def _write(self, entries: Mapping[str, Entry]) -> str:
        content = b""
        # git sorts a folder as if its name ended with a slash
        for name in sorted(entries, key=lambda each: os.fsencode(each) + b"/" * (entries[each].mode == "040000")):
            entry = entries[name]
            found = self.objects.read(entry.sha or "")
            if not found or found[1] != KINDS[entry.mode]:
                raise GitError(f"{name}: {entry.mode} {entry.sha} is missing or of another type")
            content += f"{entry.mode.lstrip('0')} ".encode() + os.fsencode(name) + b"\0" + bytes.fromhex(found[0])
        return self.objects.write("tree", content)

    def set_ref(self, name: str, new: str | None, *, old: str | None = None) -> None:
        """Move, create or (None) delete a ref. old: if given, the ref must still point to it."""
        if name != self._head or new is None:
            super().set_ref(name, new, old=old)
            return
        if old is not None and self.ref(name) != old:
            raise GitError(f"{name} is not at {old}")
        (self.folder / name).write_text(f"{new}\n")


class QuickCheckout:
    """A clean checkout of the whole repository, without an index.

    What asks git about the work tree is answered as for one in which nothing was changed.
    """

    def __init__(self, folder: Path, repository: QuickRepository) -> None:
        self._folder, self._repository = folder, repository
        self._own = LooseObjects(folder / ".git/objects")
        (folder / ".git/objects/info").mkdir()
        (folder / ".git/objects/info/alternates").write_text(f"{repository.folder}/objects\n")
        (folder / ".git/refs/heads").mkdir(parents=True)
        (folder / ".git/config").write_text(_CONFIG.format(bare="false"))
        self._head = ""
        self._files: dict[str, Entry] = {}

    def move(self, commit: str) -> None:
        """Fetch everything, and check out a commit."""
        self._head = commit
        self._write_files(commit)
        (self._folder / ".git/HEAD").write_text(f"{commit}\n")
        remote = self._folder / ".git/refs/remotes/origin"
        for each in (self._repository.folder / "refs/heads").rglob("*"):
            if each.is_file():
                place = remote / each.relative_to(self._repository.folder / "refs/heads")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(each.read_bytes())

    def _write_files(self, commit: str) -> None:
        files = {path: entry for path, entry in self._entries(commit) if entry.mode != "040000"}
        for path in self._files.keys() - files.keys():
            (self._folder / path).unlink()
        for path, entry in files.items():
            if self._files.get(path) != entry:
                (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
                found = self._repository.read(str(entry.sha))
                (self._folder / path).write_bytes(found[2] if found else b"")
        self._files = files

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer the product's questions to git about this checkout."""
        run_into = GitProcess.run_into

        def run(process: GitProcess, reply: IO[bytes], *arguments: str, **options: Any) -> None:
            answer = self._answer(arguments)
            if answer is None:
                run_into(process, reply, *arguments, **options)
            else:
                reply.write(answer)

        def read(_: Objects, names: Sequence[str], limit: int) -> list[GitObject | None]:
            return [self._object(each, limit) for each in names]

        with patch.object(GitProcess, "run_into", run), patch.object(Objects, "_answers", read):
            yield

    def _answer(self, arguments: tuple[str, ...]) -> bytes | None:
        match arguments:
            case ("rev-parse", "--show-prefix"):
                return b"\n"
            case ("status", "--porcelain", "-z", *_):
                return b""
            case ("ls-files", "-t", "-z"):
                return b"".join(b"H " + os.fsencode(path) + b"\0" for path in self._files)
            case ("ls-tree", "-r", "-t", "-z", "--full-tree", tree):
                return b"".join(_line(path, entry) for path, entry in self._entries(tree))
        return None

    def _entries(self, name: str) -> Iterator[tuple[str, Entry]]:
        tree = self._repository.read(f"{name}^{{tree}}") or self._own.read(name)
        assert tree, f"{name} is not a tree of the repository"
        return self._walk(tree[0], "")

    def _walk(self, sha: str, prefix: str) -> Iterator[tuple[str, Entry]]:
        entries = self._repository.tree(sha)
        if entries is None:
            found = self._own.read(sha)
            assert found, f"{sha} is missing"
            entries = parse_tree(found[2])
        for name, entry in entries.items():
            yield prefix + name, entry
            if entry.mode == "040000":
                yield from self._walk(str(entry.sha), f"{prefix}{name}/")

    def _object(self, name: str, limit: int) -> GitObject | None:
        name = name.replace("HEAD", self._head).replace("refs/remotes/origin/", "refs/heads/")
        found = self._repository.read(name) or (self._own.read(name) if _SHA.fullmatch(name) else None)
        if not found:
            return None
        return GitObject(sha=found[0], kind=found[1], data=found[2] if len(found[2]) <= limit else None)


def _line(path: str, entry: Entry) -> bytes:
    return f"{entry.mode} {KINDS[entry.mode]} {entry.sha}\t".encode() + os.fsencode(path) + b"\0"
