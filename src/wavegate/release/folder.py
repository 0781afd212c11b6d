"""Where the files of a release are in a checkout.

Packs are the JSON and YAML files of a folder named `packs`, telemetry files the YAML files of a folder named
`telemetry` or named `NAME.telemetry`, guardrail policies those named `guardrails` or `NAME.guardrails`, manifests the
other YAML files of `agentforce/`.
"""

# building a path with pathlib takes longer than reading the file
# ruff: noqa: PTH100, PTH112, PTH114, PTH116, PTH118, PTH123
import os
import stat
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from wavegate.errors import InputError
from wavegate.files.document import MAX_BYTES, Document
from wavegate.findings.finding import error, notice
from wavegate.text import one_line

FOLDER = "agentforce"
PACKS = "packs"
TELEMETRY = "telemetry"
MAX_FILES = 10_000
_YAML = (".yml", ".yaml")
_ENDINGS = (*_YAML, ".json")
_PACK_KEYS = {"suite", "tests", "passCriteria"}
_MANIFEST_KEYS = {"release", "environments"}
_POLICY_KEYS = {"customerFacing", "allow", "properties", "rules", "exceptions"}
_TELEMETRY_KEYS = {"source", "tables", "endTypes", "cohort", "severities", "excludedChannels", "metrics"}
_POLICY_NAMES = tuple(f"guardrails{ending}" for ending in _YAML)
_WHERE = {
    "smoke pack": f"to a folder named `{PACKS}`",
    "manifest": f"out of `{PACKS}`, to a name that ends in `.yml`",
    "guardrail policy": f"out of `{PACKS}`, to a file named `guardrails.yml`",
    "telemetry file": f"to a folder named `{TELEMETRY}`, or to a file named `NAME.telemetry.yml`",
}
"""Where a file of each kind is read from."""


class FileKind(Enum):
    """The kinds of release files."""

    MANIFEST = "manifest"
    PACK = "smoke pack"
    POLICY = "guardrail policy"
    TELEMETRY = "telemetry file"


class FoundFile(NamedTuple):
    """A file to check.

    path: relative to the checkout. named: explicitly, by the caller. nested: in a subfolder. folder: it is a link to
    a folder, which is not followed.
    """

    path: str
    named: bool = False
    nested: bool = False
    folder: bool = False


def find_release_files(root: Path, paths: Sequence[str] = ()) -> list[FoundFile]:
    """The files to check, sorted, without duplicates: at the paths and below folders there; default: `agentforce/`.

    paths: relative to root, or absolute within it. Raises InputError for a path that does not exist or is outside
    root, and when there is nothing to check.
    """
    found: dict[str, FoundFile] = {}
    for path in paths or [FOLDER]:
        if paths:
            _within(root, path)
        place = root / path
        listed = [FoundFile(path=_relative(root, place), named=True)]
        if place.is_dir() or not paths:
            listed = _walk(root, place)
        found.update({each.path: each for each in listed})
    if not found:
        raise nothing_to_check(paths)
    if len(found) > MAX_FILES:
        raise InputError(f"There are more than {MAX_FILES:,} files to check.", fix="Name fewer paths.")
    return [found[path] for path in sorted(found)]


def nothing_to_check(paths: Sequence[str]) -> InputError:
    """The error of a check without any file, which is never a pass."""
    where = ", ".join(paths) or f"{FOLDER}/"
    fix = "Write one, or name other paths." if paths else "Run `wavegate init` to write them, or name other paths."
    return InputError(f"There is no manifest or smoke pack in {where}.", fix=fix)


def manifest_paths(root: Path) -> list[str]:
    """Paths of the manifests directly in `agentforce/`, or else in its folders; sorted, relative to the checkout."""
    found = [each for each in _walk(root, root / FOLDER) if _ends(each, _YAML) and _is_manifest(each.path)]
    direct = [each.path for each in found if not each.nested]
    return sorted(direct or [each.path for each in found])


def committed_manifest_paths(paths: Sequence[str]) -> list[str]:
    """Those of a commit's paths that are manifests, by the rule of `manifest_paths`."""
    found = [each for each in _committed(paths, f"{FOLDER}/", _YAML) if _is_manifest(each)]
    return [each for each in found if each.count("/") == 1] or found


def committed_pack_paths(paths: Sequence[str], folder: str = FOLDER) -> list[str]:
    """Those of a commit's paths that are packs in `<folder>/packs/`."""
    return _committed(paths, f"{folder}/{PACKS}/", _ENDINGS)


def _committed(paths: Sequence[str], prefix: str, endings: tuple[str, ...]) -> list[str]:
    found = (path for path in paths if path.startswith(prefix) and path.lower().endswith(endings))
    return sorted(path for path in found if "/." not in path)


def pack_paths(root: Path, folder: str = FOLDER) -> list[str]:
    """Paths of the packs in `<folder>/packs/`, sorted, relative to the checkout."""
    packs = root / folder / PACKS
    if packs.is_symlink():
        return []
    return sorted(each.path for each in _walk(root, packs) if not each.folder)


