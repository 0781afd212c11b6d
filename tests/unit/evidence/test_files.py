"""Evidence files of every kind: what they show, and that nothing in them is dropped silently."""

import hashlib
import io
import json
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.places import FIXTURES

from wavegate.errors import InputError
from wavegate.evidence.files import EvidenceReader, names_of_tests
from wavegate.evidence.folders import EvidenceFile, check_all_counted, find_files
from wavegate.evidence.lines import CHUNK, MAX_LINE, read_lines
from wavegate.evidence.observation import MAX_NAME, Observation, Subject
from wavegate.evidence.source import Attribution, Evidence
from wavegate.findings.finding import Finding
from wavegate.release.pack import Criteria, Pack, PackTest

RESULTS = FIXTURES / "results"
NAMES = {"alpha": ("smoke", "alpha"), "beta": ("smoke", "beta")}
LINE = b'{"suite":"smoke","test":"alpha","case":"1","run":%d,"outcome":"pass"}'


def read(path: Path, *, test: tuple[str, str] | None = ("smoke", "alpha")) -> list[Evidence]:
    file = EvidenceFile(path=path, name=path.name, test=test)
    return list(EvidenceReader(NAMES).results(file, Subject(commit="c")))


def shown(evidence: Iterable[Evidence]) -> list[str]:
    """`case outcome` of an observation (with its run from the second on), the rule of a finding."""
    return [
        each.rule
        if isinstance(each, Finding)
        else f"{each.case} {each.outcome}" + (f" run {each.run}" if each.run > 1 else "")
        for each in evidence
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("testing-center/passed.json", ["1 pass", "2 pass"]),
        ("testing-center/envelope.json", ["1 pass"]),
        ("testing-center/failed.json", ["1 fail", "2 fail"]),
        ("testing-center/undeclared.json", ["1 pass", "2 error"]),
        ("testing-center/open.json", ["1 error", "2 error", "3 error", "4 error", "5 fail", "6 error"]),
        ("testing-center/in-progress.json", ["evidence/incomplete-run"]),
        ("testing-center/error.json", ["evidence/incomplete-run"]),
        ("testing-center/no-cases.json", ["evidence/incomplete-run"]),
        ("testing-center/other-shape.json", ["evidence/malformed"]),
        ("testing-center/cli-error.json", ["evidence/incomplete-run"]),
        ("agentforce-studio/passed.json", ["1 pass"]),
        (
            "agentforce-studio/mixed.json",
            ["1 fail", "2 pass", "3 error", "4 pass", "5 error", "6 error", "7 error"],
        ),
        ("agentforce-studio/failed.json", ["evidence/incomplete-run"]),
        ("agentforce-studio/terminated.json", ["evidence/incomplete-run"]),
        ("agentforce-studio/in-progress.json", ["evidence/incomplete-run"]),
        ("agentforce-studio/completed.json", ["evidence/hidden-status"]),
        ("agentforce-studio/no-cases.json", ["evidence/incomplete-run"]),
        ("promptfoo/mixed.json", ["pass", "fail", "error", "error", "error", "pass run 2"]),
        ("promptfoo/empty.json", ["evidence/incomplete-run"]),
        (
            "junit/mixed.xml",
            [
                "shipments.tells the day pass",
                "shipments.refuses a refund fail",
                "shipments.times out error",
                "shipments.is left out error",
                "shipments.passes when tried again fail",
                "alone pass",
            ],
        ),
        ("junit/empty.xml", ["evidence/incomplete-run"]),
        ("junit/entity-bomb.xml", ["evidence/malformed"]),
        ("junit/other-root.xml", ["evidence/malformed"]),
        ("junit/cut-short.xml", ["evidence/malformed"]),
    ],
)
def test_results(name: str, expected: list[str]) -> None:
    # promptfoo's cases have no number: their identity ends in a digest
    found = [re.sub(r"^test [0-9a-f]{8}/\d+ ", "", line) for line in shown(read(RESULTS / name))]
    assert found == expected


