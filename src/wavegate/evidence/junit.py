"""JUnit XML, as written by many test runners."""

from collections import Counter
from collections.abc import Iterator
from xml.parsers import expat

from wavegate.evidence.junit_document import JunitCase, JunitReader, RejectedJunitError
from wavegate.evidence.source import AS_WRITTEN, Attribution, Evidence, observation

RUNNER = "junit"


def parse(data: bytes, about: Attribution) -> Iterator[Evidence]:
    """An observation for each testcase; a skipped one is an error. A DOCTYPE is rejected, and entities with it.

    A file whose suites count anything else than their testcases show, or that contains anything unknown outside the
    testcases, is incomplete.
    """
    reader, parser = JunitReader(), expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CommentHandler = reader.comment
    parser.StartDoctypeDeclHandler = _reject_doctype
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat's own signature
    except (expat.ExpatError, RejectedJunitError, ValueError, LookupError) as error:
        yield about.finding(
            "malformed",
            f"The file is not JUnit XML: {error}.",
            AS_WRITTEN,
            line=parser.CurrentLineNumber,
        )
        return
    reader.finish()
    if not reader.cases:
        yield about.incomplete("The file has no testcase, so it is unknown which tests were left out.")
    elif reader.problems:
        yield about.incomplete(next(iter(reader.problems)))
    for case, name in zip(reader.cases, _names(reader.cases), strict=True):
        yield _observation(case, name, about)


def _names(cases: list[JunitCase]) -> Iterator[str]:
    """The testcases' names. Where several suites have one of that name, it is preceded by the suites' names.

    If those are the same too, the suites' hosts are added. Twice in one suite, a name stays a duplicate.
    """
    names = {(case.label, _suite_names(case)) for case in cases}
    suites = Counter(label for label, _ in names)
    hosts = Counter((label, where) for label, where, _ in {(c.label, _suite_names(c), c.suites) for c in cases})
    for case in cases:
        where = _suite_names(case)
        if hosts[case.label, where] > 1:
            where = tuple(" @ ".join(part for part in place if part) for place in case.suites if any(place))
        elif suites[case.label] == 1:
            where = ()
        yield " > ".join((*where, case.label))


def _suite_names(case: JunitCase) -> tuple[str, ...]:
    return tuple(name for name, _ in case.suites if name)


def _reject_doctype(*_: object) -> None:
    raise RejectedJunitError("it has a DOCTYPE, which could define entities")


def _observation(case: JunitCase, name: str, about: Attribution) -> Evidence:
    test = about.test or about.names.get(case.name) or about.names.get(case.class_name)
    if test is None:
        return about.unknown()
    return observation(
        about,
        test=test,
        case=name,
        outcome=case.outcome,
        latency=_milliseconds(case.seconds),
        time=case.time,
        runner=RUNNER,
    )


def _milliseconds(seconds: str) -> float | None:
    try:
        return 1000 * float(seconds.replace(",", ""))
    except ValueError:
        return None
