"""The reviewer's brief: risk class, prompt diffs, and a bounded length."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.support.decisions import active, decision
from tests.support.hostile import HOSTILE
from tests.support.projects import UNUSED
from tests.support.releases import environment

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.component import Component, ComponentId
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.findings.finding import Finding, Location, Severity
from wavegate.gate.decision import Decision
from wavegate.ledger.deployment import Deployment, Release, State, Status
from wavegate.plan.prompt_diff import SHOWN, prompt_changes
from wavegate.plan.risk import risk_of
from wavegate.plan.values import Plan, PromptChange, Risk, RiskLevel
from wavegate.promotion.brief.as_markdown import LIMIT, brief_markdown
from wavegate.promotion.brief.values import Brief, ValidationSummary
from wavegate.release.manifest import Detail, Kind, Manifest, Owners
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.rehearsal_values import Rehearsal
from wavegate.rollback.values import Rollback, RollbackPlan
from wavegate.text import fenced

PLACE = Location(file="agentforce/release.yml", line=3)
TEMPLATE = "GenAiPromptTemplate"


def component(type_: str, name: str = "One") -> Component:
    return Component(
        id=ComponentId(type=type_, name=name), path=f"{type_}/{name}.xml", paths=(f"{type_}/{name}.xml",)
    )


def change(type_: str, kind: ChangeKind = ChangeKind.CHANGED, name: str = "One") -> ComponentChange:
    return ComponentChange(component=component(type_, name), kind=kind)


def plan(
    *changes: ComponentChange, text: str = "wave-4", scope: ReleaseScope | None = None, findings: int = 0
) -> Plan:
    return Plan(
        release=text,
        environment=text,
        since=None,
        **UNUSED,
        api_version="66.0",
        scope=scope or ReleaseScope(environment=text),
        changes=changes,
        shards=(),
        verify_shards=(),
        powers=(),
        steps=(),
        findings=tuple(
            Finding(rule="a/b", severity=Severity.WARNING, location=PLACE, message=text, fix=text)
            for _ in range(findings)
        ),
    )


def manifest(**fields: object) -> Manifest:
    return Manifest(release="wave-4", environments=(environment("uat"),), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "level", "reason"),
    [
        ((), RiskLevel.LOW, "nothing"),
        ((change(TEMPLATE),), RiskLevel.LOW, "only prompts and tests"),
        ((change(TEMPLATE), change("Flow")), RiskLevel.MEDIUM, "flows"),
        ((change("ApexClass"), change("GenAiFunction")), RiskLevel.MEDIUM, "actions"),
        ((change("Bot", ChangeKind.KEPT),), RiskLevel.MEDIUM, "agents"),
        ((change("NamedCredential"),), RiskLevel.HIGH, "credentials"),
        ((change("PermissionSet", ChangeKind.ADDED),), RiskLevel.HIGH, "permissions"),
        ((change(TEMPLATE, ChangeKind.REMOVED),), RiskLevel.HIGH, "deletes `GenAiPromptTemplate:One`"),
    ],
)
def test_the_risk_follows_from_the_changes(
    changes: tuple[ComponentChange, ...], level: RiskLevel, reason: str
) -> None:
    risk = risk_of(manifest(), plan(*changes))
    assert risk.level is level
    assert reason in risk.reasons[0]


@pytest.mark.parametrize(
    ("impact", "changed", "level"),
    [
        ("high", "ApexClass", RiskLevel.HIGH),
        ("normal", "ApexClass", RiskLevel.MEDIUM),
        ("high", "Flow", RiskLevel.MEDIUM),
    ],
)
def test_a_high_impact_action_includes_what_it_calls(impact: str, changed: str, level: RiskLevel) -> None:
    function, flow, apex = (component(each).id for each in ("GenAiFunction", "Flow", "ApexClass"))
    scope = ReleaseScope(
        environment="uat",
        edges=(
            Edge(source=function, target=apex, location=PLACE),
            # what calls the action is not what it does
            Edge(source=flow, target=function, location=PLACE),
        ),
        names={(Kind.ACTIONS, "refund"): (function,)},
    )
    details = (Detail(kind=Kind.ACTIONS, name="refund", impact=impact),)  # type: ignore[arg-type]
    assert risk_of(manifest(details=details), plan(change(changed), scope=scope)).level is level


def test_a_prompt_diff_is_readable() -> None:
    now = {f"{TEMPLATE}/One.xml": b"<a><content>Be brief.\nNever say &quot;no&quot;.</content></a>"}
    earlier = {f"{TEMPLATE}/One.xml": b"<a><content>Be brief.\nSay &quot;no&quot;.</content></a>"}
    before = ReleaseScope(environment="uat", components=(component(TEMPLATE),))
    (found,) = prompt_changes(plan(change(TEMPLATE), change("Flow")), before, now=now, earlier=earlier)
    assert (found.name, found.added, found.removed, found.more) == ("One", 1, 1, 0)
    assert '-Say "no".</content>' in found.lines
    assert '+Never say "no".</content>' in found.lines
    (new,) = prompt_changes(plan(change(TEMPLATE, ChangeKind.ADDED)), None, now=now, earlier={})
    assert (new.added, new.removed) == (3 + 1, 0)


def test_a_long_prompt_is_truncated_and_says_so() -> None:
    now = {f"{TEMPLATE}/One.xml": b"".join(b"line %d\n" % each for each in range(20_000))}
    (found,) = prompt_changes(plan(change(TEMPLATE, ChangeKind.ADDED)), None, now=now, earlier={})
    assert len(found.lines) == SHOWN
    assert found.more == found.added + 1 - SHOWN


def brief(text: str = "text", *, made: Decision | None = None, doubt: str = "", many: int = 1) -> Brief:
    """A brief that has something of everything, every free text in it being that text."""
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    live = Deployment(
        id=text,
        environment=text,
        commit="b" * 40,
        created_at=moment,
        statuses=(Status(state=State.SUCCESS, created_at=moment),),
        release=Release(name=text, manifest="m", agents={text: "v2"}),
    )
    side = ReleaseRef(commit="b" * 40, name=text)
    rollback = Rollback(
        environment=text, bad=side, good=side, base="main", branch="b", plan=RollbackPlan(restored=("a",))
    )
    removed = change("Flow", ChangeKind.REMOVED, text)
    trouble = Finding(rule="a/b", severity=Severity.ERROR, location=PLACE, message=text, fix=text)
    return Brief(
        plan=plan(*[change(TEMPLATE, name=text), removed] * many, text=text, findings=many),
        decision=made or decision(text),
        doubt=doubt,
        risk=Risk(level=RiskLevel.HIGH, reasons=(text,)),
        prompts=(PromptChange(name=text, kind=ChangeKind.CHANGED, added=1, removed=1, lines=(f"+{text}",), more=3),)
        * many,
        live=live,
        live_note="",
        owners=Owners(release=(text,), kill_switch=(text,)),
        manual_steps=(text,),
        rehearsal=Rehearsal(environment=text, rollback=rollback, findings=(trouble,)),
    )


def unfenced(markdown: str) -> str:
    """The Markdown without its code blocks, in which nothing is active."""
    return re.sub(r"(?ms)^(`{3,})diff\n.*?^\1$", "", markdown)


@pytest.mark.parametrize("text", [text for text in HOSTILE if text], ids=ascii)
def test_hostile_text_stays_text(text: str) -> None:
    shown, plain = (brief_markdown(brief(each)) for each in (text, "text"))
    assert [mark for mark in active(unfenced(shown)) if mark != "@"] == active(unfenced(plain))
    assert not re.search(r"@\w", unfenced(shown))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", shown)


@pytest.mark.parametrize("lines", [["``` ````"], ["a\n```\n<b>"], ["\u202e"], []])
def test_a_code_block_ends_where_it_ends(lines: list[str]) -> None:
    first, *inside, last = fenced(lines, "diff").splitlines()
    assert len(inside) == len(lines)
    assert first == f"{last}diff"
    assert not [line for line in inside if last in line]


def test_the_facts_come_first_and_long_lists_are_folded() -> None:
    lines = [line for line in brief_markdown(brief(many=20)).splitlines() if line]
    table = [line for line in lines if line.startswith("| ")][:6]
    assert [line.split(" | ")[0] for line in table] == [
        "| To do",
        "| Risk",
        "| Rollback",
        "| Stops and locks",
        "| Live now",
        "| Tested",
    ]
    assert "rehearsal failed" in table[2]
    folds = [re.sub(r"<.*?>", "", line) for line in lines if line.startswith("<details>")]
    assert folds == [
        "12 more",
        "Text of the prompts: 20 differences",
        "Smoke tests: 1",
    ]


@pytest.mark.parametrize(
    ("validation", "expected"),
    [
        (ValidationSummary(result="validated"), "✅ a check-only deployment succeeded |"),
        (
            ValidationSummary(result="validated", org="https://a-b.my.salesforce.com", tests=1),
            "✅ a check-only deployment succeeded in <code>a-b&#46;my&#46;salesforce&#46;com</code>; 1 Apex",
        ),
        (
            ValidationSummary(result="validated-in-part"),
            "✅ a check-only deployment of what can be validated succeeded: see",
        ),
        (ValidationSummary(result="unchanged"), "✅ there is nothing to deploy |"),
        (ValidationSummary(result="no-credentials"), "⚠️ not validated: there are no credentials for the org"),
        (ValidationSummary(result="off"), "⚠️ not validated: the validation is disabled |"),
    ],
)
def test_the_brief_says_whether_the_org_has_validated_the_release(
    validation: ValidationSummary, expected: str
) -> None:
    assert "Validation" not in brief_markdown(brief())
    shown = brief_markdown(replace(brief(), validation=validation))
    assert f"| Validation | {expected}" in shown


def test_any_brief_fits_into_a_comment() -> None:
    shown = brief_markdown(brief("<&" * 300, many=3000))
    assert len(shown) <= LIMIT + 1
    assert shown.count("<details>") == shown.count("</details>")
