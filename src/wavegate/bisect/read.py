"""Reads the two releases of a search, and writes the files of a subset of their changes into a copy."""

import hashlib
from collections.abc import Iterable, Mapping

from wavegate.bisect.side import ReleaseSide, is_project_file, project_files
from wavegate.bisect.values import BisectSide, ChangeUnit, UnitKind
from wavegate.components.project import read_project
from wavegate.components.release_at_commit import read_release_at
from wavegate.errors import InputError
from wavegate.files.folder import FILE_LIMIT
from wavegate.git.repository import CommitSource, Git
from wavegate.git.tree import LINK_MODE, SUBMODULE_MODE, TreeEntry
from wavegate.release.reference import ReleaseRef
from wavegate.smoke.variants.checkout_copy import CheckoutCopy
from wavegate.text import one_line


def read_side(git: Git, side: BisectSide, manifest: str, environment: str) -> ReleaseSide:
    """A release at its commit. InputError: the commit, its project or its manifest cannot be read."""
    release = read_release_at(git, ReleaseRef(name=side.name, commit=side.commit), manifest, environment)
    project = read_project(CommitSource(git, release.tree, prefix=git.prefix))
    if project.file is None:
        message = f"Release {one_line(side.name, 100)} has no sfdx-project.json."
        raise InputError(message, fix="Name a commit with the Salesforce project, or its folder with --root.")
    files = {
        path.removeprefix(git.prefix): entry
        for path, entry in release.tree.files.items()
        if path.startswith(git.prefix)
    }
    return ReleaseSide(
        project=project, scope=release.scope, manifest=release.manifest, environment=environment, files=files
    )


class SubsetFiles:
    """The project's files of the good release with some changes of the bad one.

    Everything else in a copy stays as in the checkout: the packs, the program that runs the test, and its tools.
    """

    def __init__(self, git: Git, good: ReleaseSide, bad: ReleaseSide, units: Iterable[ChangeUnit]) -> None:
        self._git = git
        self._sides = (good, bad)
        self._units: Mapping[str, ChangeUnit] = {each.id: each for each in units}
        self._base = project_files(good, bad)
        if any(each.kind is UnitKind.PINS for each in self._units.values()):
            self._base[good.manifest.path] = good.files[good.manifest.path]

    def of(self, changes: Iterable[str]) -> dict[str, TreeEntry]:
        """What the project has at each path, with the changes of these units."""
        files = dict(self._base)
        for unit in changes:
            for path, entry in self._units[unit].files.items():
                if entry is None:
                    files.pop(path, None)
                else:
                    files[path] = entry
        return files

    def write(self, changes: Iterable[str], copy: CheckoutCopy) -> None:
        """Make the project of a fresh copy that of the subset. InputError: a file cannot be written."""
        files = self.of(changes)
        folder = copy.folder
        present = {
            path.relative_to(folder).as_posix(): path
            for directory in sorted({each for side in self._sides for each in side.project.directories if each})
            for path in (folder / directory).rglob("*")
            if path.is_symlink() or path.is_file()
        }
        known = {path for side in self._sides for path in side.files if is_project_file(path, *self._sides)}
        for path in sorted((present.keys() | known) - files.keys()):
            copy.remove(path)
        different = {path: entry for path, entry in files.items() if not _holds(copy, path, entry)}
        regular = [path for path, entry in different.items() if entry.mode != SUBMODULE_MODE]
        for path, data in zip(regular, self._git.blobs([files[each].sha for each in regular]), strict=True):
            if data is None:
                message = f"The file {one_line(path, 200)} is missing, or larger than {FILE_LIMIT // 1024**2} MiB."
                raise InputError(message, fix="Fetch the whole history, or name releases that have the same file.")
            if files[path].mode == LINK_MODE:
                copy.link(path, data.decode("utf-8", "surrogateescape"))
            else:
                copy.write(path, data, executable=files[path].mode == "100755")


def _holds(copy: CheckoutCopy, path: str, entry: TreeEntry) -> bool:
    """Whether a copy already has the file, as the tree has it."""
    place = copy.folder / path
    if place.is_symlink() or not place.is_file() or entry.mode not in ("100644", "100755"):
        return False
    if (place.stat().st_mode & 0o100 != 0) != (entry.mode == "100755"):
        return False
    data = place.read_bytes()
    digest = hashlib.sha256() if len(entry.sha) > 40 else hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % len(data) + data)
    return digest.hexdigest() == entry.sha
