"""Find the evidence files of a gate and count their observations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from wavegate.errors import InputError
from wavegate.evidence.files import EvidenceReader, names_of_tests, repeated_runs, tests_by_key
from wavegate.evidence.folders import LINES, RESULTS, EvidenceFile, check_all_counted, find_files
from wavegate.evidence.observation import Subject
from wavegate.evidence.resource import Resource
from wavegate.gate.judge import Question
from wavegate.gate.tally import Tally, empty_tally
from wavegate.release.pack import Pack


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceFiles:
    """The evidence files to read. baseline: observations of the previous release."""

    observations: tuple[EvidenceFile, ...]
    results: tuple[EvidenceFile, ...]
    baseline: tuple[EvidenceFile, ...]

    @property
    def all(self) -> tuple[EvidenceFile, ...]:
        """All files, whatever their role."""
        return (*self.observations, *self.results, *self.baseline)


def find_evidence(
    root: Path,
    packs: Sequence[Pack],
    *,
    observations: Sequence[str],
    results: Sequence[str],
    baseline: Sequence[str],
) -> EvidenceFiles:
    """The files that the three options name.

    InputError: a file does not exist, no pack has its test, or a folder contains evidence that would not be counted.
    """
    files = EvidenceFiles(
        observations=find_files(observations, suffixes=LINES, root=root),
        results=_result_files(results, root, packs),
        baseline=find_files(baseline, suffixes=LINES, root=root),
    )
    check_all_counted((*observations, *results, *baseline), files.all, root=root)
    return files


def _result_files(options: Sequence[str], root: Path, packs: Sequence[Pack]) -> tuple[EvidenceFile, ...]:
    """Every file once; an explicit TEST= overrides its name. InputError: a file is assigned to two tests."""
    files: dict[Path, EvidenceFile] = {}
    for file in (file for text in options for file in _named_files(text, root, packs)):
        known = files.get(file.path.resolve(), file)
        if known.test and file.test and known.test != file.test:
            raise InputError(
                f"--results assigns {file.name} to two tests, {known.test[1]} and {file.test[1]}.",
                fix="Assign it to one test.",
            )
        files[file.path.resolve()] = known if known.test else file
    return tuple(files.values())


def _named_files(text: str, root: Path, packs: Sequence[Pack]) -> list[EvidenceFile]:
    names = names_of_tests(packs)
    name, equals, path = text.partition("=")
    if equals and name not in names and not (root / text).exists():
        raise InputError(f"--results names test {name}, which no pack has.", fix=f"Tests: {', '.join(names)}.")
    files = find_files((path if name in names and equals else text,), suffixes=RESULTS, root=root)
    test = names.get(name) if equals else None
    return [EvidenceFile(path=each.path, name=each.name, test=test) for each in files]


def count_evidence(
    question: Question, files: EvidenceFiles, *, max_age: timedelta | None
) -> tuple[Tally, tuple[Resource, ...]]:
    """Count the observations and results; those of a different subject or too old are rejected.

    Returns the counts, and the files with the digests of what was read.
    """
    tally = empty_tally(
        question.packs,
        subjects={pack.suite: question.subject(pack) for pack in question.packs},
        now=question.now,
        max_age=max_age,
    )
    agents = frozenset(agent.name.casefold() for agent in question.manifest.agents)
    names = names_of_tests(question.packs)
    reader = EvidenceReader(names, agents=agents, tests=tests_by_key(question.packs))
    # a runner's result file does not record a subject: whoever passes it vouches that it is about this commit and org
    vouched = Subject(commit=question.commit, org=question.org)
    for file in files.observations:
        tally.add_all(reader.observations(file))
    tally.add_all(repeated_runs(files.results, names))
    for file in files.results:
        tally.add_all(reader.results(file, vouched))
    return tally, reader.resources


def count_baseline(question: Question, files: EvidenceFiles) -> tuple[Tally | None, tuple[Resource, ...]]:
    """Count the previous release's observations, whatever their subject and age; None without a baseline.

    Returns the counts, and the files with the digests of what was read.
    """
    if not files.baseline:
        return None, ()
    tally = empty_tally(question.packs, subjects={pack.suite: Subject() for pack in question.packs}, now=question.now)
    reader = EvidenceReader({})
    for file in files.baseline:
        tally.add_all(reader.observations(file))
    return tally, reader.resources
