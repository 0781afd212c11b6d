"""JUnit XML: the files of the real producers, and what no producer's file may hide."""

import re
from pathlib import Path

import pytest
from tests.support.places import FIXTURES

from wavegate.evidence import junit
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


def test_a_suite_tells_testcases_of_the_same_name_apart() -> None:
    suites = "".join(f'<testsuite name="{name}"><testcase name="a"/></testsuite>' for name in ("en", "de"))
    assert read(f"<testsuites>{suites}</testsuites>") == ["en > a pass", "de > a pass"]
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