def test_every_sample_is_in_the_table() -> None:
    marks = [mark for mark in test_results.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    named = {row[0] for row in marks[0].args[1]} | {"promptfoo/named.json", "junit/named.xml"}
    found = {each.relative_to(RESULTS).as_posix() for each in RESULTS.rglob("*.*")}
    assert {each for each in found if not each.startswith("golden/")} == named


@pytest.mark.parametrize(
    ("name", "runner", "latency"),
    [
        ("testing-center/passed.json", "testing-center", 2310.5),
        ("agentforce-studio/passed.json", "agentforce-studio", 1875.0),
        ("promptfoo/mixed.json", "promptfoo", 1200.0),
        ("junit/mixed.xml", "junit", 1250.0),
    ],
)
def test_what_an_observation_keeps_of_its_result(name: str, runner: str, latency: float) -> None:
    first = read(RESULTS / name)[0]
    assert isinstance(first, Observation)
    assert (first.suite, first.test, first.runner, first.latency) == ("smoke", "alpha", runner, latency)
    assert first.subject == Subject(commit="c")
    assert first.time is not None
    assert first.time.replace(minute=0) == datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('<testsuite tests="2"><testcase name="a"/></testsuite>', ["evidence/incomplete-run", "a pass"]),
        ('<testsuite failures="1"><testcase name="a"/></testsuite>', ["evidence/incomplete-run", "a pass"]),
        ('<testsuite errors="1"><testcase name="a"/></testsuite>', ["evidence/incomplete-run", "a pass"]),
        ('<testsuite><error/><testcase name="a"/></testsuite>', ["evidence/incomplete-run", "a pass"]),
        (
            (
                '<testsuites tests="2"><testsuite tests="2"><testsuite tests="1"><testcase name="a"/></testsuite>'
                '<testsuite tests="2"><testcase name="b"/></testsuite></testsuite></testsuites>'
            ),
            ["evidence/incomplete-run", "a pass", "b pass"],
        ),
        (
            (
                '<testsuites tests="2" failures="0"><testsuite tests="1"><testcase name="a"/></testsuite>'
                '<testsuite tests="1"><testcase name="b"/></testsuite></testsuites>'
            ),
            ["a pass", "b pass"],
        ),
        ('<testsuite tests="many"><testcase name="a"/></testsuite>', ["evidence/incomplete-run", "a pass"]),
        ('<testsuite tests="1" failures="1"><testcase name="a"><failure/></testcase></testsuite>', ["a fail"]),
        ('<testsuite tests="2"><testcase name="a"><flakyFailure/></testcase></testsuite>', ["a fail"]),
        ('<testsuite><testcase name="a" status="notrun"/></testsuite>', ["a error"]),
        ('<testsuite><testcase name="a" status="PASSED"/></testsuite>', ["a pass"]),
        ('<testsuite><testcase name="a" status="untested"/></testsuite>', ["a error"]),
    ],
)
def test_junit_says_no_more_than_its_testcases_show(tmp_path: Path, xml: str, expected: list[str]) -> None:
    file = tmp_path / "alpha.xml"
    file.write_text(xml)
    assert shown(read(file)) == expected


def test_long_texts_of_a_runner_are_cut(tmp_path: Path) -> None:
    file = tmp_path / "alpha.xml"
    file.write_text(f'<testsuite><testcase name="{"x" * 10_000}"/></testsuite>')
    (junit,) = read(file)
    assert isinstance(junit, Observation)
    assert len(junit.case) == MAX_NAME
    file = tmp_path / "alpha.json"
    document = {"status": "ERROR", "subjectName": "a", "testCases": [], "errorMessage": "x" * 10_000}
    file.write_text(json.dumps(document))
    (finding,) = read(file)
    assert isinstance(finding, Finding)
    assert len(finding.message) == 500


