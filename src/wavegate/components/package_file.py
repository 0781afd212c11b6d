"""A package on disk: the components its manifest lists, and the destructive changes beside it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path

from wavegate.components.component import ComponentId
from wavegate.components.metadata import parse_xml
from wavegate.components.package_xml import stage_file
from wavegate.errors import InputError

NAME, BEFORE, AFTER = "package.xml", "destructiveChangesPre.xml", "destructiveChangesPost.xml"
_LIMIT = 10 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageFiles:
    """The package in a folder.

    before, after: manifests of deletions to run before and after the deployment; None if they list nothing.
    deletions: the components in both. digest: hexadecimal SHA-256 of all manifests. stages: the package divided into
    stages, each by the path of its manifest with what that lists; a package that is deployed at once is the only one.
    """

    package: Path
    before: Path | None
    after: Path | None
    members: frozenset[ComponentId]
    deletions: frozenset[ComponentId]
    digest: str
    stages: tuple[tuple[Path, frozenset[ComponentId]], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to deploy and nothing to delete."""
        return not self.members and not self.deletions


def read_package(folder: Path) -> PackageFiles:
    """The package in a folder, as `plan` writes it. InputError if it is missing or is not a package manifest."""
    names = (NAME, BEFORE, AFTER, *_stage_names(folder))
    files = {name: folder / name for name in names if (folder / name).is_file()}
    if NAME not in files:
        raise InputError(f"There is no {NAME} in {folder}.", fix="Use the folder that `wavegate plan` wrote.")
    contents = {name: _read(path) for name, path in files.items()}
    digest = hashlib.sha256()
    for name, data in sorted(contents.items()):
        digest.update(f"{name} {len(data)} ".encode() + data)
    members = {name: _members(data, files[name]) for name, data in contents.items()}
    stages = tuple((files[name].resolve(), members[name]) for name in names[3:])
    if stages and frozenset().union(*(each for _, each in stages)) != members[NAME]:
        message = f"The stages in {folder} do not list the components of {NAME}."
        raise InputError(message, fix="Write the folder again with `wavegate plan`.")
    return PackageFiles(
        package=files[NAME].resolve(),
        before=files[BEFORE].resolve() if members.get(BEFORE) else None,
        after=files[AFTER].resolve() if members.get(AFTER) else None,
        members=members[NAME],
        deletions=members.get(BEFORE, frozenset()) | members.get(AFTER, frozenset()),
        digest=digest.hexdigest(),
        stages=stages or ((files[NAME].resolve(), members[NAME]),),
    )


def _stage_names(folder: Path) -> Iterator[str]:
    """The names of the manifests of a deployment in several stages, in order; none for a deployment in one."""
    return takewhile(lambda name: (folder / name).is_file(), (stage_file(number) for number in count(1)))


def read_members(path: Path) -> frozenset[ComponentId]:
    """The components that a package manifest lists. InputError if it is none."""
    return _members(_read(path), path)


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        message = f"The package manifest is larger than {_LIMIT // 1024 // 1024} MiB."
        raise InputError(message, fix="Write it again with `wavegate plan`.", file=str(path))
    return data


def _members(data: bytes, path: Path) -> frozenset[ComponentId]:
    root = parse_xml(data, path=str(path))
    return frozenset(
        ComponentId(type=types.value("name"), name=member.text)
        for types in root.all("types")
        for member in types.all("members")
    )
