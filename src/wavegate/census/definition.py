"""Reads the cases of test definitions: metadata XML of AiEvaluationDefinition and AiTestingDefinition.

Source: Metadata API Developer Guide, and what npm @salesforce/agents 2.3.1 writes (agentTest).
"""

import re
from collections.abc import Sequence

from wavegate.census.source import MAX_BYTES, bad_version, no_cases, too_many_cases, unreadable, version_of
from wavegate.census.values import MAX_CASES, ExpectedCases
from wavegate.components.metadata import Element, parse_xml
from wavegate.errors import InputError
from wavegate.files.document import text_digest
from wavegate.findings.finding import Finding, Location, error
from wavegate.text import clip, visible

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def read_definition(data: bytes | None, *, path: str, type_: str, name: str) -> ExpectedCases | Finding:
    """The cases of a definition's file, else a finding that says why they are unknown. Never raises.

    data: the file's bytes, None if its source could not read it. path: relative to the checkout. type_: its metadata
    type. name: its API name.
    """
    shown = visible(path)
    if data is None or len(data) > MAX_BYTES:
        message = "The file is missing, or larger than 4 MiB." if data is None else "The file is larger than 4 MiB."
        return unreadable(shown, message, "Split the definition, or check that the file can be read.")
    try:
        root = parse_xml(data, path=shown)
    except InputError as problem:
        return unreadable(shown, problem.message, problem.fix, problem.line or 1, problem.column or 1)
    if root.tag != type_:
        fix = "Retrieve the definition again."
        message = f"The root is {clip(visible(root.tag), 60)}, not {type_}."
        return unreadable(shown, message, fix, root.line, root.column)
    return _expected(root, data, Location(shown, root.line, root.column), name)


def _expected(root: Element, data: bytes, place: Location, name: str) -> ExpectedCases | Finding:
    cases, version = list(root.all("testCase")), next(root.all("subjectVersion"), None)
    if not cases:
        return no_cases(place, visible(name))
    if len(cases) > MAX_CASES:
        return too_many_cases(place)
    if version is not None and version.text and version_of(version.text) is None:
        return bad_version(_at(version, place), clip(visible(version.text), 60))
    names = _names(cases, place)
    if isinstance(names, Finding):
        return names
    return ExpectedCases(
        count=len(cases),
        names=names,
        source=place.file,
        subject=root.value("subjectName"),
        subject_version=version_of(version.text) if version is not None else None,
        digest=text_digest(data),
    )


def _names(cases: Sequence[Element], place: Location) -> tuple[str, ...] | Finding:
    """The names of the cases in results: 1 to N. Empty where the numbers have gaps: results may count on instead."""
    numbers: dict[str, Element] = {}
    for position, case in enumerate(cases, 1):
        element = next(case.all("number"), None)
        number = element.text if element is not None else str(position)
        if not _NUMBER.fullmatch(number):
            message = f"`number` of a test case is `{clip(visible(number), 40)}`, not a whole number from 1."
            fix = "Number the test cases from 1."
            return error("census/invalid-number", _at(element or case, place), message, fix)
        if number in numbers:
            message = f"Duplicate test case {number}; first defined on line {numbers[number].line}."
            fix = "Give every test case a number of its own."
            return error("census/duplicate-case", _at(case, place), message, fix)
        numbers[number] = case
    consecutive = tuple(str(number) for number in range(1, len(cases) + 1))
    return consecutive if numbers.keys() == set(consecutive) else ()


def _at(element: Element, place: Location) -> Location:
    return place._replace(line=element.line, column=element.column)
