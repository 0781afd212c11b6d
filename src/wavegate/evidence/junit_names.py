"""The names of a document's testcases, which tell them apart as far as the document does."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from wavegate.evidence.junit_case import JunitCase


def case_names(cases: Sequence[JunitCase]) -> Iterator[str]:
    """The testcases' names. Where several suites have one of that name, it is preceded by the suites' names.

    If those are the same too, the suites' hosts are added, and if those are, the file. Otherwise a name stays a
    duplicate: there may have been two attempts.
    """
    suites = Counter(label for label, _ in {(case.label, case.place.names) for case in cases})
    hosts = Counter((label, names) for label, names, _ in {(c.label, c.place.names, c.place.suites) for c in cases})
    files = Counter((label, place) for label, place, _ in {(c.label, c.place.suites, c.file) for c in cases})
    shared = _shared_folders({case.file for case in cases if case.file})
    for case in cases:
        where = case.place.names
        if hosts[case.label, where] > 1:
            where = tuple(b" @ ".join(part for part in place if part) for place in case.place.suites if any(place))
        elif suites[case.label] == 1:
            where = ()
        if files[case.label, case.place.suites] > 1 and case.file:
            where = (_folders(case.file, shared), *where)
        yield b" > ".join((*where, case.label)).decode()


def _shared_folders(files: Iterable[bytes]) -> int:
    """How many folders at the beginning of a path all files share: those depend on the machine."""
    levels = zip(*(_parts(file)[:-1] for file in files), strict=False)
    return sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, levels))


def _folders(file: bytes, shared: int) -> bytes:
    return b"/".join(_parts(file)[shared:])


def _parts(file: bytes) -> list[bytes]:
    return file.replace(b"\\", b"/").split(b"/")
