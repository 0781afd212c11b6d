"""The diagram is valid Mermaid whatever an agent's names and conditions hold, and bounded whatever its size."""

import re
from dataclasses import replace

import pytest
from tests.support.hostile import HOSTILE
from tests.support.library_desk import hostile_desk, library_desk
from tests.support.places import ROOT

from wavegate.guardrails.explain.mermaid import MAX_ACTIONS, MAX_ARROWS, MAX_TOPICS, label, mermaid

LABEL = r"[\w .,=!+()≤≥＜＞'…-]+"
LINES = re.compile(
    rf"""stateDiagram-v2
    |\ \ state\ "{LABEL}"\ as\ \w+
    |\ \ (?:\[\*\]|\w+)\ -->\ (?:\[\*\]|\w+)(?:\ :\ {LABEL})?
    |\ \ note\ right\ of\ t\d+
    |\ \ \ \ {LABEL}
    |\ \ end\ note
    """,
    re.VERBOSE,
)


def check(diagram: str) -> None:
    """Every line is one of the few forms; a note is closed, and what an arrow names is declared."""
    lines = diagram.split("\n")
    assert [line for line in lines if not LINES.fullmatch(line)] == []
    assert diagram.count("note right of") == diagram.count("end note")
    declared = set(re.findall(r'" as (\w+)', diagram))
    assert {
        name
        for line in lines
        if "-->" in line
        for name in re.findall(r"\b(?:t\d+|human)\b", line.partition(" : ")[0])
    } <= declared


def test_topics_ways_and_actions_are_drawn() -> None:
    diagram = mermaid(library_desk())
    check(diagram)
    assert "  t0 --> t2 : to_fines when member_ok == True" in diagram
    assert "  t2 --> t0 : if blocked == True" in diagram
    assert "  t0 --> human : to_person" in diagram
    assert "    waive_fine (asks first) when open_fines ＞ 0" in diagram
    assert "    check_card when attempts ＜ 3" in diagram


@pytest.mark.parametrize(
    "text",
    [*HOSTILE, "end note", "a\nend note\n[*] --> x", "%% comment", "#35;", "x --> y", "a:::b", "{{", "&lt", '"'],
)  # fmt: skip
def test_hostile_text_stays_a_label(text: str) -> None:
    diagram = mermaid(hostile_desk(text))
    check(diagram)
    assert len(diagram.split("\n")) == len(mermaid(hostile_desk("x")).split("\n"))


@pytest.mark.parametrize("text", ["", "\n", "```", "\u202e", "-" * 500])
def test_a_label_is_never_empty_or_long(text: str) -> None:
    assert re.fullmatch(LABEL, label(text))
    assert len(label(text)) <= 80


def test_a_diagram_is_bounded() -> None:
    model = library_desk()
    tools = tuple(replace(model.topics[2].tools[1], name=f"x{number}") for number in range(200))
    ways = tuple(replace(model.topics[0].tools[0], name=f"w{number}") for number in range(200))
    topics = tuple(replace(model.topics[0], name=f"desk{number}", tools=(*tools, *ways)) for number in range(200))
    diagram = mermaid(replace(model, topics=(*model.topics, *topics)))
    check(diagram)
    assert len(diagram.split("\n")) <= 2 + MAX_TOPICS + 2 + MAX_ARROWS + MAX_TOPICS * (MAX_ACTIONS + 3)
    assert "not drawn" in diagram


def test_the_diagram_of_the_docs_is_the_one_that_is_printed() -> None:
    page = (ROOT / "docs" / "how-to" / "guardrails-explain.md").read_text("utf-8")
    assert f"```mermaid\n{mermaid(library_desk())}\n```" in page
