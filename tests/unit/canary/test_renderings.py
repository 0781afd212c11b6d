"""A canary's decision as a file, a summary and lines of a log: exact, valid against its schema, safe to display."""

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import jsonschema
import msgspec
import pytest
from tests.support.canary_days import COHORT, DAY, START, day_sum, days_after, days_before, question_about, violations
from tests.support.decisions import active
from tests.support.hostile import HOSTILE
from tests.support.places import SCHEMAS

from wavegate.canary import decision as model
from wavegate.canary.as_markdown import canary_markdown
from wavegate.canary.as_text import canary_annotations, canary_text
from wavegate.canary.decision import CanaryDecision, CanaryReason, canary_from_json, canary_to_json
from wavegate.canary.judge import judge
from wavegate.canary.why.sentences import BAR_WIDTH, evidence_bar
from wavegate.errors import InputError
from wavegate.evidence.resource import MAX_STATEMENT_BYTES, Resource
from wavegate.release.manifest import Budget, Canary, CanaryMetric
from wavegate.telemetry.values import BusinessSum, UnknownWord

SCHEMA = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "canary-decision.schema.json").read_bytes()))
DAYS = [*days_before(sessions=42), *days_after(5, sessions=42, success=0.84)]


def decision(text: str = "text", **values: Any) -> CanaryDecision:
    """A decision with a text from outside wherever there is one."""
    return msgspec.structs.replace(judged(text), **values)


@cache
def judged(text: str) -> CanaryDecision:
    """The judge's decision about such texts."""
    found = [
        replace(
            each, cohort=text if each.cohort == COHORT else each.cohort, business={text: BusinessSum(good=5, n=9)}
        )
        for each in DAYS
    ]
    question = replace(
        question_about(
            found,
            starts={text: START},
            settings=Canary(
                steps=(),
                policy_budget={"high": Budget(per_thousand=1)},
                metrics=(
                    CanaryMetric(name="taskSuccess", direction="decrease", margin=0.05),
                    CanaryMetric(name="latencyP95", direction="increase", margin_ratio=1.2),
                    CanaryMetric(name=text, direction="increase", margin=0.05),
                    CanaryMetric(name="volume", guard=True),
                    CanaryMetric(name=text + text, guard=True),
                ),
            ),
            look={
                "has": frozenset({"taskSuccess", "latencyP95", "violations", text}),
                "problems": (text,),
                "unknown": (UnknownWord(place="endTypes", word=text, sessions=3),),
            },
        ),
        release=text,
        environment=text,
        live=text,
        manifest=Resource(name=text, digest={"sha256": "a" * 64}),
    )
    question = replace(question, look=replace(question.look, source=text))
    return judge(question)


@pytest.mark.parametrize(
    "found",
    [
        decision(),
        judge(question_about([])),
        judge(question_about([*days_before(), *days_after(9, success=0.6, violations=violations(2))])),
    ],
    ids=["held", "without data", "rolled back"],
)
def test_a_decision_is_a_statement_that_its_schema_accepts(found: CanaryDecision) -> None:
    data = canary_to_json(found)
    SCHEMA.validate(json.loads(data))
    assert canary_from_json(data, path="d") == found
    assert json.loads(data)["subject"][0]["name"] == found.manifest.name


@pytest.mark.parametrize(
    ("struct", "path"),
    [
        (model.CanaryStatement, ()),
        (CanaryDecision, ("$defs", "decision")),
        (CanaryReason, ("$defs", "reason")),
        (model.CohortRow, ("$defs", "cohort")),
        (model.DayRow, ("$defs", "day")),
        (model.MetricRow, ("$defs", "metric")),
        (model.GuardRow, ("$defs", "guard")),
        (model.BudgetRow, ("$defs", "budget")),
        (model.ThresholdRow, ("$defs", "threshold")),
        (Resource, ("$defs", "resource")),
    ],
)
def test_schema_and_struct_have_the_same_fields(struct: type, path: tuple[str, ...]) -> None:
    described: Any = SCHEMA.schema
    for part in path:
        described = described[part]
    fields = msgspec.structs.fields(struct)
    assert set(described["properties"]) == {field.encode_name for field in fields}
    assert set(described.get("required", ())) == {field.encode_name for field in fields if field.required}
    for each in described["properties"].values():
        assert {"title", "description"} <= each.keys() or "$ref" in each


def test_another_file_is_not_a_canary_decision() -> None:
    data = canary_to_json(decision())
    changed = [
        b"[]",
        data.replace(b'"sha256": "aaa', b'"sha256": "bbb', 1),
        data.replace(b"hold", b"held"),
        b"{",
        b"\xff",
    ]
    for each in changed:
        with pytest.raises(InputError):
            canary_from_json(each, path="d")
    with pytest.raises(InputError, match="larger than"):
        canary_from_json(b" " * (MAX_STATEMENT_BYTES + 1), path="d")


