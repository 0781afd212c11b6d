"""Reports of findings: what a person, the runner and code scanning read."""

import json

import pytest
from tests.support.hostile import HOSTILE

from wavegate.findings.as_json import json_report
from wavegate.findings.as_markdown import markdown_report
from wavegate.findings.as_sarif import sarif_report
from wavegate.findings.as_text import text_report
from wavegate.findings.finding import ADDRESS_RULE, Finding, Location, Severity, error, notice, warning
from wavegate.findings.selection import ANNOTATED, most_important, totals


def at(line: int, column: int = 1, file: str = "agentforce/release.yml") -> Location:
    return Location(file=file, line=line, column=column)


def found(severity: Severity, line: int) -> Finding:
    return Finding(rule="a/b", severity=severity, location=at(line), message="m", fix="f")


def frame(line: str, column: int) -> list[str]:
    report = text_report([error("a/b", at(7, column), "Wrong.", "Mend it.")], lambda _: line, files=1)
    return report.split("\n")[1:3]


@pytest.mark.parametrize(
    ("line", "column", "shown", "caret"),
    [
        ("name: uat", 7, "  7 | name: uat", "    |       ^"),
        ("\tname", 2, r"  7 | \tname", "    |   ^"),
        ("😀: x", 4, "  7 | 😀: x", "    |     ^"),
        ("検査: x", 5, "  7 | 検査: x", "    |       ^"),
        ("e\u0301: x", 4, "  7 | e\u0301: x", "    |   ^"),
        ("x" * 300 + "!" + "y" * 300, 301, "  7 | " + "x" * 55 + "!" + "y" * 54, "    | " + " " * 55 + "^"),
        ("end", 4, "  7 | end", "    |    ^"),
    ],
)
def test_the_caret_stands_under_the_column(line: str, column: int, shown: str, caret: str) -> None:
    assert frame(line, column) == [shown, caret]


def test_the_line_of_an_address_is_not_shown() -> None:
    line = 'notify: {slack: "https://hooks.example/secret"}'
    report = text_report([error(ADDRESS_RULE, at(7), "Wrong.", "Fix it.")], lambda _: line, files=1)
    assert "Wrong." in report
    assert "secret" not in report


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_text_keeps_its_lines(text: str) -> None:
    finding = error("a/b", at(1, 1, text), text, text)
    lines = text_report([finding], lambda _: text, files=1).split("\n")
    assert len(lines) == (6 if text.strip() else 4)
    assert not [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


@pytest.mark.parametrize(
    ("severities", "said"),
    [
        ([], "No findings in 3 files."),
        ([Severity.ERROR], "1 error in 3 files."),
        ([Severity.NOTICE, Severity.ERROR, Severity.ERROR], "2 errors and 1 notice in 3 files."),
        (list(Severity), "1 error, 1 warning and 1 notice in 3 files."),
    ],
)
def test_totals(severities: list[Severity], said: str) -> None:
    assert totals([found(severity, 1) for severity in severities], files=3) == said


def test_annotations_are_the_worst_within_the_limits() -> None:
    findings = [found(severity, line) for line in range(1, 16) for severity in reversed(Severity)]
    shown = most_important(findings, ANNOTATED)
    assert [(each.severity, each.location.line) for each in shown] == [
        (severity, line) for severity in Severity for line in range(1, 11)
    ]


MANY = [found(severity, line) for line in range(1, 302) for severity in reversed(Severity)]
REST = "Not shown: 101 errors, 251 warnings and 251 notices. Use `--format json` to list all findings."


def test_the_log_shows_what_a_person_reads_and_counts_the_rest() -> None:
    lines = text_report(MANY, lambda _: "x", files=2).split("\n")
    heads = [line.split(":")[1:4:2] for line in lines if line.endswith("[a/b]")]
    assert heads == [
        [str(line), f" {severity.value}"]
        for severity, most in ((Severity.ERROR, 200), (Severity.WARNING, 50), (Severity.NOTICE, 50))
        for line in range(1, most + 1)
    ]
    assert lines[-2:] == [REST, "301 errors, 301 warnings and 301 notices in 2 files."]


def test_the_log_says_of_nothing_that_it_is_not_shown() -> None:
    assert "Not shown" not in text_report(MANY[:150], lambda _: None, files=1)


def test_the_summary_says_what_it_leaves_out() -> None:
    summary = markdown_report(MANY, files=1, verdict="fail")
    assert [summary.count(sign) for sign in ("\n| ❌ error |", "\n| ⚠️ warning |", "\n| 💡 notice |")] == [200, 50, 50]
    assert REST in summary


def test_the_summary_shows_quoted_names_as_code() -> None:
    summary = markdown_report([error("a/b", at(1), "`a|b` is *no* `key`.", "Fix `it`")], files=1, verdict="fail")
    assert r"| <code>a&#124;b</code> is \*no\* <code>key</code>\.<br><sub>a/b · " in summary


def test_json_has_all_that_is_known() -> None:
    report = json.loads(
        json_report([warning("a/b", at(2, 3), "m", "f")], files=["agentforce/release.yml"], verdict="pass")
    )
    assert report == {
        "verdict": "pass",
        "errors": 0,
        "warnings": 1,
        "notices": 0,
        "files": ["agentforce/release.yml"],
        "findings": [
            {
                "rule": "a/b",
                "severity": "warning",
                "file": "agentforce/release.yml",
                "line": 2,
                "column": 3,
                "message": "m",
                "fix": "f",
            }
        ],
    }


def test_sarif_has_what_code_scanning_needs() -> None:
    findings = [
        error("b/rule", at(2, 3, "a dir/ü%.yml"), "m", "f"),
        notice("a/rule", at(4), "m", "f"),
        error("b/rule", at(9), "m", "f"),
    ]
    run = json.loads(sarif_report(findings, lambda _: "line"))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == ["a/rule", "b/rule"]
    assert all(each["shortDescription"]["text"] and each["help"]["text"] for each in rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20dir/%C3%BC%25.yml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 2, "startColumn": 3}
    assert [each["level"] for each in run["results"]] == ["error", "note", "error"]


def test_sarif_shows_no_link_of_a_stranger() -> None:
    text = "`[Approve](https://evil.example)` is unknown.\u202e"
    report = sarif_report([error("a/b", at(1), text, text)], lambda _: "x")
    assert "](" not in report
    assert "https://evil.example" in report
    assert "\\\\u202e" in report


def fingerprints(lines: list[str]) -> list[str]:
    findings = [error("a/b", at(number), "m", "f") for number, line in enumerate(lines, 1) if "x" in line]
    report = json.loads(sarif_report(findings, lambda place: lines[place.line - 1]))
    return [each["partialFingerprints"]["primaryLocationLineHash"] for each in report["runs"][0]["results"]]


def test_fingerprints_survive_lines_that_move_and_tell_equal_lines_apart() -> None:
    before = fingerprints(["x: 1", "x: 1", "x: 2"])
    assert len(set(before)) == 3
    assert fingerprints(["# new", "  x: 1", "x: 1", "# new", "x: 2"]) == before


def test_sarif_stays_within_the_limit_of_results() -> None:
    report = json.loads(sarif_report([found(Severity.ERROR, line) for line in range(1, 5_102)], lambda _: None))
    assert len(report["runs"][0]["results"]) == 5_000
