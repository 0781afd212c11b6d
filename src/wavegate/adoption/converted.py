"""What the CLI would send of each candidate, converted once for each content of a unit."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from wavegate.adoption.candidates import Candidate
from wavegate.adoption.units import files_of
from wavegate.adoption.values import Unit
from wavegate.components.package_file import NAME as PACKAGE
from wavegate.errors import InputError
from wavegate.files.folder import FolderSource
from wavegate.salesforce.cli import Cli
from wavegate.staging.stage import stage_release

_Key = tuple[str, ...]


class ConvertedUnits:
    """The files of units as a deployment sends them, without the values of `replacements`.

    checkout: the work tree, for files that Git LFS keeps.
    """

    def __init__(self, cli: Cli, checkout: Path) -> None:
        self._cli = cli
        self._checkout = checkout
        self._known: dict[_Key, Mapping[str, bytes]] = {}
        self._placeholders: dict[_Key, tuple[str, ...]] = {}

    def add(self, candidate: Candidate) -> None:
        """Convert the units of a candidate that none before it had with the same files. Raises InputError."""
        new = [each for each in candidate.units if _key(candidate, each) not in self._known]
        if not new:
            return
        with tempfile.TemporaryDirectory(prefix="wavegate-") as folder:
            components = [component for unit in new for component in unit.components]
            stage = stage_release(
                candidate.source, candidate.project, components, Path(folder) / "stage", checkout=self._checkout
            )
            output = Path(folder) / "package"
            self._cli.convert(stage.package, output, folder=stage.folder)
            files = read_package_files(output)
        replaced = [(each, each.text) for each in stage.replacements]
        for unit in new:
            key = _key(candidate, unit)
            paths = _paths(unit)
            self._known[key] = files_of(unit, files)
            texts = (text for each, text in replaced if text and any(map(each.matches, paths)))
            self._placeholders[key] = tuple(dict.fromkeys(texts))

    def files(self, candidate: Candidate, unit: Unit) -> Mapping[str, bytes]:
        """The files of a candidate's unit, by path in a package."""
        return self._known[_key(candidate, unit)]

    def placeholders(self, candidate: Candidate, unit: Unit) -> Sequence[str]:
        """The texts in those files for which a deployment inserts something else."""
        return self._placeholders[_key(candidate, unit)]


def read_package_files(folder: Path) -> dict[str, bytes]:
    """The files of a package on disk, without its manifest. InputError for one that is too large."""
    source = FolderSource(folder)
    paths = [path for path in source.paths() if path != PACKAGE]
    contents = dict(source.read(paths))
    if unread := [path for path in paths if path not in contents]:
        raise InputError(f"{unread[0]} is too large to be compared.", fix="Leave its component out of the release.")
    return contents


def _paths(unit: Unit) -> list[str]:
    return sorted({path for component in unit.components for path in component.paths})


def _key(candidate: Candidate, unit: Unit) -> _Key:
    """What the converted files depend on: the project's settings, the unit's members, and its files' blobs."""
    paths: Iterable[str] = [candidate.project.file or "", *_paths(unit)]
    blobs = (f"{path} {entry.mode} {entry.sha}" for path in paths if (entry := candidate.source.entry(path)))
    return (*(str(each.id) for each in unit.components), *blobs)