def test_a_studio_score_with_two_statuses_is_none(tmp_path: Path) -> None:
    score = {"scorerName": "coherence", "scorerResponse": '{"status": "FAIL", "status": "PASS"}'}
    case = {"testNumber": 1, "testScorerResults": [score]}
    file = tmp_path / "alpha.json"
    file.write_text(json.dumps({"status": "SUCCESS", "testCases": [case]}))
    assert shown(read(file)) == ["1 error"]


@pytest.mark.parametrize("name", ["promptfoo/named.json", "junit/named.xml"])
def test_entries_name_their_test_where_the_file_does_not(name: str) -> None:
    found = read(RESULTS / name, test=None)
    assert [each.test for each in found if isinstance(each, Observation)] == ["alpha", "beta"]
    assert [each.rule for each in found if isinstance(each, Finding)] == ["evidence/unknown-test"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("alpha.json", "alpha 1"),
        ("alpha.2.json", "alpha 2"),
        ("alpha.0.json", "none"),
        ("v1.5.json", "v1.5 1"),
        ("v1.5.3.json", "v1.5 3"),
        ("Alpha_Definition.json", "alpha 1"),
        ("smoke/shared.json", "smoke/shared 1"),
        ("shared.json", "none"),
        ("test-result-4KB.json", "none"),
    ],
)
def test_a_file_belongs_to_the_test_of_its_stem(tmp_path: Path, path: str, expected: str) -> None:
    packs = [
        Pack(
            suite="smoke",
            tests=(
                PackTest(name="alpha", definition="Alpha_Definition"),
                PackTest(name="v1.5"),
                PackTest(name="shared"),
            ),
            criteria=Criteria(minimum_success_rate=1),
        ),
        Pack(suite="other", tests=(PackTest(name="shared"),), criteria=Criteria(minimum_success_rate=1)),
    ]
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes((RESULTS / "testing-center/envelope.json").read_bytes())
    names = names_of_tests(packs)
    (found,) = EvidenceReader(names).results(EvidenceFile(path=file, name=path), None)
    if isinstance(found, Finding):
        assert (found.rule, expected) == ("evidence/unknown-test", "none")
    else:
        test = f"smoke/{found.test}" if "/" in expected else found.test
        assert f"{test} {found.run}" == expected


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "evidence/malformed"),
        (b"not json", "evidence/malformed"),
        (b"\xff\xfe{}", "evidence/malformed"),
        (b"null", "evidence/unknown-format"),
        (b"[]", "evidence/unknown-format"),
        (b'{"testCases": 1, "subjectName": "a"}', "evidence/malformed"),
        (b"[" * 100_000, "evidence/malformed"),
        (b'{"status":0,"result":' * 50_000 + b"{}" + b"}" * 50_000, "evidence/malformed"),
        (b"<a>" * 100_000, "evidence/malformed"),
        (b"<testsuite>" * 100_000, "evidence/malformed"),
        (b'<?xml version="1.0" encoding="nonsense"?><testsuite/>', "evidence/malformed"),
        (b'{"results": {"results": [{"testCase": 5}]}}', "evidence/malformed"),
        (b"\xef\xbb\xbf{}", "evidence/unknown-format"),
        (b'{"status": "COMPLETED", "status": "ERROR"}', "evidence/malformed"),
        (b'{"testCases": [{"testNumber": 1, "testNumber": 2}], "subjectName": "a"}', "evidence/malformed"),
        (b'{"testCases": [NaN], "subjectName": "a"}', "evidence/malformed"),
        (b'{"testCases": [' + b"9" * 10_000 + b'], "subjectName": "a"}', "evidence/malformed"),
        (b"\x1f\x8b\x08rest", "evidence/compressed"),
        (b"<testsuite>" + b"<testcase/>" * 20_001 + b"</testsuite>", "evidence/malformed"),
        (b'{"status": 1, "result": {"status": "COMPLETED", "testCases": []}}', "evidence/incomplete-run"),
        (b'{"status": false, "result": {"results": {"results": []}}}', "evidence/incomplete-run"),
    ],
)
def test_a_file_that_is_no_result_is_one_finding(tmp_path: Path, data: bytes, rule: str) -> None:
    file = tmp_path / "alpha.json"
    file.write_bytes(data)
    assert shown(read(file)) == [rule]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda e: (
            st.lists(e)
            | st.dictionaries(
                st.sampled_from(
                    ["status", "testCases", "subjectName", "results", "result", "testNumber", "testResults", "name"]
                ),
                e,
            )
        ),
    )
)
def test_no_document_crashes_a_reader(tmp_path_factory: pytest.TempPathFactory, document: object) -> None:
    file = tmp_path_factory.mktemp("any") / "alpha.json"
    file.write_text(json.dumps(document))
    assert all(isinstance(each, Finding) or each.outcome != "pass" for each in read(file))