def kind_of(document: Document, file: FoundFile) -> FileKind | None:
    """What a file is, by its folder and its keys; None, with a finding added, if it is not checked."""
    folder = _kind_by_place(file)
    shape = _shape(document)
    if document.root is None or file.named or shape is folder is FileKind.MANIFEST:
        return shape or folder
    named = folder in (FileKind.POLICY, FileKind.TELEMETRY)
    if shape is None and file.nested and not named and not in_packs(file.path):
        fix = "Ignore this, unless it was meant to be one."
        document.findings.append(
            notice("file/not-checked", document.location(0), "This is neither a manifest nor a smoke pack.", fix)
        )
        return None
    if shape is not None and (shape is not folder or (shape is FileKind.PACK) != in_packs(file.path)):
        document.findings.append(
            error(
                "file/misplaced",
                document.location(0),
                f"No command reads a {shape.value} from here.",
                f"Move it {_WHERE[shape.value]}.",
            )
        )
        return None
    return folder


def _kind_by_place(file: FoundFile) -> FileKind:
    if in_packs(file.path) or not _ends(file, _YAML):
        return FileKind.PACK
    if is_telemetry_path(file.path):
        return FileKind.TELEMETRY
    return FileKind.POLICY if is_policy_name(file.path) else FileKind.MANIFEST


def is_policy_name(path: str) -> bool:
    """Whether a file's name is that of a guardrail policy: `guardrails.yml` or `NAME.guardrails.yml`."""
    name = path.rpartition("/")[2].lower()
    return name in _POLICY_NAMES or name.endswith(tuple(f".{each}" for each in _POLICY_NAMES))


def is_telemetry_path(path: str) -> bool:
    """Whether a YAML file's place is that of a telemetry file: the folder `telemetry`, or `NAME.telemetry.yml`."""
    name = path.rpartition("/")[2].lower()
    return f"/{TELEMETRY}/" in f"/{path}" or name.endswith(tuple(f".{TELEMETRY}{ending}" for ending in _YAML))


def _is_manifest(path: str) -> bool:
    return not in_packs(path) and not is_policy_name(path) and not is_telemetry_path(path)


def in_packs(path: str) -> bool:
    """Whether a file is in a folder of packs."""
    return f"/{PACKS}/" in f"/{path}"


def read_file(root: Path, path: str) -> bytes:
    """The bytes of a file of the checkout, at most one more than the size limit. Raises InputError.

    A path or link that leaves the checkout is rejected.
    """
    place, status = _within(root, path)
    if not stat.S_ISREG(status.st_mode):
        raise InputError("This is not a regular file.", fix="Name a manifest or a smoke pack.", file=path)
    try:
        with open(place, "rb", buffering=0) as stream:
            # a buffer of the file's size: one of the limit's size costs more than all the rest
            return stream.read(min(status.st_size, MAX_BYTES) + 1)
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.", fix="Check its mode.", file=path) from error


def _within(root: Path, path: str) -> tuple[str, os.stat_result]:
    """The real path, and its status. InputError: it does not exist, or is outside root."""
    try:
        base = _real_folder(os.path.abspath(root))
        folder, name = os.path.split(os.path.join(base, path))
        place = os.path.join(_real_folder(folder), name)
        if name in ("", ".", "..") or os.path.islink(place):
            place = os.path.realpath(place, strict=True)
        status = os.stat(place)
    except (OSError, ValueError) as error:
        raise InputError(f"There is no file or folder `{path}`.", fix="Check the path.") from error
    if place != base and not place.startswith(os.path.join(base, "")):
        raise InputError(f"`{path}` leads out of the checkout.", fix="Name a path inside it.")
    return place, status


@lru_cache(maxsize=256)  # a checkout does not move while it is read, and its files share a few folders
def _real_folder(folder: str) -> str:
    """An absolute folder, links followed."""
    return os.path.realpath(folder, strict=True)


def _walk(root: Path, folder: Path) -> list[FoundFile]:
    """The YAML and JSON files below a folder, without hidden ones. Links to folders are listed, not followed."""
    if not folder.is_dir():
        return []
    base = _relative(root, folder)
    prefix = "" if base == "." else f"{base}/"
    return [
        FoundFile(path=prefix + path, nested="/" in path, folder=is_folder) for path, is_folder in _paths(str(folder))
    ]


def _paths(top: str) -> Iterator[tuple[str, bool]]:
    """The path of each file and of each link to a folder, at any depth, and whether it is the latter."""
    prefixes = [""]
    while prefixes:
        prefix = prefixes.pop()
        folder = os.path.join(top, prefix).removesuffix("/")
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        prefixes.append(f"{prefix}{entry.name}/")
                    elif entry.is_symlink() and os.path.isdir(entry.path):
                        yield prefix + entry.name, True
                    elif entry.name.lower().endswith(_ENDINGS):
                        yield prefix + entry.name, False
        except OSError as error:
            message = f"The folder `{one_line(folder, 200)}` cannot be read: {error.strerror}."
            raise InputError(message, fix="Give the user that runs wavegate permission to read it.") from error


def _ends(file: FoundFile, endings: str | tuple[str, ...]) -> bool:
    return not file.folder and file.path.lower().endswith(endings)


def _relative(root: Path, place: Path) -> str:
    return PurePosixPath(os.path.relpath(place, root)).as_posix()


def _shape(document: Document) -> FileKind | None:
    if document.root is None or not isinstance(document.root.value, dict):
        return None
    keys = document.root.value.keys()
    if keys & _MANIFEST_KEYS:
        return FileKind.MANIFEST
    if keys & _PACK_KEYS:
        return FileKind.PACK
    if "source" in keys and keys & (_TELEMETRY_KEYS - {"source"}):
        return FileKind.TELEMETRY
    return FileKind.POLICY if keys & _POLICY_KEYS and keys <= {*_POLICY_KEYS, "$schema"} else None
