"""`validate` checks a guardrail policy: in its file and in the manifest, against the agents of the project."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.support.places import FIXTURES

from wavegate.check.checks import check_release

AGENT = FIXTURES / "guardrails/property-violated/valid-confirm"
MANIFEST = "release: desk\nenvironments: [{name: uat, actions: [waive_fine]}]\n"


def found(root: Path, files: dict[str, str]) -> list[tuple[str, str, int]]:
    """Rules of the guardrails that are reported, with file and line."""
    (root / "agentforce").mkdir(exist_ok=True)
    for path, text in files.items():
        (root / "agentforce" / path).write_text(text)
    checked = check_release(root, (), today=date(2026, 11, 27))
    families = ("policy/", "property/", "schema/", "file/")
    findings = [each for each in checked.findings if each.rule.startswith(families)]
    return [(each.rule, each.location.file, each.location.line) for each in findings]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(AGENT / "force-app", tmp_path / "force-app")
    (tmp_path / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    return tmp_path


def test_names_are_compared_with_the_project(project: Path) -> None:
    policy = "properties:\n  - always confirm waive_fine\n  - always confirm waive_fines\n"
    assert found(project, {"release.yml": MANIFEST, "guardrails.yml": policy}) == [
        ("policy/unknown-name", "agentforce/guardrails.yml", 3)
    ]


def test_without_a_project_the_sentences_are_checked_alone(tmp_path: Path) -> None:
    policy = "properties:\n  - always confirm waive_fines\n  - always ask\n"
    assert found(tmp_path, {"release.yml": MANIFEST, "guardrails.yml": policy}) == [
        ("property/unreadable", "agentforce/guardrails.yml", 3)
    ]


def test_a_policy_in_a_manifest_is_checked_there(project: Path) -> None:
    own = "guardrails:\n  properties:\n    - always ask\n    - member_ok set only by 'x y'\n"
    own += "  customerFacing: [Nobody]\n"
    assert found(project, {"release.yml": MANIFEST + own}) == [
        ("property/unreadable", "agentforce/release.yml", 5),
        ("property/unreadable", "agentforce/release.yml", 6),
        ("policy/unknown-name", "agentforce/release.yml", 7),
    ]
    wrong = "guardrails: {property: [always confirm waive_fine]}\n"
    assert found(project, {"release.yml": MANIFEST + wrong}) == [("schema/unknown-key", "agentforce/release.yml", 3)]


def test_a_policy_is_not_taken_for_a_manifest(project: Path) -> None:
    assert found(project, {"desk.guardrails.yml": "rules: {action/unprotected: off}\n"}) == []
    assert found(project, {"desk.yml": "rules: {action/unprotected: off}\n"}) == [
        ("file/misplaced", "agentforce/desk.yml", 1)
    ]
