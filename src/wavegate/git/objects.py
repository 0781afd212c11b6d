"""Reads objects through one `git cat-file` process, which starts with the first and stays open for the later ones."""

import subprocess
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, cast

from wavegate.git.process import LOCAL_TIMEOUT, GitProcess, kill, killed_after

_AT_ONCE = 200
"""Names that are sent before their answers are read. They fit into a pipe, so neither side waits for the other."""
_PART = 1 << 20
"""Bytes that are skipped at a time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GitObject:
    """An object of a repository. kind: blob, tree, commit or tag. data: None if it is larger than allowed."""

    sha: str
    kind: str
    data: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Batch:
    """A running `git cat-file --batch`: names go in, objects come out."""

    process: subprocess.Popen[bytes]
    names: IO[bytes]
    objects: IO[bytes]
    errors: IO[bytes]

    def close(self) -> None:
        kill(self.process)
        for each in (self.names, self.objects, self.errors):
            with suppress(BrokenPipeError):
                each.close()


class Objects:
    """The objects of a repository."""

    def __init__(self, git: GitProcess) -> None:
        self._git = git
        self._idle: _Batch | None = None

    def read(self, names: Sequence[str], *, limit: int) -> Iterator[GitObject | None]:
        """The objects with these names, in order; None for one that is missing or ambiguous.

        names: ids, or revisions such as `HEAD^{tree}`, without line feeds. limit: bytes of an object's data.
        ServiceError if git fails or takes too long.
        """
        for start in range(0, len(names), _AT_ONCE):
            yield from self._answers(names[start : start + _AT_ONCE], limit)

    def _answers(self, names: Sequence[str], limit: int) -> list[GitObject | None]:
        # after a failure, answers may be left in the pipe: only a process that answered everything is used again
        batch, self._idle = self._idle or self._start(), None
        with killed_after(batch.process, LOCAL_TIMEOUT, name="cat-file"):
            try:
                batch.names.write("".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape"))
                batch.names.flush()
                answers = [_next(batch.objects, limit) for _ in names]
            except (BrokenPipeError, EOFError):
                batch.process.wait()
                raise self._git.failure("cat-file", batch.errors) from None
        self._idle = batch
        return answers

    def _start(self) -> _Batch:
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        pipe = subprocess.PIPE
        process = self._git.start(("cat-file", "--batch"), stdin=pipe, stdout=pipe, stderr=errors)
        names, objects = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        batch = _Batch(process=process, names=names, objects=objects, errors=errors)
        weakref.finalize(self, batch.close)
        return batch


def _next(stream: IO[bytes], limit: int) -> GitObject | None:
    """The next answer. EOFError if git ended before it."""
    line = stream.readline()
    head = line.split()
    if not line.endswith(b"\n"):
        raise EOFError
    # otherwise it repeats the name, and says `missing` or `ambiguous`
    if not head[-1].isdigit():
        return None
    size = int(head[2])
    data = None
    if size <= limit:
        data = _exactly(stream, size)
    else:
        _skip(stream, size)
    _exactly(stream, 1)
    return GitObject(sha=head[0].decode(), kind=head[1].decode(), data=data)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _skip(stream: IO[bytes], size: int) -> None:
    for start in range(0, size, _PART):
        _exactly(stream, min(_PART, size - start))
