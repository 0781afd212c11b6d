"""Which cases a test has: definitions, specs and packs are read, and what contradicts itself is one finding."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.support.definitions import definition, definition_path, spec, test_case
from tests.support.sources import WrittenFiles

from wavegate.census.definition import read_definition
from wavegate.census.read import read_census, read_specs
from wavegate.census.source import MAX_BYTES
from wavegate.census.test_spec import read_spec
from wavegate.census.values import DEFINITION_TYPES, MAX_CASES, Census, ExpectedCases, definition_of
from wavegate.components.project import read_project
from wavegate.findings.finding import Finding, Severity
from wavegate.release.pack import Criteria, Pack, PackTest

EVALUATION, TESTING = DEFINITION_TYPES
A = PackTest(name="a")


def pack_of(*tests: PackTest) -> Pack:
    return Pack(suite="s", tests=tests, criteria=Criteria(minimum_success_rate=0.9), path="agentforce/packs/s.json")


def census(*tests: PackTest, **files: str | bytes) -> Census:
    return census_of({}, *tests, **files)


def census_of(outside: Mapping[str, str | bytes], *tests: PackTest, **files: str | bytes) -> Census:
    """files: of definitions, by name (Testing Center), or `studio__name`. outside: files of the checkout, by path."""
    placed = {}
    for name, data in files.items():
        type_ = TESTING if name.startswith("studio__") else EVALUATION
        placed[definition_path(name.removeprefix("studio__"), type_)] = data
    source = WrittenFiles(placed)
    source.files |= {path: data if isinstance(data, bytes) else data.encode() for path, data in outside.items()}
    packs = [pack_of(*tests)]
    return read_census(packs, read_project(source), source, read_specs(packs, source))


def only_problem(found: Census) -> Finding:
    assert found.tests == {}
    assert len(found.problems) == 1, found.problems
    assert found.problems[0].severity is Severity.ERROR
    assert found.problems[0].fix
    return found.problems[0]


def test_a_definition_declares_its_cases_its_agent_and_its_version() -> None:
    found = census(A, a=definition(3))
    cases = found.of("s", "a")
    assert cases
    assert (cases.count, cases.names) == (3, ("1", "2", "3"))
    assert (cases.subject, cases.subject_version) == ("Support_Agent", 3)
    assert cases.source == "force-app/aiEvaluationDefinitions/a.aiEvaluationDefinition-meta.xml"
    assert found.problems == ()
    assert found.counts("s") == {"a": 3}
    assert found.counts("other") == {}
    assert found.of("other", "a") is None


@pytest.mark.parametrize(
    ("named", "type_", "name"),
    [
        (None, "", "a"),
        ("Order_Status", "", "Order_Status"),
        ("AiTestingDefinition:Order_Status", TESTING, "Order_Status"),
        ("aievaluationdefinition:Order_Status", EVALUATION, "Order_Status"),
        ("ns:Order_Status", "", "ns:Order_Status"),
    ],
)
def test_a_test_runs_the_definition_that_it_names(named: str | None, type_: str, name: str) -> None:
    found = definition_of(replace(A, definition=named))
    assert (found.type, found.name) == (type_, name)


def test_the_metadata_type_chooses_between_two_definitions_of_a_name() -> None:
    files = {"same": definition(2), "studio__same": definition(5, type_=TESTING)}
    studio = replace(A, definition="AiTestingDefinition:same")
    assert census(studio, **files).counts("s") == {"a": 5}
    assert census(replace(A, definition="AiEvaluationDefinition:SAME"), **files).counts("s") == {"a": 2}
    assert only_problem(census(replace(A, definition="same"), **files)).rule == "census/conflict"


def test_a_test_without_a_source_is_left_out() -> None:
    assert census(A, b=definition(2)) == Census()


@pytest.mark.parametrize(
    ("numbers", "count", "names"),
    [
        ([2, 1], 2, ("1", "2")),
        ([None, None], 2, ("1", "2")),
        # results may keep the gap or count on
        ([1, 3], 2, ()),
    ],
)
def test_cases_are_named_by_their_numbers(numbers: list[object], count: int, names: tuple[str, ...]) -> None:
    cases = census(A, a=definition(numbers)).of("s", "a")
    assert cases
    assert (cases.count, cases.names) == (count, names)


@pytest.mark.parametrize(
    ("text", "rule", "line", "said"),
    [
        (definition(0), "no-cases", 1, "no test cases"),
        (definition([1, 2, 1]), "duplicate-case", 5, "Duplicate test case 1; first defined on line 3"),
        (definition([1, "two"]), "invalid-number", 4, "`two`, not a whole number"),
        (definition([1, 0]), "invalid-number", 4, "`0`"),
        (definition([1, "1" * 400]), "invalid-number", 4, "1…"),
        (definition(1, version="latest"), "invalid-version", 2, "`latest`, not a version"),
        (definition(1)[:-30], "unreadable-definition", 3, "Invalid XML"),
        ("", "unreadable-definition", 1, "Invalid XML"),
        (definition(1, type_=TESTING), "unreadable-definition", 1, f"not {EVALUATION}"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]>" + definition(1), "unreadable-definition", 1, "DOCTYPE"),
        (definition(1).replace("xmlns=", "other="), "unreadable-definition", 1, "namespace"),
        (definition(1) + " " * MAX_BYTES, "unreadable-definition", 1, "larger than 4 MiB"),
        (definition(0, more="<testCase/>" * (MAX_CASES + 1)), "too-many-cases", 1, "more than 20,000"),
        (definition(0, more="<a>" * 500), "unreadable-definition", 3, "nested deeper"),
    ],
)
def test_a_definition_that_cannot_be_counted_is_one_finding(text: str, rule: str, line: int, said: str) -> None:
    problem = only_problem(census(A, a=text))
    assert problem.rule == f"census/{rule}"
    assert said in problem.message
    assert problem.location.line == line


def test_a_definition_that_its_source_cannot_read_is_a_finding() -> None:
    problem = read_definition(None, path="x\u202e.xml", type_=EVALUATION, name="a")
    assert isinstance(problem, Finding)
    assert "missing, or larger" in problem.message
    assert "\u202e" not in problem.location.file


@pytest.mark.parametrize("version", ["v3", "V3", "3"])
def test_a_version_is_read_with_and_without_its_letter(version: str) -> None:
    cases = census(A, a=definition(1, version=version)).of("s", "a")
    assert cases
    assert cases.subject_version == 3


@pytest.mark.parametrize("path", ["specs/x.yaml", "app/specs/deep/x.yml", "any/Order_Status-testSpec.yaml", "a.yaml"])
def test_a_spec_declares_the_cases_of_the_definition_that_it_makes(path: str) -> None:
    order = replace(A, definition="a" if path == "a.yaml" else "Order_Status")
    cases = census_of({path: spec("Order Status", 4)}, order).of("s", "a")
    assert cases
    assert (cases.count, cases.names, cases.source) == (4, ("1", "2", "3", "4"), path)
    assert (cases.subject, cases.subject_version) == ("Support_Agent", 3)


def test_every_input_of_a_studio_case_is_a_case() -> None:
    studio = replace(A, definition="AiTestingDefinition:a")
    assert census_of({"specs/a.yaml": spec("a", 2, inputs=3)}, studio).counts("s") == {"a": 6}
    other = replace(A, definition="AiEvaluationDefinition:a")
    assert census_of({"specs/a.yaml": spec("a", 2, inputs=3)}, other) == Census()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (spec("a", 0), "no-cases"),
        (spec("a", 2, inputs=0).replace("testCases:", "testCases: none #"), "unreadable-definition"),
        (spec("a", version="new"), "invalid-version"),
        (spec("a") + "\tbroken", "unreadable-definition"),
        (spec("a") + "testCases: []\n", "unreadable-definition"),
        (spec("a", 1, inputs=MAX_CASES + 1), "too-many-cases"),
    ],
)
def test_a_spec_that_cannot_be_counted_is_one_finding(text: str, rule: str) -> None:
    assert only_problem(census_of({"specs/a-testSpec.yaml": text}, A)).rule == f"census/{rule}"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("specs/a.yaml", "openapi: 3.1.0\npaths: {}\n"),
        ("specs/a.yaml", "- testCases\n- subjectName\n"),
        ("specs/a.yaml", b"\xff\xfe"),
        ("specs/other.yaml", spec("other") + "\tbroken"),
        (".github/specs/a.yaml", spec("a")),
        ("elsewhere/other.yaml", spec("a")),
        ("specs/a.json", spec("a")),
    ],
)
def test_what_is_no_spec_of_the_test_declares_nothing(path: str, data: str | bytes) -> None:
    assert census_of({path: data}, A) == Census()


def test_a_spec_without_bytes_declares_nothing() -> None:
    assert read_spec(None, path="specs/a.yaml") is None


@pytest.mark.parametrize(
    ("cases", "count", "names"), [(3, 3, ()), (("refund", "exchange"), 2, ("refund", "exchange"))]
)
def test_a_pack_declares_cases_itself(cases: int | tuple[str, ...], count: int, names: tuple[str, ...]) -> None:
    found = census(replace(A, cases=cases)).of("s", "a")
    assert found == ExpectedCases(count=count, names=names, source="agentforce/packs/s.json")


def test_sources_that_agree_are_one_and_the_names_win() -> None:
    found = census_of({"specs/a.yaml": spec("a", 3)}, replace(A, cases=3), a=definition([1, 3, 7]))
    cases = found.of("s", "a")
    assert cases
    assert (cases.count, cases.names, cases.source) == (3, ("1", "2", "3"), "specs/a.yaml")
    assert found.problems == ()


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        (4, "3 cases in force-app/aiEvaluationDefinitions/a.aiEvaluationDefinition-meta.xml, 4 cases in agentforce"),
        (("1", "2", "x"), "3 cases with `3` in force-app"),
    ],
)
def test_a_pack_that_contradicts_the_definition_is_one_finding(cases: int | tuple[str, ...], said: str) -> None:
    problem = only_problem(census(replace(A, cases=cases), a=definition(3)))
    assert problem.rule == "census/conflict"
    assert said in problem.message


def test_a_spec_that_contradicts_its_definition_is_one_finding() -> None:
    problem = only_problem(census_of({"specs/a.yaml": spec("a", 2)}, A, a=definition(3)))
    assert "3 cases in force-app" in problem.message
    assert "2 cases in specs/a.yaml" in problem.message


def test_the_digest_changes_with_what_is_expected() -> None:
    first = census(A, a=definition(3))
    assert first.digest == census(A, a=definition(3)).digest
    others = [
        census(A),
        census(A, a=definition(2)),
        census(A, a=definition(3, version="v4")),
        census(A, a=definition(3).replace("Please", "Kindly")),
        census(replace(A, name="b"), b=definition(3)),
    ]
    assert len({first.digest, *(each.digest for each in others)}) == len(others) + 1


def test_cases_with_markup_in_their_texts_are_counted_once() -> None:
    text = definition(0, more=test_case(1, "&lt;testCase&gt;") + test_case(2, "<![CDATA[<testCase/>]]>"))
    assert census(A, a=text).counts("s") == {"a": 2}
