"""Observations of earlier attempts, which a pack that runs until it is settled goes on from."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from wavegate.census.values import NOTHING_KNOWN, Census
from wavegate.errors import InputError
from wavegate.evidence.files import EvidenceReader
from wavegate.evidence.folders import LINES, check_all_counted, find_files
from wavegate.evidence.observation import Observation, Subject
from wavegate.findings.finding import Finding
from wavegate.smoke.versions import with_pinned
from wavegate.text import one_line

_FIX = "Pass only what earlier smoke runs of this pack recorded about this release, each file once."


def read_earlier(paths: Sequence[str], suites: Iterable[str], *, root: Path, output: Path) -> tuple[Observation, ...]:
    """The observations in files, or folders of files. suites: the packs that run until they are settled.

    InputError: a file cannot be read, would be overwritten, or holds an observation twice or of another pack.
    """
    files = find_files(paths, suffixes=LINES, root=root)
    check_all_counted(paths, files, root=root)
    reader, known = EvidenceReader({}), frozenset(suites)
    found: dict[tuple[str, str, str, int], Observation] = {}
    for file in files:
        if file.path.is_dir():
            continue  # an earlier attempt may have ended before it recorded anything
        if file.path.resolve() == output.resolve():
            raise InputError("The output would replace the earlier observations.", fix="Name another --output.")
        for each in reader.observations(file):
            if isinstance(each, Finding):
                raise InputError(each.message, fix=each.fix, file=file.name, line=each.location.line)
            key = (each.suite, each.test, each.case, each.run)
            if key in found:
                raise InputError(
                    f"Duplicate {_name(each)}, case {one_line(each.case, 100)}.", fix=_FIX, file=file.name
                )
            if each.suite not in known:
                message = f"The {_name(each)} is not of a pack that runs until it is settled."
                raise InputError(message, fix=_FIX, file=file.name)
            found[key] = each
    return tuple(found.values())


def check_subjects(
    earlier: Iterable[Observation], subjects: Mapping[str, Subject], pinned: Census = NOTHING_KNOWN
) -> None:
    """InputError: an earlier observation is about something else than what is tested now.

    subjects: by suite. pinned: the test definitions that run, which may pin a version.
    """
    for each in earlier:
        expected = with_pinned(subjects[each.suite], pinned.of(each.suite, each.test))
        seen = each.subject or Subject()
        if differing := (*expected.differences(seen), *expected.lacking(seen)):
            parts = " and ".join(one_line(part, 100) for part in differing)
            raise InputError(f"The {_name(each)} was recorded for another {parts}.", fix=_FIX)


def _name(observation: Observation) -> str:
    return f"earlier observation {one_line(f'{observation.suite}/{observation.test}', 200)}, run {observation.run}"
