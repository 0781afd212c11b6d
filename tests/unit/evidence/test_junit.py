"""JUnit XML: the files of the real producers, and what no producer's file may hide."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.places import FIXTURES

from wavegate.evidence import junit
from wavegate.evidence.junit_document import MAX_CASES, MAX_DEPTH, MAX_ELEMENTS, MAX_NAMESPACES
from wavegate.evidence.observation import Observation
from wavegate.evidence.source import Attribution
from wavegate.findings.finding import Finding

GOLDEN = FIXTURES / "results" / "golden"


def read(xml: str | bytes) -> list[str]:
    """`case outcome` of an observation, the message of a finding."""
    data = xml.encode() if isinstance(xml, str) else xml
    about = Attribution(file="x.xml", test=("smoke", "alpha"))
    return [
        each.message if isinstance(each, Finding) else f"{each.case} {each.outcome}"
        for each in junit.parse(data, about)
    ]


EXPECTED = {
    "behave": "pass fail error error",
    "gotestsum-bad": "fail fail fail error pass",
    "gotestsum-broken": "incomplete",
    "gotestsum-crash": "fail pass",
    "gotestsum-exit": "incomplete fail pass",
    "gotestsum-good": "pass pass pass pass",
    "gotestsum-rerun": "fail fail fail fail fail fail error pass",
    "jest-bad": "incomplete fail fail error pass",
    "jest-good": "pass pass",
    "jest-projects": "pass pass",
    "jest-projects_named": "pass pass",
    "jest-todo": "incomplete pass",
    "jest-unparsable": "pass pass",  # the file that does not parse is in nobody's report
    "mocha-bad": "incomplete fail fail",
    "mocha-files": "pass pass",
    "mocha-good": "pass pass",
    "mocha-xunit-bad": "incomplete fail error error fail",
    "mocha-xunit-files": "pass pass",
    "mocha-xunit-good": "pass pass",
    "node-bad": "fail pass error error pass",
    "node-files": "pass pass pass pass",
    "node-good": "pass pass pass pass",
    "node-parent": "incomplete pass",
    "phpunit-bad": "fail error error error error error pass error",
    "phpunit-empty": "error",
    "phpunit-good": "pass pass pass",
    "playwright-bad": "fail fail error error pass fail fail error error pass",
    "playwright-good": "pass pass",
    "playwright-retries": "fail pass error error pass fail pass error error pass",
    "pytest-bad": "fail error error error error pass",
    "pytest-failed_subtests": "incomplete fail",
    "pytest-good": "pass pass pass",
    "pytest-rerun": "incomplete pass pass",
    "pytest-subtests": "pass",
    "robot": "pass error fail",
    "surefire-bad": "error error fail fail pass error",
    "surefire-broken": "error",
    "surefire-good": "pass pass pass",
    "surefire-rerun": "incomplete error error fail fail pass error",
    "unittest": "pass fail fail error error error",
    "vitest-bad": "fail error error pass",
    "vitest-good": "pass pass",
    "vitest-projects": "pass pass",  # nothing in the file tells the projects apart
    "vitest-unhandled": "pass error",
}
"""The outcomes of each file's testcases, in order; incomplete: the file is not a pass whatever they are."""


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.xml")), ids=lambda file: file.stem)
def test_the_files_of_real_producers(file: Path) -> None:
    found = [line.rpartition(" ")[2] if not line.endswith(".") else "incomplete" for line in read(file.read_bytes())]
    assert " ".join(found) == EXPECTED[file.stem]


def test_every_producer_left_its_files() -> None:
    assert {file.stem for file in GOLDEN.glob("*.xml")} == EXPECTED.keys()


@pytest.mark.parametrize(
    "case",
    [
        '<testcase name="a"><disabled/></testcase>',
        '<testcase name="a"><warning>no assertion</warning></testcase>',
        '<testcase name="a"><Failure message="x"/></testcase>',
        '<testcase name="a"><details><failure message="x"/></details></testcase>',
        '<testcase name="a"><system-out><failure/></system-out></testcase>',
        '<testcase name="a"><properties><failure/></properties></testcase>',
        '<testcase name="a" result="failed"/>',
        '<testcase name="a" status="run" result="skipped"/>',
        '<testcase name="a" success="false"/>',
        '<testcase name="a" status="nobody knows"/>',
        '<testcase name="a" failure="1 == 2"/>',
        '<testcase name="a" aborted="true"/>',
        '<testcase name="a" assertions="0"/>',
        '<testcase name="a" xmlns:x="urn:x" x:result="failed"/>',
        '<testcase name="a" xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:status="failed"/>',
    ],
)
def test_what_is_not_known_to_be_harmless_is_not_a_pass(case: str) -> None:
    (line,) = read(f"<testsuite>{case}</testsuite>")
    assert line == "a error"


