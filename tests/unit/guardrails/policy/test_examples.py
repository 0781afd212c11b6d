"""Every rule finds exactly the marked lines of its examples, and nothing in those without a mark.

The examples of a rule are in a folder named after it: an Agent Script alone, or a project in a folder of its own. A
line with `<- here` has one finding of the rule.
"""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.support.places import FIXTURES, ROOT

from wavegate.files.folder import FolderSource
from wavegate.findings.finding import Severity
from wavegate.guardrails.policy.check import check_guardrails
from wavegate.guardrails.policy.rule_ids import LOSSES, OF_THE_POLICY, RULE_IDS

FOLDERS = {rule.replace("/", "-"): rule for rule in (RULE_IDS - LOSSES) | OF_THE_POLICY}
EXAMPLES = sorted(
    each for name in FOLDERS if (FIXTURES / "guardrails" / name).is_dir()
    for each in (FIXTURES / "guardrails" / name).iterdir()
)  # fmt: skip
TODAY = date(2026, 11, 27)
BUNDLE = "force-app/main/default/aiAuthoringBundles/Desk/Desk.agent"


def project(example: Path, root: Path) -> Path:
    """The example as a Salesforce project."""
    if example.is_dir():
        shutil.copytree(example, root)
    else:
        (root / BUNDLE).parent.mkdir(parents=True)
        shutil.copy(example, root / BUNDLE)
    if not (root / "sfdx-project.json").exists():
        (root / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    return root


def marked(root: Path) -> list[tuple[str, int]]:
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return [
        (path.relative_to(root).as_posix(), number)
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if "<- here" in line
    ]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_rule_finds_what_is_marked_and_nothing_else(example: Path, tmp_path: Path) -> None:
    root = project(example, tmp_path / "checkout")
    rule = FOLDERS[example.parent.name]
    found = [each for each in check_guardrails(FolderSource(root), today=TODAY).findings if each.rule == rule]
    assert sorted((each.location.file, each.location.line) for each in found) == marked(root)
    assert bool(found) is not example.name.startswith("valid")


def test_every_rule_has_a_valid_and_an_invalid_example() -> None:
    names = {(each.parent.name, each.name.startswith("valid")) for each in EXAMPLES}
    missing = {(name, valid) for name in FOLDERS for valid in (True, False)} - names
    assert missing == set()


def test_a_project_without_agents_passes(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests/examples/valid/given", tmp_path / "agentforce")
    shutil.copytree(FIXTURES / "project", tmp_path, dirs_exist_ok=True)
    checked = check_guardrails(FolderSource(tmp_path), today=TODAY)
    assert [each for each in checked.findings if each.severity is Severity.ERROR] == []


def test_every_loss_that_the_readers_report_is_known() -> None:
    used = {
        name
        for folder in ("script", "metadata")
        for path in (ROOT / "src/wavegate/guardrails" / folder).glob("*.py")
        for name in re.findall(r'"([a-z]+/[a-z-]*[a-z])"', path.read_text("utf-8"))
    }
    assert used == LOSSES
