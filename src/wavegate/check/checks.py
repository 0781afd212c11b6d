"""Runs the checks of a release's files: reading, schemas, the rules of one file and the rules over all of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from wavegate.errors import InputError
from wavegate.files.document import BREAK, Document
from wavegate.files.folder import FolderSource
from wavegate.files.source import PROJECT_FILE
from wavegate.findings.finding import Finding, Locate, Location, error, notice, warning, worst_first
from wavegate.release.criteria_rules import all_waived
from wavegate.release.folder import (
    FileKind,
    FoundFile,
    find_release_files,
    kind_of,
    nothing_to_check,
    pack_paths,
    read_file,
)
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Pack
from wavegate.release.pack_rules import expired_waivers
from wavegate.release.policy.file import manifest_policy, policy_of
from wavegate.release.policy.values import GuardrailPolicy
from wavegate.release.readiness.assess import score_card
from wavegate.release.readiness.code_owners import CODE_OWNERS_PLACES, code_owners_findings
from wavegate.release.readiness.findings import missing_support_runbook, readiness_findings, unknown_tests
from wavegate.release.readiness.listed import listed
from wavegate.release.readiness.procedures import procedure_findings
from wavegate.release.readiness.unused import unused_details
from wavegate.release.readiness.values import ScoreCard, Shipped
from wavegate.release.reading import manifest_of, pack_of, read_document
from wavegate.release.release_rules import (
    missing_runbooks,
    no_project,
    repeated_suites,
    unknown_packs,
    unpriced_budgets,
)
from wavegate.text import join_names, visible

if TYPE_CHECKING:
    from wavegate.components.component import Project
    from wavegate.telemetry.mapping.values import TelemetryMapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What a check found.

    findings: worst first. texts: of every file that was checked, by path. cards: the readiness of each release whose
    manifest and packs could be read, in the order of the manifests.
    """

    findings: tuple[Finding, ...]
    texts: Mapping[str, str]
    cards: tuple[ScoreCard, ...] = ()

    def source_line(self, location: Location) -> str | None:
        """The line of a location, without its line break."""
        lines = source_lines(self.texts.get(location.file, ""))
        return lines[location.line - 1] if location.line <= len(lines) else None


@lru_cache(maxsize=8)
def source_lines(text: str) -> list[str]:
    """The lines, split as the locations of findings count them."""
    return BREAK.split(text)


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    document: Document
    kind: FileKind | None
    manifest: Manifest | None = None
    pack: Pack | None = None
    policy: GuardrailPolicy | None = None
    telemetry: "TelemetryMapping | None" = None


class Rehearse(Protocol):
    """Rehearses the rollback of a release and yields what prevents it."""

    def __call__(self, manifest: Manifest, locate: Locate) -> Iterable[Finding]:
        """The findings of the rehearsals."""
        ...

    def knows(self, environment: str) -> bool:
        """Whether the live release of an environment can be determined; otherwise it is not rehearsed."""
        ...


def check_release(
    root: Path, paths: Sequence[str], *, today: date, prefix: str = "", rehearse: Rehearse | None = None
) -> Checked:
    """Check the files at paths (default: all under `agentforce/`).

    today: in UTC, for expiry dates. prefix: of the paths in findings. InputError: there is nothing to check.
    """
    files = [_read(root, each) for each in find_release_files(root, paths)]
    if not any(each.kind or each.document.has_errors for each in files):
        raise nothing_to_check(paths)
    found = [finding for each in files for finding in each.document.findings]
    release = _Release(root, files, rehearse)
    found += release.findings(today)
    if prefix:
        found = [each._replace(location=each.location._replace(file=prefix + each.location.file)) for each in found]
    return Checked(
        findings=tuple(sorted(dict.fromkeys(found), key=worst_first)),
        texts={prefix + each.document.path: each.document.text for each in files},
        cards=tuple(replace(each, path=prefix + each.path) for each in release.cards),
    )