def test_results_about_another_agent_are_foreign() -> None:
    file = EvidenceFile(path=RESULTS / "testing-center/passed.json", name="passed.json", test=("smoke", "alpha"))

    def rules(*agents: str) -> list[str]:
        return shown(EvidenceReader(NAMES, agents=frozenset(agents)).results(file, None))

    assert rules("support_agent") == ["1 pass", "2 pass"]
    assert rules("other_agent") == ["evidence/foreign-agent"]
    assert rules() == ["1 pass", "2 pass"]


def lines(data: bytes) -> list[Evidence]:
    return list(read_lines(io.BytesIO(data), Attribution(file="x.jsonl")))


@pytest.mark.parametrize(
    ("second", "what"),
    [
        (b'{"suite":"smoke"', "cut short"),
        (b'{"suite":"smoke","test":"alpha"}', "no outcome"),
        (b'{"suite":"smoke","test":"alpha","outcome":null}', "null outcome"),
        (b'{"suite":"smoke","test":"alpha","outcome":"passed"}', "unknown outcome"),
        (b'{"suite":"smoke","test":"alpha","outcome":"pass","note":1}', "unknown field"),
        (b'{"suite":"smoke","test":"alpha","outcome":"pass","run":0}', "run 0"),
        (b'{"suite":"smoke","test":"alpha","outcome":"pass","run":100001}', "run too high"),
        (b'{"suite":"smoke","test":"alpha","outcome":"pass","run":"1"}', "run as text"),
        (b'{"suite":"","test":"alpha","outcome":"pass"}', "no suite"),
        (b'{"suite":"smoke","test":"alpha","outcome":"pass","time":"2026-03-01T10:00:00"}', "time without zone"),
        (b'{"suite":"smoke","test":"alpha","outcome":"pass","latency":-1}', "negative latency"),
        (b'{"suite":"smoke","test":"alpha","outcome":"pass","latency":NaN}', "no JSON number"),
        (b'{"suite":"smoke","test":"\xff","outcome":"pass"}', "no UTF-8"),
        (b'{"suite":"smoke","test":"alpha","outcome":"pass","subject":{"comit":"x"}}', "unknown part of a subject"),
        (b"[]", "not an object"),
        (b"[" * 50_000, "too deep"),
        (b'{"suite":"smoke","test":"alpha","outcome":"fail","outcome":"pass"}', "two outcomes"),
        (b'{"suite":"smoke","test":"alpha","outcome":"fail","\\u006futcome":"pass"}', "two outcomes, one escaped"),
        (
            b'{"suite":"s","test":"a","outcome":"pass","violations":[{"policy":"p","severity":"critical","severity":"low"}]}',
            "two severities",
        ),
        (
            b'{"suite":"smoke","test":"alpha","outcome":"pass","subject":{"commit":"a","commit":"b"}}',
            "two commits",
        ),
        (b'{"suite":"smoke","test":"alpha","outcome":"fail","outcome" :"pass"}', "two outcomes, one before a space"),
        (b'{"suite":"smoke","test":"alpha","outcome":"fail","outcome"\t:"pass"}', "two outcomes, one before a tab"),
        (
            b'{"suite":"smoke","test":"alpha","runner":"\\u0022:","outcome":"fail","outcome":"pass"}',
            "two outcomes, made up for by an escaped quotation mark",
        ),
        (
            b'{"suite":"smoke","test":"alpha","runner":"\\"\\u003a","outcome":"fail","outcome":"pass"}',
            "two outcomes, made up for by an escaped colon",
        ),
    ],
)
def test_a_line_that_is_no_observation_is_a_finding_at_its_line(second: bytes, what: str) -> None:
    found = lines(LINE % 1 + b"\n" + second + b"\n" + LINE % 3 + b"\n")
    assert shown(found) == ["1 pass", "evidence/malformed", "1 pass run 3"], what
    assert isinstance(found[1], Finding)
    assert found[1].location.line == 2


