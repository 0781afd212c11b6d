"""Reading evidence files, each once. A file's format is detected from its contents."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BufferedReader

from wavegate.errors import InputError
from wavegate.evidence import junit, promptfoo, studio, testing_center
from wavegate.evidence.folders import FIX, LINES, RESULTS, EvidenceFile
from wavegate.evidence.json_document import MalformedJsonError, read_document
from wavegate.evidence.lines import BOM, CHUNK, GZIP, read_lines
from wavegate.evidence.observation import MAX_RUN, Subject
from wavegate.evidence.resource import Resource
from wavegate.evidence.source import AS_WRITTEN, Attribution, Evidence, TestKey
from wavegate.findings.finding import Finding
from wavegate.release.pack import Pack, PackTest
from wavegate.text import one_line

MAX_BYTES = 64 * 1024 * 1024
"""Bytes of one result file; JSON Lines are streamed and may be longer."""

_RUN = re.compile(r"(?P<name>.+)\.(?P<run>[0-9]{1,6})")


class EvidenceReader:
    """Reads evidence files, each once, and digests the bytes that it reads.

    So a file that changes between two reads cannot be judged by one content and recorded by another.
    """

    def __init__(
        self,
        names: Mapping[str, TestKey],
        *,
        agents: frozenset[str] = frozenset(),
        tests: Mapping[TestKey, PackTest] | None = None,
    ) -> None:
        """The reader of one gate's evidence.

        names: tests by their unambiguous names and definitions. agents: the release's agents, by case-folded name;
        Testing Center results about any other agent are a finding. Empty: any agent. tests: the packs' tests, which
        say which checks of a result count.
        """
        self._tests = tests or {}
        self._names = names
        self._agents = agents
        self._resources: list[Resource] = []
        self._results: dict[tuple[TestKey | None, str], EvidenceFile] = {}

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The files read so far, with their digests, in the order of reading."""
        return tuple(self._resources)

    def observations(self, file: EvidenceFile) -> Iterator[Evidence]:
        """The observations and findings of a JSON Lines file. InputError if it cannot be read."""
        about = Attribution(file=file.name)
        if file.path.is_dir():
            yield _empty(about, LINES)
            return
        with _opened(file) as stream:
            digesting = _Digesting(stream)
            yield from read_lines(digesting, about)
            while digesting.read(CHUNK):
                pass
        self._note(file, digesting.digest)

    def results(self, file: EvidenceFile, subject: Subject | None) -> Iterator[Evidence]:
        """The observations and findings of a runner's result file. InputError if it cannot be read.

        The file belongs to the test that the user assigned it to, otherwise to the test named by its stem;
        `name.2.json` is run 2. subject: what the user declares the results are about.
        """
        about = replace(_attributed(file, self._names, subject), agents=self._agents, tests=self._tests)
        if file.path.is_dir():
            yield _empty(about, RESULTS)
            return
        with _opened(file) as stream:
            data = stream.read(MAX_BYTES + 1)
        digest = hashlib.sha256(data).hexdigest()
        self._note(file, digest)
        first = self._results.setdefault((about.test, digest), file)
        if first is not file:
            yield about.finding(
                "repeated-run",
                f"The file is identical to {first.name}: one run was copied, not run again.",
                "Remove one of the files, and run the test once for each run.",
            )
        yield from _parse(data, file, about)

    def _note(self, file: EvidenceFile, digest: str) -> None:
        self._resources.append(Resource(name=file.name, digest={"sha256": digest}))