@pytest.mark.parametrize("text", [text for text in HOSTILE if text], ids=ascii)
def test_hostile_text_stays_text(text: str) -> None:
    shown = [mark for mark in active(canary_markdown(decision(text))) if mark != "@"]
    assert shown == active(canary_markdown(decision("text")))
    assert not re.search(r"@\w", canary_markdown(decision(text)))
    lines = canary_text(decision(text)).splitlines()
    assert len(lines) == len(canary_text(decision("text")).splitlines())
    for line in lines:
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", line)
    for _, message in canary_annotations(decision(text)):
        assert message.count("\n") == 1


@pytest.mark.parametrize("text", [text for text in HOSTILE if text], ids=ascii)
def test_a_chart_has_no_text_from_outside(text: str) -> None:
    blocks = re.findall(r"```mermaid\n(.*?)\n```", canary_markdown(decision(text)), re.DOTALL)
    assert len(blocks) == len(re.findall("```mermaid", canary_markdown(decision("text"))))
    for block in blocks:
        first, title, axis, scale, *lines = block.splitlines()
        assert first == "xychart-beta"
        assert re.fullmatch(r'  title "[A-Za-z0-9 ]*"', title)
        assert axis.startswith('  x-axis ["10-19", ')
        assert re.fullmatch(r'  y-axis "percent" \d+ --> \d+', scale)
        assert all(re.fullmatch(r"  (line|bar) \[[\d., ]+\]", line) for line in lines)


def test_the_summary_says_what_the_example_says() -> None:
    shown = canary_text(judge(question_about(DAYS)))
    for part in (
        "HOLD: wave-3 in production",
        "210 sessions in 5 days.",
        "Task success 83.3 % (own past, adjusted for the others: 85.7 %): -2.4 points, -10.9 to +6.2 at any time;",
        "Rolls back when a loss over 2.5 points is proven (evidence 0.5 of 20), expands when a loss under 5 points",
        "At this pace, 8 more days with 330 sessions if it is really equal.",
        "Escalation rate 7.1 % (own past, adjusted for the others: 7.1 %): ±0 points,",
        "Days differ no more than chance.",
        "Critical violations: 0 in 210, below 3 % at any time; budget 0, 0 confirmed so far.",
        "Looked once; looking again costs nothing.",
    ):
        assert part in shown


@pytest.mark.parametrize(
    ("evidence", "place"), [(0.0, 0), (1 / 20, 0), (1.0, 10), (20.0, 20), (1e9, 20), (20**0.5, 15), (20**-0.5, 5)]
)
def test_a_bar_is_on_a_logarithmic_scale_around_1(evidence: float, place: int) -> None:
    bar = evidence_bar(evidence, 20.0)
    assert (len(bar), bar.index("●")) == (BAR_WIDTH, place)


@pytest.mark.parametrize("days", [0, 1])
def test_a_chart_needs_three_days(days: int) -> None:
    found = judge(question_about([*days_before(1), *days_after(days)]))
    assert "```mermaid" not in canary_markdown(found)


def test_annotations_are_limited_to_what_github_shows() -> None:
    reasons = tuple(CanaryReason(rule=f"canary/r{each}", weight="hold", text="t", fix="f") for each in range(12))
    shown = list(canary_annotations(decision(reasons=reasons)))
    assert [level for level, _ in shown] == ["warning"] * 10
    assert shown[0] == ("warning", "canary/r0: t\nf")


def test_a_summary_is_bounded() -> None:
    found = decision()
    reasons = tuple(CanaryReason(rule=f"canary/r{each}", weight="hold", text="t" * 900) for each in range(200))
    rows = tuple(msgspec.structs.replace(found.metrics[0], name=f"metric{each}") for each in range(200))
    shown = canary_markdown(
        msgspec.structs.replace(found, reasons=reasons, metrics=rows, cohorts=found.cohorts * 500)
    )
    assert len(shown) < 200_000
    assert "and 180 more in the decision file" in shown


def test_a_dry_run_says_that_nothing_follows() -> None:
    found = judge(question_about(DAYS, settings=Canary(steps=(), dry_run=True)))
    assert found.dry_run
    assert "nothing follows" in canary_markdown(found)
    assert "nothing follows" in canary_text(found)


def test_one_day_with_the_release_is_in_the_file_of_days() -> None:
    extra = day_sum(START.date() + DAY * 5, COHORT, "Support_Pilot", 0)
    row = judge(question_about([*DAYS, extra])).metrics[0]
    assert [day.after for day in row.daily] == [False] * 14 + [True] * 5
    assert (row.daily[-1].pilot, row.daily[-1].pilot_total, row.daily[-1].others_total) == (35, 42, 900)


def test_the_change_of_a_latency_is_a_factor_and_not_points() -> None:
    found = judged("text")
    (row,) = [each for each in found.metrics if each.name == "latencyP95"]
    found = replace_metric(found, msgspec.structs.replace(row, p95=1_300.0, baseline_p95=1_000.0, difference=0.0))
    (line,) = [each for each in canary_markdown(found).splitlines() if each.startswith("|") and "latency" in each]
    assert "| ×1\\.30 |" in line
    assert "points" not in line


def replace_metric(decision: CanaryDecision, row: model.MetricRow) -> CanaryDecision:
    metrics = tuple(row if each.name == row.name else each for each in decision.metrics)
    return msgspec.structs.replace(decision, metrics=metrics)