@pytest.mark.parametrize(
    "case",
    [
        '<testcase name="a"/>',
        '<testcase name="a" classname="" time="1" file="x" line="2" assertions="1"/>',
        '<testcase name="a" status="run" result="completed"/>',
        '<testcase name="a" status="Passed"/>',
        '<testcase name="a"><properties><property name="fail" value="x">text</property></properties></testcase>',
        '<testcase name="a"><system-out>failure</system-out><system-err/></testcase>',
    ],
)
def test_what_is_known_to_be_harmless_passes(case: str) -> None:
    (line,) = read(f"<testsuite>{case}</testsuite>")
    assert line == "a pass"


@pytest.mark.parametrize(
    ("suite", "problem"),
    [
        ('<testsuite failures=" 1 "><testcase name="a"/></testsuite>', "`failures` is ' 1 ', not a whole number"),
        ('<testsuite failures="1.0"><testcase name="a"/></testsuite>', "`failures` is '1.0', not a whole number"),
        (f'<testsuite errors="{"9" * 400}"><testcase name="a"/></testsuite>', "not a whole number"),
        ('<testsuite tests="2" skipped="1"><testcase name="a"/><testcase name="b"/></testsuite>', "1 skipped tests"),
        ('<testsuite tests="1" disabled="1"><testcase name="a"/></testsuite>', "counts 1 skipped tests, but shows 0"),
        ('<testsuite tests="0"><testcase name="a"/></testsuite>', "counts 0 tests, but shows 1"),
        ('<testsuite name="pytest" tests="2" failures="1"><testcase name="a"/></testsuite>', "1 failures and errors"),
        ('<testsuite name="unit" tests="2"><testcase name="a"/></testsuite>', "counts 2 tests, but shows 1"),
        ('<testsuite warnings="1"><testcase name="a"/></testsuite>', "1 failures and errors, but shows 0"),
        ('<testsuite crashed="yes"><testcase name="a"/></testsuite>', "unknown attribute `crashed`"),
        ('<testsuite xmlns:x="urn:x" x:crashed="1"><testcase name="a"/></testsuite>', "unknown attribute"),
        ('<testsuite><notice/><testcase name="a"/></testsuite>', "unknown element `notice`"),
        ('<testsuite><testcase name="a"/><group><testcase name="b"/></group></testsuite>', "unknown element `group`"),
        ('<testsuite><group><testcase name="b"/></group><testcase name="a"/></testsuite>', "unknown element `group`"),
        ("<testsuites><testcase name='a'/><!-- fail 1 --></testsuites>", "comment counts 1 failed tests, but 0"),
    ],
)
def test_a_file_that_counts_what_it_does_not_show_is_incomplete(suite: str, problem: str) -> None:
    finding = read(suite)[0]
    assert problem in finding


def test_a_testcase_in_an_unknown_element_is_not_taken_for_the_one_before() -> None:
    found = read('<testsuite><testcase name="a"/><group><testcase name="b"><failure/></testcase></group></testsuite>')
    assert found[1:] == ["a pass"]
    assert "unknown element `group`" in found[0]


@pytest.mark.parametrize(
    "group",
    [
        '<group><x/><testcase name="b"><failure/></testcase></group>',
        '<group><testcase name="b">FAILED</testcase></group>',
        '<group><testsuite><testcase name="b"/></testsuite></group>',
        "<group>text</group>",
    ],
)
def test_nothing_in_an_unknown_element_is_read(group: str) -> None:
    found = read(f'<testsuite><testcase name="a"/>{group}<testcase name="c"/></testsuite>')
    assert found == ["A suite has an unknown element `group`.", "a pass", "c pass"]


def test_nothing_in_a_suite_within_a_testcase_is_read() -> None:
    inner = '<testsuite><x/><testcase name="b"/></testsuite>'
    assert read(f'<testsuite><testcase name="a">{inner}</testcase><testcase name="c"/></testsuite>') == [
        "a error",
        "c pass",
    ]


def test_text_in_a_testcase_is_an_error_of_this_one() -> None:
    cases = "".join(f'<testcase name="{name}">{text}</testcase>' for name, text in (("a", ""), ("b", "FAILED")))
    assert read(f"<testsuite>{cases}\n</testsuite>") == ["a pass", "b error"]
    assert read(f"<testsuite>{cases}FAILED</testsuite>")[0] == "A suite has the text 'FAILED' outside its testcases."