@pytest.mark.parametrize("space", [b"\n", b" \n", b"\r\n", b"\n\n"])
def test_a_key_repeated_before_a_line_break_is_found(space: bytes) -> None:
    # the decoder takes a line break in an object for white space
    twice = b'{"suite":"smoke","test":"alpha","outcome":"fail","outcome"' + space + b':"pass"}'
    found = lines(LINE % 1 + b"\n" + twice + b"\n")
    assert shown(found)[0] == "1 pass"
    assert set(shown(found)[1:]) == {"evidence/malformed"}


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n  \n"])
def test_the_last_line_may_lack_its_newline(end: bytes) -> None:
    assert shown(lines(LINE % 1 + b"\n" + LINE % 2 + end)) == ["1 pass", "1 pass run 2"]


def test_a_last_line_that_was_cut_short_is_a_finding() -> None:
    found = lines(LINE % 1 + b"\n" + (LINE % 2)[:-5])
    assert shown(found) == ["1 pass", "evidence/malformed"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ["evidence/empty"]),
        (b"\n \r\n", ["evidence/empty"]),
        (b"\x1f\x8b\x08rest", ["evidence/compressed"]),
        (b"\xef\xbb\xbf" + LINE % 1, ["1 pass"]),
        (b'{"suite":"smoke","test":"test","case":"run","outcome":"pass","runner":"outcome"}', ["run pass"]),
        (b'{"suite":"smoke","test":"alpha","case":"\\u0041","outcome":"pass"}', ["A pass"]),
    ],
)
def test_files_of_lines(data: bytes, expected: list[str]) -> None:
    assert shown(lines(data)) == expected


def test_lines_are_numbered_over_many_reads() -> None:
    count = 3 * CHUNK // len(LINE)
    data = b"\n".join([*(LINE % (each % 1000 + 1) for each in range(count)), b"oops", LINE % 7])
    found = lines(data)
    assert len(found) == count + 2
    (broken,) = [each for each in found if isinstance(each, Finding)]
    assert broken.location.line == count + 1


def test_a_line_without_end_stops_the_reading() -> None:
    found = lines(LINE % 1 + b"\n" + b"x" * (MAX_LINE + 2 * CHUNK))
    assert shown(found) == ["1 pass", "evidence/malformed"]


def test_folders_are_searched(tmp_path: Path) -> None:
    (tmp_path / "out/deep").mkdir(parents=True)
    for name in ("out/a.jsonl", "out/deep/b.NDJSON", "out/c.json", "out/d.jsonl.gz"):
        (tmp_path / name).write_bytes(LINE % 1)
    found = find_files(["out", "out/a.jsonl"], suffixes=(".jsonl", ".ndjson"), root=tmp_path)
    assert [each.name for each in found] == ["out/a.jsonl", "out/d.jsonl.gz", "out/deep/b.NDJSON"]


