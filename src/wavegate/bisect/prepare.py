"""Reads what a search begins with: the changes between both releases, their order, and what they are in words."""

from dataclasses import dataclass
from pathlib import Path

from wavegate.bisect.in_words import guarded_files, words_of
from wavegate.bisect.read import SubsetFiles, read_side
from wavegate.bisect.suspicion import weights
from wavegate.bisect.units import change_units, with_weights
from wavegate.bisect.values import BisectReport, BisectSide, StopReason
from wavegate.components.project import read_project
from wavegate.errors import InputError
from wavegate.files.folder import FolderSource
from wavegate.git.repository import CommitSource, Git
from wavegate.guardrails.mutate.aims import read_aims
from wavegate.notes.read import StepReader
from wavegate.notes.values import NotedRelease
from wavegate.release.pack import Pack
from wavegate.release.readiness.code_owners import CODE_OWNERS_PLACES
from wavegate.statistics.two_ends import EndCounts


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchRequest:
    """What is searched. pack: has the test. manifest: its path in both commits. The rest: as in a `BisectReport`."""

    pack: Pack
    test: str
    manifest: str
    environment: str
    good: BisectSide
    bad: BisectSide
    max_runs: int
    confidence: float
    deterministic: bool


def begin_search(git: Git, root: Path, request: SearchRequest) -> tuple[BisectReport, SubsetFiles]:
    """The report of a search that has not begun, and the files of its subsets.

    InputError: the releases cannot be read, or their projects are the same.
    """
    good, bad = request.good, request.bad
    before, after = (read_side(git, each, request.manifest, request.environment) for each in (good, bad))
    units = change_units(before, after)
    if not units:
        message = f"The projects of {good.commit[:12]} and {bad.commit[:12]} are the same."
        fix = "Compare the tests, the org and the model instead: no change of the project made the test fail."
        raise InputError(message, fix=fix)
    reader = StepReader(git, request.manifest, request.environment)
    step = reader.step(*(NotedRelease(name=each.name, commit=each.commit) for each in (good, bad)))
    source, key = FolderSource(root), (request.pack.suite, request.test)
    aim = next(each for each in read_aims([request.pack], read_project(source), source) if each.key == key)
    units = with_weights(units, weights(units, before, after, aim, guarded_files(step)))
    report = BisectReport(
        suite=request.pack.suite,
        test=request.test,
        good=good,
        bad=bad,
        environment=request.environment,
        units=units,
        found=(),
        complete=False,
        suspects=tuple(each.id for each in units),
        stopped=StopReason.NONE,
        ends=EndCounts(),
        probes=(),
        runs=0,
        errors=0,
        budget=request.max_runs,
        confidence=request.confidence,
        deterministic=request.deterministic,
        words=words_of(units, step, before, after, _code_owners(git, bad.commit), git.prefix),
    )
    return report, SubsetFiles(git, before, after, units)


def _code_owners(git: Git, commit: str) -> str:
    """The text of CODEOWNERS at a commit; '' if there is none."""
    found = CommitSource(git, git.tree(commit)).read(CODE_OWNERS_PLACES)
    data = next((found[each] for each in CODE_OWNERS_PLACES if each in found), b"")
    return data.decode("utf-8", "replace")