CASE = '<testcase name="{}"/>'
A, B, C = (CASE.format(name) for name in "abc")
FAILED = '<testcase name="a"><failure/></testcase>'


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        # what another suite shows does not count
        (
            f'<testsuite>{FAILED}</testsuite><testsuite failures="1">{B}</testsuite>',
            "1 failures and errors, but shows 0",
        ),
        (f'<testsuite failures="2">{FAILED}</testsuite>', "counts 2 failures and errors, but shows 1"),
        ('<testsuite tests="2"><testcase name="a"><failure/><rerunFailure/></testcase></testsuite>', ""),
        ('<testsuite tests="2"><testcase name="a"><error/><rerunError/></testcase></testsuite>', ""),
        ('<testsuite tests="2"><testcase name="a"><failure/><error/></testcase></testsuite>', "counts 2 tests, but"),
        # the children of a suite, as node:test counts them
        (f'<testsuite tests="1"><testsuite>{A}{B}</testsuite></testsuite>', ""),
        (f'<testsuite tests="2"><testsuite>{A}{B}</testsuite>{C}</testsuite>', ""),
        (f'<testsuite tests="4"><testsuite>{A}{B}</testsuite>{C}</testsuite>', "counts 4 tests, but shows 3"),
    ],
)
def test_a_suite_counts_what_is_in_it(xml: str, problem: str) -> None:
    found = [line for line in read(f"<testsuites>{xml}</testsuites>") if line.endswith(".")]
    assert len(found) == bool(problem)
    assert problem in "".join(found)


def test_the_innermost_file_tells_testcases_apart() -> None:
    inner = "".join(f'<testsuite file="{name}">{A}</testsuite>' for name in ("x", "y"))
    assert read(f'<testsuites><testsuite file="z">{inner}</testsuite></testsuites>') == ["x > a pass", "y > a pass"]
    outer = "".join(f'<testsuite file="{name}"><testsuite>{A}</testsuite></testsuite>' for name in ("x", "y"))
    assert read(f"<testsuites>{outer}</testsuites>") == ["x > a pass", "y > a pass"]


def test_a_suite_without_a_time_does_not_take_that_of_another() -> None:
    suites = f'<testsuite timestamp="2026-03-01T10:00:00Z">{A}</testsuite><testsuite>{B}</testsuite>'
    xml = f"<testsuites>{suites}</testsuites>"
    found = junit.parse(xml.encode(), Attribution(file="x.xml", test=("smoke", "alpha")))
    assert [isinstance(each, Observation) and each.time is not None for each in found] == [True, False]


def test_the_time_of_a_testcase_comes_before_that_of_its_suite() -> None:
    own = '<testcase name="a" timestamp="2026-03-02T10:00:00Z"/>'
    xml = f'<testsuite timestamp="2026-03-01T10:00:00Z">{own}{B}</testsuite>'
    found = junit.parse(xml.encode(), Attribution(file="x.xml", test=("smoke", "alpha")))
    assert [isinstance(each, Observation) and each.time and each.time.day for each in found] == [2, 1]


MANY: dict[str, tuple[int, Callable[[int], str]]] = {
    "levels": (MAX_DEPTH, lambda number: (number - 1) * "<testsuite>" + A + (number - 1) * "</testsuite>"),
    "suites": (MAX_CASES, lambda number: f"<testsuites>{A}{(number - 1) * '<testsuite/>'}</testsuites>"),
    "testcases": (MAX_CASES, lambda number: f"<testsuite>{number * A}</testsuite>"),
    "elements": (MAX_ELEMENTS, lambda number: f"<testsuite>{A}{(number - 2) * '<properties/>'}</testsuite>"),
    "namespaces": (
        MAX_NAMESPACES,
        lambda number: f"<testsuite>{A}" + number * "<properties xmlns:x='u'/>" + "</testsuite>",
    ),
}
"""What a document may have so many of, and one with that number."""


@pytest.mark.parametrize("what", MANY)
def test_a_document_within_the_limits_is_read(what: str) -> None:
    limit, document = MANY[what]
    assert set(read(document(limit))) == {"a pass"}
    (finding,) = read(document(limit + 1))
    assert f"more than {limit} {what}" in finding


def test_the_limits_of_a_document() -> None:
    assert (MAX_DEPTH, MAX_CASES, MAX_ELEMENTS, MAX_NAMESPACES) == (50, 20_000, 300_000, 1000)


def test_a_suite_tells_testcases_of_the_same_name_apart() -> None:
    suites = "".join(f'<testsuite name="{name}"><testcase name="a"/></testsuite>' for name in ("en", "de"))
    assert read(f"<testsuites>{suites}</testsuites>") == ["en > a pass", "de > a pass"]
    hosts = suites.replace("<testsuite ", '<testsuite hostname="h" ')
    assert read(f"<testsuites>{hosts}</testsuites>") == ["en > a pass", "de > a pass"]
    twice = '<testsuite name="en"><testcase name="a"/><testcase name="a"/></testsuite>'
    assert read(twice) == ["a pass", "a pass"]


