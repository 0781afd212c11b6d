"""Mermaid's own parser, which GitHub uses, reads every diagram as it is meant, whatever an agent's names hold.

    npm ci --prefix tests/screens && pytest tests/screens/diagrams.py

The parser takes 150 MB, so the suite holds the diagrams to a line grammar only: tests/unit/guardrails/explain.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.support.hostile import HOSTILE
from tests.support.library_desk import hostile_desk, library_desk
from tests.support.tools import node_bin

from wavegate.guardrails.explain.mermaid import mermaid

MORE = [
    "end note",
    "a\nend note\n[*] --> x",
    "%% comment",
    "#35;",
    "x --> y",
    "a:::b",
    "{{",
    "&lt",
    '"',
    "note left of t0",
]


def parsed(folder: Path, diagrams: list[str]) -> list[dict[str, Any]]:
    """What the parser finds in each diagram."""
    files = [folder / f"{number}.mmd" for number in range(len(diagrams))]
    for file, diagram in zip(files, diagrams, strict=True):
        file.write_text(diagram, "utf-8")
    command = [str(node_bin() / "node"), str(Path(__file__).with_name("parse_mermaid.mjs")), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_topics_ways_and_notes_are_read_as_they_are_meant(tmp_path: Path) -> None:
    (found,) = parsed(tmp_path, [mermaid(library_desk())])
    assert [name for _, name, _ in found["states"]][:4] == ["desk", "card_check", "fines", "a human"]
    assert ["t0", "t2", "to_fines when member_ok == True"] in found["arrows"]
    assert ["t2", "t0", "if blocked == True"] in found["arrows"]
    notes = {name: note for name, _, note in found["states"]}
    assert notes["t2"] == ["list_fines", "waive_fine (asks first) when open_fines ＞ 0"]


def test_hostile_names_change_no_state_and_no_arrow(tmp_path: Path) -> None:
    plain, *found = parsed(tmp_path, [mermaid(hostile_desk(text)) for text in ("x", *HOSTILE, *MORE)])
    for each in found:
        assert "error" not in each
        assert [state for state, _, _ in each["states"]] == [state for state, _, _ in plain["states"]]
        assert [arrow[:2] for arrow in each["arrows"]] == [arrow[:2] for arrow in plain["arrows"]]
        assert [len(note) for *_, note in each["states"]] == [len(note) for *_, note in plain["states"]]