def test_a_link_in_a_folder_is_neither_followed_nor_left_out(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "secret.jsonl").write_bytes(LINE % 1)
    (tmp_path / "out/link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    with pytest.raises(InputError, match=r"contains a symbolic link, link\.jsonl"):
        find_files(["out"], suffixes=(".jsonl",), root=tmp_path)


def test_a_pipe_that_is_named_like_evidence_is_wrong_input(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out/a.json")
    with pytest.raises(InputError, match=r"contains a\.json, which is not a file"):
        find_files(["out"], suffixes=(".json",), root=tmp_path)


@pytest.mark.parametrize("name", ["extra.jsonl", "x.json.bak", "old.xml.gz"])
def test_evidence_in_a_folder_that_would_not_be_counted_is_wrong_input(tmp_path: Path, name: str) -> None:
    (tmp_path / "out/deep").mkdir(parents=True)
    (tmp_path / "out/a.xml").write_text("<testsuite/>")
    (tmp_path / "out/readme.txt").write_text("not evidence")
    counted = find_files(["out"], suffixes=(".xml",), root=tmp_path)
    check_all_counted(["out"], counted, root=tmp_path)
    (tmp_path / "out/deep" / name).write_text("{}")
    with pytest.raises(InputError, match=f"contains {name}, which would not be counted"):
        check_all_counted(["out"], counted, root=tmp_path)


def test_a_name_that_is_not_utf8_is_shown_escaped(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff\xfe.json", "wb") as stream:  # noqa: PTH123
        stream.write(b"{}")
    (file,) = find_files(["."], suffixes=(".json",), root=tmp_path)
    assert file.name == "\\udcff\\udcfe.json"


def test_folders_may_be_nested_more_deeply_than_calls(tmp_path: Path) -> None:
    deep = [tmp_path / "/".join("d" * depth) for depth in range(1, 1200)]
    try:
        for folder in deep:
            folder.mkdir()
        (deep[-1] / "a.json").write_text("{}")
        (file,) = find_files(["."], suffixes=(".json",), root=tmp_path)
        assert file.path == deep[-1] / "a.json"
    finally:
        # pytest's own removal is recursive
        (deep[-1] / "a.json").unlink(missing_ok=True)
        for folder in reversed(deep):
            folder.rmdir()


def test_a_path_that_is_not_there_is_wrong_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file or folder gone"):
        find_files(["gone"], suffixes=(".jsonl",), root=tmp_path)


def test_a_folder_without_evidence_is_a_finding(tmp_path: Path) -> None:
    (folder,) = find_files(["."], suffixes=(".jsonl",), root=tmp_path)
    reader = EvidenceReader({})
    assert shown(reader.observations(folder)) == ["evidence/empty-folder"]
    assert shown(read(folder.path)) == ["evidence/empty-folder"]
    assert reader.resources == ()


def test_what_is_read_is_what_is_digested(tmp_path: Path) -> None:
    whole, cut = LINE % 1 + b"\n", b"x" * (MAX_LINE + 3 * CHUNK)
    for name, data in (("a.jsonl", whole), ("b.jsonl", cut), ("c.json", b"{}")):
        (tmp_path / name).write_bytes(data)
    reader = EvidenceReader({})
    for name in ("a.jsonl", "b.jsonl"):
        list(reader.observations(EvidenceFile(path=tmp_path / name, name=name)))
    list(reader.results(EvidenceFile(path=tmp_path / "c.json", name="c.json"), None))
    digests = {each.name: each.digest["sha256"] for each in reader.resources}
    written = {"a.jsonl": whole, "b.jsonl": cut, "c.json": b"{}"}
    assert digests == {name: hashlib.sha256(data).hexdigest() for name, data in written.items()}


def test_a_copy_of_a_run_is_not_another_run(tmp_path: Path) -> None:
    reader = EvidenceReader(NAMES)
    content = (RESULTS / "testing-center/envelope.json").read_bytes()
    for name, data in (("alpha.json", content), ("alpha.2.json", content), ("alpha.3.json", content + b"\n")):
        (tmp_path / name).write_bytes(data)
    found = [
        shown(reader.results(EvidenceFile(path=tmp_path / name, name=name), None))
        for name in ("alpha.json", "alpha.2.json", "alpha.3.json")
    ]
    assert found == [["1 pass"], ["evidence/repeated-run", "1 pass run 2"], ["1 pass run 3"]]
