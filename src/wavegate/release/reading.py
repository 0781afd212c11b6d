"""Reads the files of a release, from bytes to values."""

from collections.abc import Sequence
from pathlib import Path

from wavegate.errors import InputError
from wavegate.files.document import Document
from wavegate.files.schema import read_by_schema
from wavegate.files.source import Source
from wavegate.files.strict_json import read_json
from wavegate.files.yaml_reader import read_yaml
from wavegate.findings.finding import Finding, Severity, worst_first
from wavegate.release.folder import (
    FOLDER,
    committed_manifest_paths,
    committed_pack_paths,
    manifest_paths,
    pack_paths,
    read_file,
)
from wavegate.release.freeze_rules import incomplete_freezes
from wavegate.release.manifest import Manifest
from wavegate.release.manifest_file import build_manifest
from wavegate.release.manifest_rules import manifest_findings
from wavegate.release.pack import Pack
from wavegate.release.pack_file import build_pack
from wavegate.release.pack_rules import pack_findings
from wavegate.text import one_line


def read_document(data: bytes, *, path: str) -> Document:
    """The file as a document: strict JSON if its name ends in `.json`, else strict YAML."""
    read = read_json if path.lower().endswith(".json") else read_yaml
    return read(data, path=path)


def manifest_of(document: Document) -> Manifest | None:
    """The manifest that a document holds, by schema and rules; None after noting an error."""
    values = read_by_schema(document, "manifest")
    if values is None:
        return None
    if incomplete := tuple(incomplete_freezes(values, document.locate)):
        document.findings += incomplete
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
    """The manifest at a path in the work tree, or the only one under `agentforce/`. Raises InputError."""
    path = path or _only(manifest_paths(root), _NO_MANIFEST)
    return _manifest(read_file(root, path), path)


def load_packs(root: Path, paths: Sequence[str] = ()) -> tuple[Pack, ...]:
    """The packs at paths in the work tree, or all of `agentforce/packs/`. Raises InputError."""
    return tuple(_pack(read_file(root, path), path) for path in paths or pack_paths(root))


def committed_manifest(source: Source, path: str | None = None) -> Manifest:
    """The manifest at a path of a commit, or the only one under `agentforce/`. Raises InputError."""
    path = path or _only(committed_manifest_paths(source.paths()), _NOT_COMMITTED)
    return _manifest(read_committed(source, path), path)


def committed_packs(source: Source, paths: Sequence[str] = ()) -> tuple[Pack, ...]:
    """The packs at paths of a commit, or all of `agentforce/packs/`. Raises InputError."""
    chosen = paths or committed_pack_paths(source.paths())
    return tuple(_pack(read_committed(source, path), path) for path in chosen)


def read_committed(source: Source, path: str) -> bytes:
    """The bytes of a file of a commit. Raises InputError."""
    data = source.read([path]).get(path)
    if data is None:
        message = f"The checked-out commit has no file `{one_line(path, 200)}`."
        if path in source.paths():
            message = f"`{one_line(path, 200)}` is not read: a link, a submodule, or larger than 10 MiB."
        raise InputError(message, fix="Commit it as a regular file, or check its path.")
    return data


def _manifest(data: bytes, path: str) -> Manifest:
    manifest, findings = parse_manifest(data, path=path)
    if manifest is None:
        raise first_error(findings)
    return manifest


def _pack(data: bytes, path: str) -> Pack:
    pack, findings = parse_pack(data, path=path)
    if pack is None:
        raise first_error(findings)
    return pack


_NO_MANIFEST = (
    f"There is no manifest in {FOLDER}/.",
    "Run `wavegate init` to write one, or name it with --manifest.",
)
_NOT_COMMITTED = (
    f"The checked-out commit has no manifest in {FOLDER}/.",
    "Commit the one that `wavegate init` writes, or name another with --manifest: only what is committed is read.",
)


def _only(paths: Sequence[str], missing: tuple[str, str]) -> str:
    """The only path. missing: message and fix for the error that there is none."""
    if not paths:
        message, fix = missing
        raise InputError(message, fix=fix)
    if len(paths) > 1:
        raise InputError(f"There are {len(paths)} manifests in {FOLDER}/.", fix="Name one with --manifest.")
    return paths[0]


def first_error(findings: Sequence[Finding]) -> InputError:
    """The most severe finding as an exception. ValueError: none is an error."""
    first = min((each for each in findings if each.severity is Severity.ERROR), key=worst_first)
    place = first.location
    return InputError(first.message, fix=first.fix, file=place.file, line=place.line, column=place.column)
