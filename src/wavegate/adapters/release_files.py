"""The files of a release: where they are in a checkout, and from bytes to the model.

Manifests are the YAML files of `agentforce/`, packs the JSON and YAML files of `agentforce/packs/`.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from wavegate.adapters.document import MAX_BYTES, Document
from wavegate.adapters.manifest_file import build_manifest
from wavegate.adapters.pack_file import build_pack
from wavegate.adapters.schema import read_by_schema
from wavegate.adapters.strict_json import read_json
from wavegate.adapters.yaml import read_yaml
from wavegate.errors import InputError
from wavegate.model.finding import Finding, Severity, worst_first
from wavegate.model.manifest import Manifest
from wavegate.model.manifest_rules import manifest_findings
from wavegate.model.pack import Pack
from wavegate.model.pack_rules import pack_findings

FOLDER = "agentforce"
PACKS = "agentforce/packs"
_YAML = (".yml", ".yaml")


def read_document(data: bytes, *, path: str) -> Document:
    """The file as a document: strict JSON where its name ends in `.json`, strict YAML elsewhere."""
    read = read_json if PurePosixPath(path).suffix.lower() == ".json" else read_yaml
    return read(data, path=path)


def manifest_of(document: Document) -> Manifest | None:
    """The manifest that a document holds, by schema and rules; None after noting an error."""
    values = read_by_schema(document, "manifest")
    if values is None:
        return None
    manifest = build_manifest(values, path=document.path, digest=document.digest)
    document.findings += manifest_findings(manifest, document.locate)
    return None if document.has_errors else manifest


def pack_of(document: Document) -> Pack | None:
    """The pack that a document holds, by schema and rules; None after noting an error."""
    values = read_by_schema(document, "pack")
    if values is None:
        return None
    pack = build_pack(values, path=document.path, digest=document.digest)
    document.findings += pack_findings(pack, document.locate)
    return None if document.has_errors else pack


def parse_manifest(data: bytes, *, path: str) -> tuple[Manifest | None, tuple[Finding, ...]]:
    """A manifest from the bytes of a file or a git blob, and its findings; None if any is an error. Never raises.

    path: relative to the checkout, for the findings.
    """
    document = read_document(data, path=path)
    manifest = manifest_of(document)
    return manifest, tuple(document.findings)


def parse_pack(data: bytes, *, path: str) -> tuple[Pack | None, tuple[Finding, ...]]:
    """A pack from the bytes of a file or a git blob, and its findings; None if any is an error. Never raises.

    path: relative to the checkout, for the findings.
    """
    document = read_document(data, path=path)
    pack = pack_of(document)
    return pack, tuple(document.findings)


def load_manifest(root: Path, path: str | None = None) -> Manifest:
    """The manifest at a path in the checkout, or the only one under `agentforce/`. Raises InputError."""
    path = path or _only_manifest(root)
    manifest, findings = parse_manifest(read_file(root, path), path=path)
    if manifest is None:
        raise _first_error(findings)
    return manifest


def load_packs(root: Path, paths: Sequence[str] = ()) -> tuple[Pack, ...]:
    """The packs at paths in the checkout, or all of `agentforce/packs/`. Raises InputError."""
    packs = []
    for path in paths or pack_paths(root):
        pack, findings = parse_pack(read_file(root, path), path=path)
        if pack is None:
            raise _first_error(findings)
        packs.append(pack)
    return tuple(packs)


def manifest_paths(root: Path) -> list[str]:
    """Paths of the manifests under `agentforce/`, sorted, relative to the checkout."""
    return [path for path in _files(root, FOLDER) if path.endswith(_YAML) and not path.startswith(f"{PACKS}/")]


def pack_paths(root: Path) -> list[str]:
    """Paths of the packs in `agentforce/packs/`, sorted, relative to the checkout."""
    return [path for path in _files(root, PACKS) if path.endswith((*_YAML, ".json"))]


def read_file(root: Path, path: str) -> bytes:
    """The bytes of a file of the checkout, one more than the limit at most. Raises InputError.

    A path or link that leaves the checkout is refused.
    """
    file = root / path
    try:
        if not file.resolve(strict=True).is_relative_to(root.resolve()):
            raise InputError("The file is outside the checkout.", fix="Give a path within it.", file=path)
        if not file.is_file():
            raise InputError("This is not a file.", fix="Give the path of a manifest or a pack.", file=path)
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise InputError(f"The file cannot be read: {reason}.", fix="Check the path.", file=path) from error


def _only_manifest(root: Path) -> str:
    paths = manifest_paths(root)
    if not paths:
        raise InputError(f"There is no manifest under {FOLDER}/.", fix="Write one, or name it with --manifest.")
    if len(paths) > 1:
        raise InputError(f"There are {len(paths)} manifests under {FOLDER}/.", fix="Name one with --manifest.")
    return paths[0]


def _files(root: Path, folder: str) -> list[str]:
    return sorted(
        path.relative_to(root).as_posix()
        for path in (root / folder).rglob("*")
        if path.is_file() or path.is_symlink()
    )


def _first_error(findings: Sequence[Finding]) -> InputError:
    first = min((each for each in findings if each.severity is Severity.ERROR), key=worst_first)
    place = first.location
    return InputError(first.message, fix=first.fix, file=place.file, line=place.line, column=place.column)