class _Digesting:
    """A stream that digests what is read from it."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self._sha256 = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._sha256.update(data)
        return data

    @property
    def digest(self) -> str:
        """SHA-256 of everything read so far, hexadecimal."""
        return self._sha256.hexdigest()


@contextmanager
def _opened(file: EvidenceFile) -> Iterator[BufferedReader]:
    try:
        with file.path.open("rb") as stream:
            yield stream
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.", fix=FIX, file=file.name) from error


def _empty(about: Attribution, suffixes: tuple[str, ...]) -> Finding:
    patterns = " or ".join(f"*{suffix}" for suffix in suffixes)
    return about.finding("empty-folder", f"The folder contains no {patterns} file.", FIX)


def repeated_runs(files: Sequence[EvidenceFile], names: Mapping[str, TestKey]) -> Iterator[Finding]:
    """A finding for each result file that repeats another file's run: both would count."""
    first: dict[tuple[TestKey, int], str] = {}
    for file in files:
        about = _attributed(file, names, None)
        if about.test and first.setdefault((about.test, about.run), file.name) != file.name:
            yield about.finding(
                "repeated-run",
                f"Duplicate run {about.run} of {about.test[1]}; it is also in {first[about.test, about.run]}.",
                "Remove one of the files, or number the runs: name.1.json, name.2.json.",
            )


def _parse(data: bytes, file: EvidenceFile, about: Attribution) -> Iterator[Evidence]:
    if len(data) > MAX_BYTES:
        yield about.finding(
            "too-large", f"The file is larger than {MAX_BYTES} bytes.", "Split the test's definition."
        )
    elif data.startswith(GZIP):
        yield about.compressed()
    elif data.lstrip(BOM + b" \t\r\n").startswith(b"<") or file.path.suffix.lower() == ".xml":
        yield from junit.parse(data, about)
    else:
        yield from _parse_json(data, about)


def names_of_tests(packs: Sequence[Pack]) -> dict[str, TestKey]:
    """Every test by its name, its definition and `suite/name`. Ambiguous names are left out."""
    names: dict[str, TestKey | None] = {}
    for pack in packs:
        for test in pack.tests:
            key = (pack.suite, test.name)
            for name in {test.name, test.definition or test.name, f"{pack.suite}/{test.name}"}:
                names[name] = key if names.get(name, key) == key else None
    return {name: key for name, key in names.items() if key}


def tests_by_key(packs: Sequence[Pack]) -> dict[TestKey, PackTest]:
    """Every test of the packs."""
    return {(pack.suite, test.name): test for pack in packs for test in pack.tests}


def _attributed(file: EvidenceFile, names: Mapping[str, TestKey], subject: Subject | None) -> Attribution:
    about = Attribution(file=file.name, test=file.test, subject=subject, names=names)
    stem, folder = file.path.stem, file.path.parent.name
    numbered = _RUN.fullmatch(stem)
    name, run = (numbered["name"], int(numbered["run"])) if numbered and stem not in names else (stem, 1)
    owner = file.test or names.get(f"{folder}/{name}") or names.get(name)
    return replace(about, test=owner, run=run) if 1 <= run <= MAX_RUN else about


def _parse_json(data: bytes, about: Attribution) -> Iterator[Evidence]:
    try:
        document = read_document(data.removeprefix(BOM))
    except MalformedJsonError as error:
        yield about.finding("malformed", str(error), AS_WRITTEN, line=error.line)
        return
    while isinstance(document, dict) and "status" in document and isinstance(document.get("result"), dict):
        # the envelope of `sf … --json`
        if type(document["status"]) is not int or document["status"]:
            status = one_line(str(document["status"]), 40)
            yield about.incomplete(f"The Salesforce CLI ended with status {status}.")
            return
        document = document["result"]
    yield from _parse_document(document, about)


def _parse_document(document: object, about: Attribution) -> Iterator[Evidence]:
    keys = document.keys() if isinstance(document, dict) else set()
    if "testCases" in keys:
        runner = testing_center if "subjectName" in keys else studio
        yield from runner.parse(document, about)
    elif {"results"} <= keys:
        yield from promptfoo.parse(document, about)
    elif {"exitCode", "message"} <= keys:
        yield about.incomplete("The file contains an error of the Salesforce CLI instead of results.")
    else:
        yield about.finding(
            "unknown-format",
            "Unknown result format. Known formats: Testing Center, Agentforce Studio, promptfoo, JUnit.",
            f"{AS_WRITTEN} For any other runner, write observations as JSON Lines.",
        )
