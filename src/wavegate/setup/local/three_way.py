"""Merges a team's edits with a new release, by git's own three-way merge of one file."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from wavegate.files.whole import write_whole
from wavegate.git.process import LOCAL_TIMEOUT, GitProcess, killed_after
from wavegate.setup.local.conflicts import MergeConflict, conflicts_of

_CONFLICTS = 127
"""The highest exit code that counts conflicts; a higher one is an error."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """text: with conflict markers if there are conflicts."""

    text: str
    conflicts: tuple[MergeConflict, ...]


def merge(*, base: str, yours: str, new: str, version: str) -> Merged:
    """Merge one file. base: what both started from. version: of the new release, for the markers.

    ServiceError: git failed.
    """
    with tempfile.TemporaryDirectory(prefix="wavegate-") as name:
        folder = Path(name)
        for file, text in (("yours", yours), ("base", base), ("new", new)):
            write_whole(folder / file, text.encode("utf-8", "surrogateescape"))
        _merge_files(folder, version)
        merged = (folder / "yours").read_bytes().decode("utf-8", "surrogateescape")
    return Merged(text=merged, conflicts=tuple(conflicts_of(merged, yours)))


def _merge_files(folder: Path, version: str) -> None:
    labels = [part for label in ("yours", "as generated before", f"wavegate v{version}") for part in ("-L", label)]
    arguments = ("merge-file", "--quiet", *labels, "yours", "base", "new")
    with tempfile.TemporaryFile() as nothing, tempfile.TemporaryFile() as errors:
        git = GitProcess(folder)
        process = git.start(arguments, stdin=nothing, stdout=nothing, stderr=errors)
        with killed_after(process, LOCAL_TIMEOUT, name="merge-file"):
            code = process.wait()
        if not 0 <= code <= _CONFLICTS:
            raise git.failure("merge-file", errors)
