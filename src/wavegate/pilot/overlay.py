"""A commit's files together with the copies of a pilot, as one source."""

from collections.abc import Iterable, Mapping, Sequence

from wavegate.files.source import Source
from wavegate.pilot.values import PilotCopy


class CopySource:
    """The source of a project that has the originals as they are, and the copies beside them."""

    def __init__(self, source: Source, copy: PilotCopy) -> None:
        self._source = source
        self._files = {**copy.files, **copy.replaced}

    def paths(self) -> Sequence[str]:
        """Every file's path, sorted."""
        return sorted({*self._source.paths(), *self._files})

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of those files; a path of a copy never reaches the commit's source."""
        wanted = list(paths)
        originals = self._source.read(path for path in wanted if path not in self._files)
        return {**originals, **{path: self._files[path] for path in wanted if path in self._files}}
