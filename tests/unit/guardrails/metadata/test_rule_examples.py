"""A planner's rule that locks nothing is a loss at its line, in each example of a project and nowhere else."""

from pathlib import Path

import pytest
from tests.support.places import FIXTURES

from wavegate.files.folder import FolderSource
from wavegate.guardrails.read import read_guardrails

EXAMPLES = sorted((FIXTURES / "guardrails" / "rule-unassigned").iterdir())


def marked(root: Path) -> set[tuple[str, int]]:
    return {
        (path.relative_to(root).as_posix(), number)
        for path in root.rglob("*")
        if path.is_file()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if "<- here" in line
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_marked_rules_are_unassigned_and_no_other(example: Path) -> None:
    rails = read_guardrails(FolderSource(example))
    losses = rails.agents["Clinic_Desk"].losses
    assert {(each.location.file, each.location.line) for each in losses} == marked(example)
    assert {each.rule for each in losses} <= {"rule/unassigned"}
    assert rails.unknown == ()
