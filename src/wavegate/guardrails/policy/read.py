"""Finds and reads the policy of a project: a file, or a manifest's `guardrails:`."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from wavegate.errors import InputError
from wavegate.files.document import Document
from wavegate.files.schema import read_by_schema
from wavegate.files.source import Source
from wavegate.findings.finding import Finding, Location, error, warning
from wavegate.release.folder import FOLDER, committed_manifest_paths, is_policy_name
from wavegate.release.policy.file import MANIFEST_KEY, build_policy, policy_of
from wavegate.release.policy.values import GuardrailPolicy
from wavegate.release.reading import read_committed, read_document
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadPolicy:
    """A project's policy. findings: why it cannot be read, or is ambiguous. texts: of the files read, by path."""

    policy: GuardrailPolicy = field(default_factory=GuardrailPolicy)
    findings: tuple[Finding, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)


def read_policy(source: Source, manifest: str | None = None) -> ReadPolicy:
    """The policy of a manifest, else of `agentforce/guardrails.yml`; an empty one if there is neither.

    manifest: its path; None for every manifest under `agentforce/`. InputError: it does not exist.
    """
    reader = _PolicyReader(source)
    paths = source.paths()
    manifests = [manifest] if manifest else committed_manifest_paths(paths)
    found = [each for path in manifests for each in reader.of_manifest(path)]
    default = [path for path in paths if is_policy_name(path) and str(PurePosixPath(path).parent) == FOLDER]
    default = [path for path in default if PurePosixPath(path).name.startswith("guardrails.")]
    if not (manifest and found):
        found += [each for path in default for each in reader.of_file(path)]
    distinct = list({(each.path, each.properties, each.exemptions): each for each in found}.values())
    for each in distinct[1:]:
        reader.refuse_second(distinct[0], each)
    if manifest is None:
        reader.findings += _not_read(paths, reader.documents)
    return ReadPolicy(
        policy=distinct[0] if distinct else GuardrailPolicy(),
        findings=tuple(dict.fromkeys(reader.findings)),
        texts={path: document.text for path, document in reader.documents.items()},
    )


def _not_read(paths: Iterable[str], read: Container[str]) -> Iterator[Finding]:
    """A finding for each policy that lies where nothing reads it. read: paths of the files that were read."""
    for path in paths:
        if is_policy_name(path) and ("/" not in path or path.startswith(f"{FOLDER}/")) and path not in read:
            message = f"No manifest names this policy, and only `{FOLDER}/guardrails.yml` is read without that."
            fix = f"Move it there, or name it in a manifest: `{MANIFEST_KEY}: {one_line(path, 200)}`."
            yield warning("policy/not-read", Location(path), message, fix)


class _PolicyReader:
    """Reads documents once, and collects their findings."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.documents: dict[str, Document] = {}
        self.findings: list[Finding] = []

    def document(self, path: str) -> Document:
        if path not in self.documents:
            self.documents[path] = read_document(read_committed(self.source, path), path=path)
        return self.documents[path]

    def of_manifest(self, path: str) -> Iterator[GuardrailPolicy]:
        document = self.document(path)
        values = read_by_schema(document, "manifest")
        self.findings += document.findings
        given = (values or {}).get(MANIFEST_KEY)
        if isinstance(given, str):
            yield from self.of_named_file(document, given)
        elif given is not None:
            yield build_policy(given, document, MANIFEST_KEY)

    def of_named_file(self, manifest: Document, path: str) -> Iterator[GuardrailPolicy]:
        try:
            yield from self.of_file(path)
        except InputError as refused:
            exists = path in self.source.paths()
            message = refused.message if exists else f"There is no file `{one_line(path, 200)}`."
            fix = "Correct the path, or write the policy there."
            self.findings.append(error("policy/no-file", manifest.locate(MANIFEST_KEY), message, fix))

    def of_file(self, path: str) -> Iterator[GuardrailPolicy]:
        document = self.document(path)
        policy = policy_of(document)
        self.findings += document.findings
        if policy:
            yield policy

    def refuse_second(self, first: GuardrailPolicy, second: GuardrailPolicy) -> None:
        place = self.documents[second.path].locate(MANIFEST_KEY, key=True)
        message = f"There is another policy in {one_line(first.path, 200)}: which of the two applies is not said."
        fix = "Keep one of them, or name the manifest with --manifest."
        self.findings.append(error("policy/ambiguous", place, message, fix))
