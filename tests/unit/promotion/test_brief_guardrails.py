"""What bounds the agents, on the brief: widenings first and linked to their lines, and in the risk."""

import re
from dataclasses import replace
from hashlib import sha256

import pytest
from tests.support.decisions import active
from tests.support.hostile import HOSTILE
from tests.unit.promotion.test_brief import brief, manifest, plan, unfenced
from tests.unit.promotion.test_brief_facts import BASE, LINKS, NEW, OLD

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.change import ChangeSubject, GuardrailChange, Sides, changed
from wavegate.plan.risk import risk_of
from wavegate.plan.values import RiskLevel
from wavegate.promotion.brief.as_markdown import brief_markdown
from wavegate.promotion.brief.values import Brief

FILE = "force-app/aiAuthoringBundles/Desk/Desk.agent"


def guardrail(rule: str, name: str = "refund", text: str = "") -> GuardrailChange:
    """A change of that rule. name: of its tool. text: its message, and what was removed."""
    subject = ChangeSubject(agent="Desk", topic="refunds", tool=name)
    sides = Sides(before=Location(FILE, 12), after=Location(FILE, 11), texts=(text or name, ""))
    return changed(rule, subject, sides, text or f"`{name}` changes.")


def with_changes(*changes: GuardrailChange, since: str | None = OLD) -> Brief:
    made = replace(plan(), since=since, commit=NEW, guardrails=changes)
    return replace(brief(), plan=made, links=LINKS)


def shown(*changes: GuardrailChange, since: str | None = OLD) -> str:
    return brief_markdown(with_changes(*changes, since=since)).replace("\\", "")


def test_a_widening_is_linked_to_its_line_on_both_sides_before_what_changes() -> None:
    text = shown(guardrail("guard/removed"), guardrail("guard/added", "look"), guardrail("instruction/reworded", "x"))
    page = f"{BASE}/compare/{OLD}..{NEW}#diff-{sha256(FILE.encode()).hexdigest()}"
    assert f"[Desk.agent:12](<{page}L12>) → [11](<{page}R11>)" in text
    assert text.index("What bounds the agents") < text.index("**What changes:**")
    widening = text.index("<code>refund</code> changes")
    assert widening < text.index("<details><summary>1 narrowing") < text.index("<details><summary>1 rewording")


def test_nothing_is_shown_of_a_release_without_one_to_compare_with() -> None:
    assert "What bounds the agents" not in shown(guardrail("guard/removed"), since=None)
    assert "**What bounds the agents:** unchanged." in shown()


def test_a_long_list_is_cut() -> None:
    text = shown(*(guardrail("guard/removed", f"tool_{n}") for n in range(30)))
    assert text.count("**Widens**") == 20
    assert "and 10 more: <code>wavegate guardrails diff</code> lists them" in text or "and 10 more" in text


@pytest.mark.parametrize(
    ("changes", "level", "reason"),
    [
        (
            [guardrail("guard/removed", "refund"), guardrail("confirm/removed", "pay")],
            RiskLevel.HIGH,
            "it removes the guard of `refund` and the confirmation of `pay`",
        ),
        (
            [guardrail("instruction/must-removed", "", "Never refund more.")],
            RiskLevel.HIGH,
            "it removes “Never refund more”",
        ),
        (
            [guardrail("gate/removed"), guardrail("escalate/removed")],
            RiskLevel.HIGH,
            "it removes the gate of topic `refunds` and the way to a human from topic `refunds`",
        ),
        (
            [guardrail("guard/removed", f"tool_{n}") for n in range(7)],
            RiskLevel.HIGH,
            "the guard of `tool_4` and 2 more",
        ),
        ([guardrail("guard/widened")], RiskLevel.HIGH, "it may widen what `refund` can do"),
        ([guardrail("model/changed", "")], RiskLevel.MEDIUM, "it may widen what `refunds` can do"),
        ([guardrail("guard/added"), guardrail("instruction/reworded")], RiskLevel.LOW, "it changes nothing"),
    ],
)
def test_a_widening_raises_the_risk_and_says_what_it_removes(
    changes: list[GuardrailChange], level: RiskLevel, reason: str
) -> None:
    risk = risk_of(manifest(), replace(plan(), guardrails=tuple(changes)))
    assert risk.level is level
    assert any(reason in each for each in risk.reasons), risk.reasons


@pytest.mark.parametrize("text", [text for text in HOSTILE if text], ids=ascii)
def test_hostile_text_stays_text(text: str) -> None:
    plain = brief_markdown(with_changes(guardrail("guard/removed", text="text")))
    found = brief_markdown(with_changes(guardrail("guard/removed", text=text)))
    assert [mark for mark in active(unfenced(found)) if mark != "@"] == active(unfenced(plain))
    assert not re.search(r"@\w", unfenced(found))
