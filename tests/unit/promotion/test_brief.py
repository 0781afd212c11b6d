"""The reviewer's brief: risk class, prompt diffs, and a bounded length."""

import re
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
from wavegate.gate.decision import Decision, Verdict
from wavegate.ledger.deployment import Deployment, Release, State, Status
from wavegate.plan.prompt_diff import SHOWN, prompt_changes
from wavegate.plan.risk import risk_of
from wavegate.plan.values import Plan, PromptChange, Risk, RiskLevel
from wavegate.promotion.brief import Brief
from wavegate.promotion.brief_markdown import LIMIT, brief_markdown, title
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
    trouble = Finding(rule="a/b", severity=Severity.ERROR, location=PLACE, message=text, fix=text)
    return Brief(
        plan=plan(*[change(TEMPLATE, name=text)] * many, text=text, findings=many),
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
    shown, plain = (unfenced(brief_markdown(brief(each))) for each in (text, "text"))
    assert [mark for mark in active(shown) if mark != "@"] == active(plain)
    assert not re.search(r"@\w", shown)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", brief_markdown(brief(text)))


@pytest.mark.parametrize("lines", [["``` ````"], ["a\n```\n<b>"], ["\u202e"], []])
def test_a_code_block_ends_where_it_ends(lines: list[str]) -> None:
    first, *inside, last = fenced(lines, "diff").splitlines()
    assert len(inside) == len(lines)
    assert first == f"{last}diff"
    assert not [line for line in inside if last in line]


@pytest.mark.parametrize(
    ("verdict", "doubt", "expected"),
    [
        (Verdict.PASS, "", "✅ text may enter text"),
        (Verdict.FAIL, "", "❌ text must not enter text"),
        (Verdict.INCONCLUSIVE, "", "⚠️ not enough evidence to promote text to text"),
        (Verdict.PASS, "It is for another commit.", "⚠️ No valid decision authorizes promoting text to text"),
    ],
)
def test_a_decision_that_does_not_count_is_never_shown_as_a_pass(verdict: Verdict, doubt: str, expected: str) -> None:
    given = brief(made=decision(verdict=verdict), doubt=doubt)
    assert title(given) == expected
    assert ("✅" in brief_markdown(given)) == (verdict is Verdict.PASS and not doubt)


def test_the_facts_come_first_and_long_lists_are_folded() -> None:
    lines = [line for line in brief_markdown(brief()).splitlines() if line]
    table = [line for line in lines[: lines.index("- ❌ text")] if line.startswith("| ")]
    assert [line.split(" | ")[0] for line in table[1:]] == [
        "| Risk",
        "| Changes",
        "| Live now",
        "| Rollback",
        "| Owners",
        "| Commit",
    ]
    assert "rehearsal failed" in table[4]
    assert len(lines[: lines.index("- ❌ text")]) < 20
    folds = [line for line in lines if line.startswith("<details>")]
    assert [re.sub(r"<.*?>", "", line) for line in folds] == [
        "Prompts: 1 change",
        "Components: 1 change",
        "Smoke tests: 1",
        "Manual rollback steps: git cannot restore these",
    ]


def test_any_brief_fits_into_a_comment() -> None:
    shown = brief_markdown(brief("<&" * 300, many=3000))
    assert len(shown) <= LIMIT + 1
    assert shown.count("<details>") == shown.count("</details>")
