"""Every rule on what does not take effect has examples, whose lines are marked with `# <- here`."""

from pathlib import Path

import pytest

from wavegate.guardrails.script.read import read_script_model

FOLDER = Path(__file__).parents[3] / "fixtures" / "guardrails"
RULES = (
    *("guard/overwritten", "guard/parentheses-lost", "guard/unreadable", "guard/misplaced", "value/parentheses-lost"),
    *("statement/dropped", "statement/moved", "tool/duplicate", "tool/reserved-name", "action/duplicate"),
    *("guard/text-replaced", "key/duplicate", "block/duplicate", "input/overwritten", "confirm/unreadable"),
)
EXAMPLES = [(rule, path) for rule in RULES for path in sorted((FOLDER / rule.replace("/", "-")).glob("*.agent"))]


@pytest.mark.parametrize(("rule", "path"), EXAMPLES, ids=[f"{rule}-{path.stem}" for rule, path in EXAMPLES])
def test_exactly_the_marked_lines_are_reported(rule: str, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    marked = [(rule, number) for number, line in enumerate(text.split("\n"), 1) if line.endswith("# <- here")]
    found = read_script_model(text, path.name)
    assert [(each.rule, each.location.line) for each in found.losses] == marked
    assert bool(marked) is not path.stem.startswith("valid")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_valid_and_invalid_examples(rule: str) -> None:
    assert {path.stem.startswith("valid") for each, path in EXAMPLES if each == rule} == {True, False}