def _read(root: Path, file: FoundFile) -> _File:
    shown = visible(file.path)
    if file.folder:
        return _File(document=_linked_folder(shown), kind=None)
    try:
        document = read_document(read_file(root, file.path), path=shown)
    except InputError as problem:
        document = Document(path=shown, digest="")
        document.findings.append(error("file/unreadable", Location(file=shown), problem.message, problem.fix))
    kind = kind_of(document, file)
    match kind:
        case FileKind.MANIFEST:
            manifest = manifest_of(document)
            return _File(document=document, kind=kind, manifest=manifest, policy=manifest_policy(document))
        case FileKind.PACK:
            return _File(document=document, kind=kind, pack=pack_of(document))
        case FileKind.POLICY:
            return _File(document=document, kind=kind, policy=policy_of(document))
        case FileKind.TELEMETRY:
            from wavegate.telemetry.mapping.file import mapping_of

            return _File(document=document, kind=kind, telemetry=mapping_of(document))
    return _File(document=document, kind=None)


def _linked_folder(path: str) -> Document:
    message = "Links to folders are not followed: their files are not checked, and no command finds them."
    finding = warning("file/not-checked", Location(file=path), message, "Keep the folder itself here.")
    return Document(path=path, digest="", findings=[finding])


class _Release:
    """The files together, with what they refer to: other packs, runbooks, the Salesforce project."""

    def __init__(self, root: Path, files: Sequence[_File], rehearse: Rehearse | None) -> None:
        self.root = root
        self.files = files
        self.rehearse = rehearse
        self.packs: dict[str, tuple[Pack, ...] | None] = {}
        self.cards: list[ScoreCard] = []
        self.subjects: Mapping[str, frozenset[str]] = {}

    def findings(self, today: date) -> Iterator[Finding]:
        packs = [(each.pack, each.document) for each in self.files if each.pack]
        for pack, document in packs:
            yield from expired_waivers(pack, document.locate, today=today)
            yield from all_waived(pack, document.locate, today=today)
        yield from self.census([(pack, document.locate) for pack, document in packs], today)
        yield from self.policy_findings()
        yield from self.telemetry_findings()
        yield from repeated_suites([(pack, document.locate("suite")) for pack, document in packs])
        for each in self.files:
            if each.manifest:
                yield from self.manifest_findings(each.manifest, each.document.locate)

    def policy_findings(self) -> Iterator[Finding]:
        """Findings on the guardrail policies: their rules, sentences, and the names of agents in the project."""
        policies = [(each.policy, each.document) for each in self.files if each.policy]
        if not policies:
            return
        from wavegate.guardrails.policy.validation import policy_findings
        from wavegate.guardrails.read import read_guardrails

        guardrails = read_guardrails(FolderSource(self.root)) if self.project else None
        for policy, document in policies:
            yield from policy_findings(policy, guardrails, {document.path: document.text})

    def telemetry_findings(self) -> Iterator[Finding]:
        """Findings on the telemetry files and the manifests together."""
        files = [(each.telemetry, each.document.locate) for each in self.files if each.telemetry]
        manifests = [(each.manifest, each.document.locate) for each in self.files if each.manifest]
        if files or any(each.telemetry for manifest, _ in manifests for each in manifest.environments):
            from wavegate.telemetry.mapping.with_manifest import telemetry_findings

            yield from telemetry_findings(files, manifests, self.has_file)

    def census(self, packs: Sequence[tuple[Pack, Locate]], today: date) -> Iterator[Finding]:
        """Findings on what the packs name, on what declares the tests' cases, and on tests without any."""
        if packs and self.project is not None:
            from wavegate.census.pack_check import pack_findings_in
            from wavegate.census.read import definition_names, read_census, read_specs
            from wavegate.census.report import unknown_cases
            from wavegate.check.pins import release_pin_findings

            source = FolderSource(self.root)
            checked = [pack for pack, _ in packs]
            specs = read_specs(checked, source)
            census = read_census(checked, self.project, source, specs)
            self.subjects = census.subjects
            yield from census.problems
            for manifest in (each.manifest for each in self.files if each.manifest):
                yield from release_pin_findings(manifest, self.packs_of(manifest), census)
            names = definition_names(self.project, specs)
            yield from pack_findings_in(packs, self.project, source, census, definitions=names, today=today)
            for pack, locate in packs:
                if unknown := unknown_cases(census, pack):
                    yield notice(
                        "census/unknown-cases",
                        locate("tests"),
                        f"Nothing declares the cases of {join_names(unknown)}: a lost case would not be noticed.",
                        "Set `cases` of the test, or commit its test definition.",
                    )

    def manifest_findings(self, manifest: Manifest, locate: Locate) -> Iterator[Finding]:
        if self.rehearse:
            yield from self.rehearse(manifest, locate)
        found, shipped = self.project_check(manifest, locate)
        yield from found
        packs = self.packs_beside(manifest)
        yield from self.readiness(manifest, locate, shipped, packs)
        yield from missing_runbooks(manifest, locate, self.has_file)
        if any(each.rollout == "canary" for each in manifest.environments):
            from wavegate.telemetry.mapping.with_manifest import canaries_without_telemetry

            yield from canaries_without_telemetry(manifest, locate, self.has_file)
        checked = ((each.pack, each.document.locate) for each in self.files if each.pack)
        yield from unpriced_budgets(manifest, checked)
        if packs is not None:
            yield from unknown_packs(manifest, locate, frozenset(each.suite for each in packs))
        if sum(each.manifest is not None for each in self.files) == 1:
            yield from self.runbook(manifest)

    def runbook(self, manifest: Manifest) -> Iterator[Finding]:
        """A warning if the runbook no longer says what the release does."""
        from wavegate.runbook.read import read_page, read_runbook
        from wavegate.runbook.section import PATH, stale_findings

        text = read_runbook(self.root, PATH)
        if text is not None:
            yield from stale_findings(text, read_page(self.root, manifest, self.project, path=PATH), path=PATH)

    def readiness(
        self, manifest: Manifest, locate: Locate, shipped: Shipped, packs: tuple[Pack, ...] | None
    ) -> Iterator[Finding]:
        """What is missing for the release. Without packs that can be read, only its procedures are judged."""
        rehearsed = self.rehearse is not None and any(
            map(self.rehearse.knows, (each.name for each in manifest.environments))
        )
        if packs is None:
            yield from procedure_findings(manifest, locate, shipped.kinds, rehearsed=rehearsed)
        else:
            card = score_card(manifest, shipped, packs)
            self.cards.append(card)
            yield from readiness_findings(manifest, card, shipped, locate, rehearsed=rehearsed)
            yield from unknown_tests(manifest, locate, packs)
        yield from unused_details(manifest, shipped, locate)
        yield from missing_support_runbook(manifest, locate, self.has_file)
        if self.code_owners is not None:
            yield from code_owners_findings(manifest, locate, self.code_owners)

    @cached_property
    def code_owners(self) -> str | None:
        """The text of the file that GitHub reads; None without one."""
        for place in CODE_OWNERS_PLACES:
            if self.has_file(place):
                return read_file(self.root, place).decode("utf-8", "replace")
        return None

    def project_check(self, manifest: Manifest, locate: Locate) -> tuple[Sequence[Finding], Shipped]:
        """Findings on the manifest and the project, and what ships; without a project, what the manifest lists."""
        if self.project is None:
            return [no_project(manifest)], listed(manifest)
        from wavegate.components.checks.project_check import release_check
        from wavegate.guardrails.shipped import shipped_by

        checked = release_check(manifest, self.project, locate)
        shipped = shipped_by(manifest, checked, FolderSource(self.root))
        return checked.findings, replace(shipped, tested=self.subjects)

    @cached_property
    def project(self) -> "Project | None":
        """The Salesforce project; its modules are loaded only if there is one."""
        source = FolderSource(self.root)
        if not source.has(PROJECT_FILE):
            return None
        from wavegate.components.project import read_project

        return read_project(source)

    def has_file(self, path: str) -> bool:
        try:
            read_file(self.root, path)
        except InputError:
            return False
        return True

    def packs_of(self, manifest: Manifest) -> list[Pack]:
        """The checked packs that may apply to a manifest."""
        paths = {*pack_paths(self.root), *pack_paths(self.root, manifest.path.rpartition("/")[0] or ".")}
        return [each.pack for each in self.files if each.pack and each.document.path in paths]

    def packs_beside(self, manifest: Manifest) -> tuple[Pack, ...] | None:
        """The packs that a manifest may require, also those that are not checked; None if one cannot be read."""
        folder = manifest.path.rpartition("/")[0] or "."
        if folder not in self.packs:
            known = {each.document.path: each.pack for each in self.files if each.kind is FileKind.PACK}
            for path in sorted({*pack_paths(self.root), *pack_paths(self.root, folder)} - known.keys()):
                known[path] = _read(self.root, FoundFile(path=path)).pack
            read = tuple(each for each in known.values() if each)
            self.packs[folder] = read if len(read) == len(known) else None
        return self.packs[folder]
