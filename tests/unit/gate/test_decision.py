"""The decision file: strictly parsed, valid against its schema, and safe to display."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import jsonschema
import msgspec
import pytest
from tests.support.decisions import active, decision
from tests.support.hostile import HOSTILE
from tests.support.places import SCHEMAS

from wavegate.errors import InputError
from wavegate.evidence.observation import Observation, Outcome, Subject, Violation
from wavegate.evidence.resource import MAX_STATEMENT_BYTES, Resource
from wavegate.gate import decision as model
from wavegate.gate.as_markdown import MAX_ROWS, OPEN_ROWS, decision_markdown
from wavegate.gate.as_text import decision_annotations, decision_text
from wavegate.gate.decision import Decision, Reason, Verdict, from_json, to_json
from wavegate.release.pack import ViolationSeverity


def schema(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_bytes()))


def test_a_decision_is_a_statement_that_its_schema_accepts() -> None:
    statement = json.loads(to_json(decision()))
    schema("decision").validate(statement)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"][-1] == {"name": "commit", "digest": {"gitCommit": "c" * 40}}
    assert len(statement["subject"]) == 3


@pytest.mark.parametrize(
    ("struct", "name", "path"),
    [
        (model.Statement, "decision", ()),
        (Decision, "decision", ("$defs", "decision")),
        (Reason, "decision", ("$defs", "reason")),
        (Resource, "decision", ("$defs", "resource")),
        (model.Criterion, "decision", ("$defs", "criterion")),
        (model.TestRow, "decision", ("$defs", "test")),
        (model.ComparisonRow, "decision", ("$defs", "comparison")),
        (model.ViolationRow, "decision", ("$defs", "violation")),
        (model.WaiverUsed, "decision", ("$defs", "waiver")),
        (Observation, "observation", ()),
        (Subject, "observation", ("properties", "subject")),
        (Violation, "observation", ("properties", "violations", "items")),
    ],
)
def test_schema_and_struct_have_the_same_fields(struct: type, name: str, path: tuple[str, ...]) -> None:
    described: Any = schema(name).schema
    for part in path:
        described = described[part]
    fields = msgspec.structs.fields(struct)
    assert set(described["properties"]) == {field.encode_name for field in fields}
    assert set(described.get("required", ())) == {field.encode_name for field in fields if field.required}
    assert described["additionalProperties"] is False
    missing = [key for key, value in described["properties"].items() if "$ref" not in value and "title" not in value]
    assert not missing


def test_an_observation_is_written_as_its_schema_says() -> None:
    one = Observation(
        suite="s",
        test="t",
        outcome=Outcome.FAIL,
        violations=(Violation(policy="p", severity=ViolationSeverity.HIGH, confirmed=False),),
        latency=1.5,
        subject=Subject(commit="c", agents={"a": 1}),
        run_id="r",
        time=datetime(2026, 3, 1, tzinfo=UTC),
    )
    data = msgspec.json.encode(one)
    schema("observation").validate(json.loads(data))
    assert msgspec.json.decode(data, type=Observation) == one
    assert b'"runId":"r"' in data


def edited(change: str, to: str) -> bytes:
    data = to_json(decision()).decode()
    assert change in data
    return data.replace(change, to, 1).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a wavegate decision"),
        (b"null", "not a wavegate decision"),
        (b"\xff", "not a wavegate decision"),
        (b"[" * 10_000, "not a wavegate decision"),
        (b" " * (MAX_STATEMENT_BYTES + 1), "larger than 8,388,608 bytes"),
        (edited('"verdict": "fail"', '"verdict": "passed"'), "not a wavegate decision"),
        (edited('"stage": "gate"', '"stage": "gate", "extra": 1'), "not a wavegate decision"),
        (edited("decision/v1", "decision/v2"), "not a wavegate decision"),
        (edited("in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1"), "not a wavegate decision"),
        (edited('"gitCommit": "c', '"gitCommit": "d'), "subject does not match its predicate"),
        (edited('"sha256": "0', '"sha256": "1'), "subject does not match its predicate"),
    ],
)
def test_an_invalid_decision_file_is_rejected(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        from_json(data, path="d.json")
    assert caught.value.file == "d.json"


def test_a_decision_of_an_older_version_is_refused_and_the_fix_says_so() -> None:
    with pytest.raises(InputError, match="not a wavegate decision: Object missing required field `rule`") as caught:
        from_json(edited('"rule": "confidence",', ""), path="d.json")
    assert "if an older version of wavegate wrote it, run the gate again" in caught.value.fix


@pytest.mark.parametrize("text", [text for text in HOSTILE if text], ids=ascii)
def test_hostile_text_stays_text(text: str) -> None:
    shown = [mark for mark in active(decision_markdown(decision(text))) if mark != "@"]
    assert shown == active(decision_markdown(decision("text")))
    assert not re.search(r"@\w", decision_markdown(decision(text)))
    lines = decision_text(decision(text)).splitlines()
    assert len(lines) == len(decision_text(decision("text")).splitlines())
    for line in lines:
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", line)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_reads_back_unchanged(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert from_json(to_json(decision(text)), path="d") == decision(text)


def test_annotations_are_sorted_by_severity_and_limited_to_what_github_shows() -> None:
    reasons = tuple(Reason(code=f"r{each}", weight="fail", text="t") for each in range(12))
    reasons += (
        Reason(code="open", weight="inconclusive", text="t", fix="f"),
        Reason(code="note", weight=None, text="t"),
    )
    shown = list(decision_annotations(decision(reasons=reasons)))
    assert [level for level, _ in shown] == ["error"] * 10 + ["warning", "notice"]
    assert shown[10] == ("warning", "open: t\nf")


def test_a_summary_is_bounded_and_says_what_it_left_out() -> None:
    row = decision().tests[0]
    shown = decision_markdown(decision(tests=(row,) * 5000))
    assert len(shown) < 60_000
    assert f"{5000 - MAX_ROWS} more in the decision file." in shown


def test_a_summary_opens_with_the_worst_tests_and_folds_the_rest() -> None:
    row = msgspec.structs.replace(decision().tests[0], passed=4, failed=0, verdict=Verdict.PASS)
    # every observation passed, and one of them broke a policy
    broken = msgspec.structs.replace(row, test="breaks-a-policy", verdict=Verdict.FAIL)
    shown = decision_markdown(decision(tests=(row,) * OPEN_ROWS + (broken,)))
    table, _, folded = shown.partition("<summary>1 more test, none worse</summary>")
    assert table.index("breaks\\-a\\-policy") < table.index("✅ pass")
    assert folded.partition("</details>")[0].count("✅ pass") == 1


def test_the_summary_starts_with_the_verdict_and_why() -> None:
    first = [line for line in decision_markdown(decision(criteria=(), earlier=(), waivers=())).splitlines() if line]
    assert first[:3] == [
        "## ❌ NO: text is not ready for text",
        "- ❌ **minimumSuccessRate** text → text",
        "- ⚠️ **missing\\-runs** text",
    ]


@pytest.mark.parametrize(
    ("row", "picture"),
    [
        ({"passed": 0, "failed": 0, "expected": 1, "missing": 1, "lower": 0.0, "upper": 1.0}, "·" * 24),
        ({"passed": 4, "failed": 0, "lower": 0.5101, "upper": 1.0}, "············━━━━━━━━━━━●"),
        ({"passed": 0, "failed": 4, "lower": 0.0, "upper": 0.4899}, "●━━━━━━━━━━━············"),
        ({"passed": 2, "failed": 2, "lower": 0.15, "upper": 0.85}, "···━━━━━━━━━●━━━━━━━━···"),
        ({"passed": 2, "failed": 0, "errors": 2, "lower": 0.15, "upper": 0.85}, "···━━━━━━━━━●━━━━━━━━···"),
    ],
)
def test_the_picture_of_a_test(row: dict[str, Any], picture: str) -> None:
    tests = (msgspec.structs.replace(decision().tests[0], **row),)
    assert picture in decision_text(decision(tests=tests))
    assert f"<code>{picture}</code>" in decision_markdown(decision(tests=tests))
