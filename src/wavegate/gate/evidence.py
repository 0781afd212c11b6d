"""The evidence that a gate is given: found, and counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from wavegate.errors import InputError
from wavegate.evidence.files import (
    LINES,
    RESULTS,
    EvidenceFile,
    find_files,
    names_of_tests,
    read_observations,
    read_results,
    repeated_runs,
)
from wavegate.evidence.observation import Subject
from wavegate.gate.judge import Question
from wavegate.gate.tally import Tally, empty_tally
from wavegate.release.pack import Pack


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceFiles:
    """The files that were named. baseline: observations of the release before."""

    observations: tuple[EvidenceFile, ...]
    results: tuple[EvidenceFile, ...]
    baseline: tuple[EvidenceFile, ...]

    @property
    def all(self) -> tuple[EvidenceFile, ...]:
        """Every file."""
        return (*self.observations, *self.results, *self.baseline)


def find_evidence(
    root: Path,
    packs: Sequence[Pack],
    *,
    observations: Sequence[str],
    results: Sequence[str],
    baseline: Sequence[str],
) -> EvidenceFiles:
    """The files of the three options. InputError where one is not there, or is for a test that no pack has."""
    return EvidenceFiles(
        observations=find_files(observations, suffixes=LINES, root=root),
        results=_result_files(results, root, packs),
        baseline=find_files(baseline, suffixes=LINES, root=root),
    )


def _result_files(given: Sequence[str], root: Path, packs: Sequence[Pack]) -> tuple[EvidenceFile, ...]:
    """Each file once: what its user says of it wins over its name. InputError where that is two different tests."""
    found: dict[Path, EvidenceFile] = {}
    for each in (each for text in given for each in _named_files(text, root, packs)):
        before = found.get(each.path.resolve(), each)
        if before.test and each.test and before.test != each.test:
            raise InputError(
                f"--results gives {each.name} to two tests, {before.test[1]} and {each.test[1]}.",
                fix="Give it to the one that it is about.",
            )
        found[each.path.resolve()] = before if before.test else each
    return tuple(found.values())


def _named_files(text: str, root: Path, packs: Sequence[Pack]) -> list[EvidenceFile]:
    names = names_of_tests(packs)
    name, equals, path = text.partition("=")
    if equals and name not in names and not (root / text).exists():
        raise InputError(f"--results names a test {name} that no pack has.", fix=f"Tests: {', '.join(names)}.")
    found = find_files((path if name in names and equals else text,), suffixes=RESULTS, root=root)
    test = names.get(name) if equals else None
    return [EvidenceFile(path=each.path, name=each.name, test=test) for each in found]


def count_evidence(question: Question, files: EvidenceFiles, *, max_age: timedelta | None) -> Tally:
    """The observations and results, those that are about something else or too old refused."""
    tally = empty_tally(
        question.packs,
        subjects={pack.suite: question.subject(pack) for pack in question.packs},
        now=question.now,
        max_age=max_age,
    )
    names = names_of_tests(question.packs)
    # a runner's file has no subject of its own: who names it vouches that it is about what is judged
    vouched = Subject(commit=question.commit, org=question.org)
    for file in files.observations:
        tally.add_all(read_observations(file))
    tally.add_all(repeated_runs(files.results, names))
    for file in files.results:
        tally.add_all(read_results(file, names=names, subject=vouched))
    return tally


def count_baseline(question: Question, files: EvidenceFiles) -> Tally | None:
    """The observations of the release before, whatever their subject and age; None where none were named."""
    if not files.baseline:
        return None
    tally = empty_tally(question.packs, subjects={pack.suite: Subject() for pack in question.packs}, now=question.now)
    for file in files.baseline:
        tally.add_all(read_observations(file))
    return tally
