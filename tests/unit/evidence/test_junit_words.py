"""The reader of JUnit XML keeps what the tables of docs/reference/result-files.md say, and passes their formats."""

import pytest
from tests.producers.table import BEGIN, DOCUMENT, END
from tests.unit.evidence.test_junit import read

ROWS = [
    (title, row[0].strip("`"), row[1])
    for table in DOCUMENT.read_text("utf-8").split(BEGIN)[1].split(END)[0].split("\n\n")
    for title, *lines in [table.strip().splitlines()]
    for row in [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]
]
"""Head of a table, word, and what it means."""


def rows(head: str) -> list[tuple[str, str]]:
    found = [(word, meaning) for title, word, meaning in ROWS if title.startswith(f"| {head} |")]
    assert len(found) > 3
    return found


@pytest.mark.parametrize(("word", "meaning"), rows("Element in a `testcase`"))
def test_an_element_in_a_testcase(word: str, meaning: str) -> None:
    outcome = "pass" if meaning == "not read" else meaning
    assert read(f'<testsuite><testcase name="a"><{word}>text</{word}></testcase></testsuite>') == [f"a {outcome}"]


@pytest.mark.parametrize(("word", "meaning"), rows("Element in a `testsuites` or `testsuite`"))
def test_an_element_in_a_suite(word: str, meaning: str) -> None:
    lines = read(f'<testsuite><{word}></{word}><testcase name="a"/></testsuite>')
    if meaning.startswith("incomplete"):
        assert lines == [f"A suite has a `{word}` outside its testcases.", "a pass"]
    else:
        assert lines == ["1 pass"] * (word == "testcase") + ["a pass"]


@pytest.mark.parametrize(("word", "_meaning"), rows("Element in another one"))
def test_an_element_in_another_one(word: str, _meaning: str) -> None:
    parent, child = word.split("/")
    (line,) = read(
        f'<testsuite><testcase name="a"><{parent}><{child}>text</{child}></{parent}></testcase></testsuite>'
    )
    assert line == f"a {dict(rows('Element in a `testcase`'))[parent].replace('not read', 'pass')}"


@pytest.mark.parametrize(("word", "meaning"), rows("Attribute of a `testsuites` or `testsuite`"))
def test_an_attribute_of_a_suite(word: str, meaning: str) -> None:
    def lines(value: int, inside: str = "") -> list[str]:
        return read(f'<testsuite {word}="{value}"><testcase name="a">{inside}</testcase></testsuite>')

    if meaning.startswith("must be"):
        assert lines(1) == ["a pass"]
        assert lines(2)[0] == "A suite counts 2 tests, but shows 1."
    elif meaning.startswith("at most"):
        counted, element = ("skipped tests", "skipped") if "skipped" in meaning else ("failures and errors", "error")
        assert lines(0) == ["a pass"]
        assert lines(1)[0] == f"A suite counts 1 {counted}, but shows 0."
        assert lines(1, f"<{element}/>") == ["a error"]
    else:
        assert lines(1) == ["a pass"]


@pytest.mark.parametrize(("word", "meaning"), rows("Attribute of a `testcase`"))
def test_an_attribute_of_a_testcase(word: str, meaning: str) -> None:
    name, _, value = word.partition("=")
    named = "" if name == "name" else ' name="a"'
    (line,) = read(f'<testsuite><testcase{named} {name}="{value or 1}"/></testsuite>')
    assert line.rpartition(" ")[2] == ("error" if meaning.startswith("error") else "pass")


@pytest.mark.parametrize("word", ["status=", "result=", "success="])
def test_no_word_for_an_outcome_says_nothing(word: str) -> None:
    assert read(f'<testsuite><testcase name="a" {word}""/></testsuite>') == ["a pass"]


@pytest.mark.parametrize(
    "word", ["status=okay", "status=notrun", "result=complete", "result=run", "success=1", "success=yes", "lines=1"]
)
def test_what_is_not_known_is_not_a_pass(word: str) -> None:
    name, _, value = word.partition("=")
    assert read(f'<testsuite><testcase name="a" {name}="{value}"/></testsuite>') == ["a error"]


XSI = "http://www.w3.org/2001/XMLSchema-instance"
PUBLISHED = {
    "GoogleTest": """
        <testsuites tests="1" failures="0" disabled="0" errors="0" time="0" timestamp="2026-03-01T10:00:00"
          random_seed="17" name="AllTests"><testsuite name="T" tests="1" failures="0" disabled="0" skipped="0"
          errors="0" time="0" timestamp="2026-03-01T10:00:00"><testcase name="a" type_param="int" value_param="1"
          file="t.cc" line="3" status="run" result="completed" time="0" timestamp="2026-03-01T10:00:00"
          classname="T"/></testsuite></testsuites>""",
    "cargo-nextest": """
        <testsuites name="run" tests="1" failures="0" errors="0" uuid="5b" timestamp="2026-03-01T10:00:00Z" time="1">
          <testsuite name="T" tests="1" disabled="0" errors="0" failures="0"><testcase name="a" classname="T"
          timestamp="2026-03-01T10:00:00Z" time="1"><system-out>x</system-out><system-err>x</system-err></testcase>
          </testsuite></testsuites>""",
    "Ginkgo": """
        <testsuites tests="1" disabled="0" errors="0" failures="0" time="1"><testsuite name="T" package="/t" tests="1"
          disabled="0" skipped="0" errors="0" failures="0" time="1" timestamp="2026-03-01T10:00:00"><properties>
          <property name="RandomSeed" value="17"></property></properties><testcase name="a" classname="T"
          status="passed" time="1"><system-err>x</system-err></testcase></testsuite></testsuites>""",
    "Maven Surefire": f"""
        <testsuite xmlns:xsi="{XSI}" xsi:noNamespaceSchemaLocation="surefire-test-report.xsd" version="3.0.2" name="T"
          time="1" tests="1" errors="0" skipped="0" failures="0" flakes="0"><properties><property name="x" value="y"/>
          </properties><testcase name="a" classname="T" time="1"/></testsuite>""",
    "an older Maven Surefire": f"""
        <testsuite name="T" time="1" tests="1" errors="0" skipped="0" failures="0" xmlns:xsi="{XSI}"
          xsi:schemaLocation="surefire-test-report.xsd"><testcase name="a" classname="T" time="1"/></testsuite>""",
}
"""A passing file in each published format that no golden file shows."""


@pytest.mark.parametrize("producer", PUBLISHED)
def test_a_published_format_passes(producer: str) -> None:
    assert read(PUBLISHED[producer].strip()) == ["T.a pass"]