@pytest.mark.parametrize(
    ("name", "cases"),
    [
        (
            "node-files",
            [
                "a.test.mjs > test.names the day",
                "a.test.mjs > test.alone",
                "b.test.mjs > test.names the day",
                "b.test.mjs > test.alone",
            ],
        ),
        (
            "mocha-files",
            ["a.cjs > names the day.shipments names the day", "b.cjs > names the day.shipments names the day"],
        ),
        ("mocha-xunit-files", ["a.cjs > shipments.names the day", "b.cjs > shipments.names the day"]),
        ("jest-projects_named", ["de shipments.shipments names the day", "en shipments.shipments names the day"]),
        # they may be two attempts, so these stay duplicates
        ("jest-projects", 2 * ["shipments names the day.shipments names the day"]),
        ("vitest-projects", 2 * ["one.spec.mjs.shipments > names the day"]),
    ],
)
def test_files_tell_tests_of_one_name_apart(name: str, cases: list[str]) -> None:
    found = read((GOLDEN / f"{name}.xml").read_bytes())
    assert found == [f"{case} pass" for case in cases]


def test_hosts_tell_projects_apart_where_suites_have_one_name() -> None:
    found = read((GOLDEN / "playwright-good.xml").read_bytes())
    assert [re.sub(r" > .*", "", line) for line in found] == ["good.spec.mjs @ en", "good.spec.mjs @ de"]


@pytest.mark.parametrize(
    ("timestamp", "time"),
    [
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01T10:00:00.5+09:00", "2026-03-01T10:00:00.500000+09:00"),
        ("2026-03-01T10:00:00", "2026-02-28T20:00:00+00:00"),
        ("Sun, 01 Mar 2026 10:00:00 GMT", "2026-03-01T10:00:00+00:00"),
        ("0001-01-01T00:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_time_without_a_zone_is_the_earliest_that_it_may_mean(timestamp: str, time: str | None) -> None:
    xml = f'<testsuite timestamp="{timestamp}"><testcase name="a"/></testsuite>'
    (found,) = junit.parse(xml.encode(), Attribution(file="x.xml", test=("smoke", "alpha")))
    assert isinstance(found, Observation)
    assert (found.time and found.time.isoformat()) == time


CHUNK = 64 * 1024
"""Bytes that are parsed at a time: the length of a tag is looked at after each."""


def with_tag(start: int, length: int) -> str:
    """A document with a testcase whose tag starts at that byte and has that length."""
    tag = f'<testcase name="a" note="{"x" * (length - 28)}"/>'
    assert len(tag) == length
    return f"<testsuite>{' ' * (start - 11)}{tag}</testsuite>"


@pytest.mark.parametrize(
    ("start", "length", "shown"),
    [
        (11, 900 * 1024, "a error"),
        (11, junit.MAX_TAG, "a error"),
        (CHUNK, junit.MAX_TAG, "a error"),
        (CHUNK - 1, junit.MAX_TAG + 1, "a error"),
        (CHUNK, junit.MAX_TAG + 2, "a error"),
        (CHUNK - 1, junit.MAX_TAG + 2, "longer than 1048576 bytes"),
        (11, 2 * junit.MAX_TAG, "longer than 1048576 bytes"),
    ],
)
def test_a_tag_of_up_to_a_mebibyte_is_read(start: int, length: int, shown: str) -> None:
    (line,) = read(with_tag(start, length))
    assert shown in line


@pytest.mark.parametrize(("number", "shown"), [(997, "a error"), (998, "more than 1000 different elements")])
def test_a_document_may_have_a_thousand_names(number: int, shown: str) -> None:
    cases = "".join(f'<testcase name="a"><x{each}/></testcase>' for each in range(number))
    assert shown in read(f"<testsuite>{cases}</testsuite>")[0]


@pytest.mark.parametrize(("seconds", "latency"), [("1.25", 1250), ("1,234.5", 1234500), ("", None), ("soon", None)])
def test_the_time_of_a_testcase_is_its_latency(seconds: str, latency: float | None) -> None:
    xml = f'<testsuite><testcase name="a" time="{seconds}"/></testsuite>'
    (found,) = junit.parse(xml.encode(), Attribution(file="x.xml", test=("smoke", "alpha")))
    assert isinstance(found, Observation)
    assert found.latency == latency


@pytest.mark.parametrize(
    ("inside", "outcome"),
    [("<error/><failure/>", "fail"), ("<failure/><error/>", "fail"), ("<skipped/><error/>", "error")],
)
def test_of_several_outcomes_a_fail_counts_before_an_error(inside: str, outcome: str) -> None:
    assert read(f'<testsuite><testcase name="a">{inside}</testcase></testsuite>') == [f"a {outcome}"]
