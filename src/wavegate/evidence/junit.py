"""JUnit XML, as written by many test runners."""

from collections.abc import Iterator
from xml.parsers import expat

from wavegate.evidence.junit_case import JunitCase
from wavegate.evidence.junit_document import JunitReader, RejectedJunitError
from wavegate.evidence.junit_names import case_names
from wavegate.evidence.source import AS_WRITTEN, Attribution, Evidence, observation

RUNNER = "junit"
MAX_TAG = 1024 * 1024
"""Bytes of one tag with its attributes, or of one comment."""
MAX_NAMES = 1000
"""Different names of elements and attributes, and declarations of namespaces. The parser keeps them all."""
_CHUNK = 64 * 1024


def parse(data: bytes, about: Attribution) -> Iterator[Evidence]:
    """An observation for each testcase; a skipped one is an error. A DOCTYPE is rejected, and entities with it.

    A file whose suites count anything else than their testcases show, or that contains anything unknown outside the
    testcases, is incomplete.
    """
    reader, parser = JunitReader(about.names), expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.CommentHandler = reader.comment
    parser.StartDoctypeDeclHandler = _reject_doctype
    parser.StartNamespaceDeclHandler = reader.namespace
    try:
        _feed(parser, data)
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
    elif reader.problem:
        yield about.incomplete(reader.problem)
    for case, name in zip(reader.cases, case_names(reader.cases), strict=True):
        yield _observation(case, name, about)


def _feed(parser: expat.XMLParserType, data: bytes) -> None:
    """Parse in pieces: a tag or comment is held in memory as a whole, and may have a million attributes."""
    # since version 2.6 expat leaves a long tag unread for a while after its end, which would make it seem longer
    if defer := getattr(parser, "SetReparseDeferralEnabled", None):
        defer(False)  # noqa: FBT003
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        parser.Parse(chunk, False)  # noqa: FBT003 - expat's own signature
        if start + len(chunk) - parser.CurrentByteIndex > MAX_TAG:
            raise RejectedJunitError(f"a tag or comment is longer than {MAX_TAG} bytes")
        if len(parser.intern) > MAX_NAMES:
            raise RejectedJunitError(f"it has more than {MAX_NAMES} different elements and attributes")
    parser.Parse(b"", True)  # noqa: FBT003


def _reject_doctype(*_: object) -> None:
    raise RejectedJunitError("it has a DOCTYPE, which could define entities")


def _observation(case: JunitCase, name: str, about: Attribution) -> Evidence:
    test = about.test or case.test
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
