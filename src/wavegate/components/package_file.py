"""A package manifest on disk: the components that it names, and the manifests of deletions beside it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from wavegate.components.component import ComponentId
from wavegate.components.metadata import parse_xml
from wavegate.errors import InputError

NAME, BEFORE, AFTER = "package.xml", "destructiveChangesPre.xml", "destructiveChangesPost.xml"
_LIMIT = 10 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageFiles:
    """What a folder with a package says.

    before, after: manifests of what to delete before and after, where they name anything. deletions: of both.
    digest: sha256 of all three files, hexadecimal.
    """

    package: Path
    before: Path | None
    after: Path | None
    members: frozenset[ComponentId]
    deletions: frozenset[ComponentId]
    digest: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to deploy and nothing to delete."""
        return not self.members and not self.deletions


def read_package(folder: Path) -> PackageFiles:
    """The package in a folder, as `plan` writes it. InputError: it is not there, or it is no package manifest."""
    found = {name: folder / name for name in (NAME, BEFORE, AFTER) if (folder / name).is_file()}
    if NAME not in found:
        raise InputError(f"There is no {NAME} in {folder}.", fix="Give the folder that `wavegate plan` wrote.")
    contents = {name: _read(path) for name, path in found.items()}
    digest = hashlib.sha256()
    for name, data in sorted(contents.items()):
        digest.update(f"{name} {len(data)} ".encode() + data)
    members = {name: _members(data, found[name]) for name, data in contents.items()}
    return PackageFiles(
        package=found[NAME].resolve(),
        before=found[BEFORE].resolve() if members.get(BEFORE) else None,
        after=found[AFTER].resolve() if members.get(AFTER) else None,
        members=members[NAME],
        deletions=members.get(BEFORE, frozenset()) | members.get(AFTER, frozenset()),
        digest=digest.hexdigest(),
    )


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise InputError(f"The package manifest is over {_LIMIT // 1024 // 1024} MiB.", file=str(path))
    return data


def _members(data: bytes, path: Path) -> frozenset[ComponentId]:
    root = parse_xml(data, path=str(path))
    return frozenset(
        ComponentId(type=types.value("name"), name=member.text)
        for types in root.all("types")
        for member in types.all("members")
    )
