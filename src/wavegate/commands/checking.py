"""Puts the checks of a release's files together: reading, schemas, rules of one file, rules over all of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath

from wavegate.adapters.document import Document
from wavegate.adapters.release_files import manifest_of, pack_of, parse_pack, read_document
from wavegate.adapters.release_folder import (
    FileKind,
    FoundFile,
    find_release_files,
    kind_of,
    pack_paths,
    read_file,
)
from wavegate.core.readiness import readiness_findings
from wavegate.core.release_rules import missing_runbooks, repeated_suites, unknown_packs
from wavegate.errors import InputError
from wavegate.model.finding import Finding, Location, error, worst_first
from wavegate.model.manifest import Manifest
from wavegate.model.pack import Pack
from wavegate.model.pack_rules import expired_waivers
from wavegate.text import visible


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What a check found. findings: worst first. texts: of each file that was checked, by its path."""

    findings: tuple[Finding, ...]
    texts: Mapping[str, str]

    def source_line(self, location: Location) -> str | None:
        """The line that a location is in, without its end."""
        lines = self.texts.get(location.file, "").splitlines()
        return lines[location.line - 1] if location.line <= len(lines) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    document: Document
    kind: FileKind | None
    manifest: Manifest | None = None
    pack: Pack | None = None


def check_release(root: Path, paths: Sequence[str], *, today: date, prefix: str = "") -> Checked:
    """Checks the files at paths (default: all under `agentforce/`) against everything that is known about them.

    today: in UTC, for what expires. prefix: of root's path in findings. Raises InputError when there is nothing to
    check.
    """
    files = [_read(root, each) for each in find_release_files(root, paths)]
    found = [finding for each in files for finding in each.document.findings]
    found += _across(root, files, today)
    placed = (replace(each, location=replace(each.location, file=prefix + each.location.file)) for each in found)
    return Checked(
        findings=tuple(sorted(dict.fromkeys(placed), key=worst_first)),
        texts={prefix + each.document.path: each.document.text for each in files},
    )


def _read(root: Path, file: FoundFile) -> _File:
    shown = visible(file.path)
    try:
        document = read_document(read_file(root, file.path), path=shown)
    except InputError as problem:
        document = Document(path=shown, digest="")
        document.findings.append(error("file/unreadable", Location(file=shown), problem.message, problem.fix))
    kind = kind_of(document, file)
    match kind:
        case FileKind.MANIFEST:
            return _File(document=document, kind=kind, manifest=manifest_of(document))
        case FileKind.PACK:
            return _File(document=document, kind=kind, pack=pack_of(document))
    return _File(document=document, kind=None)


def _across(root: Path, files: Sequence[_File], today: date) -> Iterator[Finding]:
    packs = [(each.pack, each.document) for each in files if each.pack]
    for pack, document in packs:
        yield from expired_waivers(pack, document.locate, today=today)
    yield from repeated_suites([(pack, document.locate("suite")) for pack, document in packs])
    for each in files:
        if each.manifest:
            yield from _manifest(root, each.manifest, each.document, files)


def _manifest(root: Path, manifest: Manifest, document: Document, files: Sequence[_File]) -> Iterator[Finding]:
    locate = document.locate
    yield from readiness_findings(manifest, locate)
    yield from missing_runbooks(manifest, locate, lambda path: _exists(root, path))
    suites = _suites(root, manifest, files)
    if suites is not None:
        yield from unknown_packs(manifest, locate, suites)
    yield from _against_project(root, manifest, document)


def _suites(root: Path, manifest: Manifest, files: Sequence[_File]) -> frozenset[str] | None:
    """Names of the packs that the manifest may ask for; None where a broken pack keeps its name to itself."""
    if any(each.kind is FileKind.PACK and each.pack is None for each in files):
        return None
    known = {each.document.path: each.pack for each in files if each.pack}
    beside = PurePosixPath(manifest.path).parent.as_posix()
    for path in (*pack_paths(root), *pack_paths(root, beside)):
        if path not in known:
            pack, _ = parse_pack(read_file(root, path), path=path)
            if pack is None:
                return None
            known[path] = pack
    return frozenset(each.suite for each in known.values())


def _exists(root: Path, path: str) -> bool:
    try:
        read_file(root, path)
    except InputError:
        return False
    return True


def _against_project(root: Path, manifest: Manifest, document: Document) -> Iterator[Finding]:
    """What the Salesforce project, where there is one, does not have."""
    from wavegate.adapters.folder import FolderSource
    from wavegate.adapters.salesforce.project import read_project
    from wavegate.core.release_check import release_check

    yield from release_check(manifest, read_project(FolderSource(root)), document.locate)
