"""Definitions that test another version than the manifest pins, found in a checkout."""

import json
from datetime import date
from pathlib import Path

import pytest
from tests.support.definitions import definition, definition_path

from wavegate.check.checks import check_release

MANIFEST = """
release: wave-3
agents: [{{name: Support_Agent, version: {version}}}]
environments:
  - {{name: uat, prompts: [support]}}
  - {{name: production, {gate}}}
"""


def checkout(root: Path, *, version: str, gate: str, pinned: str, folder: str = "agentforce/packs") -> Path:
    files = {
        "sfdx-project.json": json.dumps({"packageDirectories": [{"path": "force-app"}], "sourceApiVersion": "66.0"}),
        f"force-app/main/default/{definition_path('Quality')}": definition(2, version=pinned),
        "agentforce/release.yml": MANIFEST.format(version=version, gate=gate),
        f"{folder}/readiness.json": json.dumps(
            {
                "suite": "readiness",
                "tests": [{"name": "quality", "definition": "Quality"}],
                "passCriteria": {"minimumSuccessRate": 0.9},
            }
        ),
    }
    other = {"suite": "other", "tests": ["x"], "passCriteria": {"minimumSuccessRate": 0.9}}
    files[f"{folder}/other.json"] = json.dumps(other)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("version", "gate", "pinned", "environments"),
    [
        ("3", "rollout: all-at-once", "v3", []),
        ("3", "rollout: all-at-once", "", []),
        ("3", "rollout: all-at-once", "v1", ["production", "uat"]),
        ("3", "gate: {packs: [readiness]}", "v1", ["production", "uat"]),
        # production runs no pack of its own
        ("3", "gate: {packs: [readiness]}, verify: {packs: [other]}", "v1", ["uat"]),
        ("{uat: 1, production: 3}", "gate: {packs: [readiness]}, verify: {packs: [other]}", "v1", []),
        ("{uat: 1, production: 3}", "gate: {packs: [readiness]}, verify: {packs: [readiness]}", "v1", ["production"]),
        ("3", "gate: {packs: [unknown]}", "v1", []),
    ],
)
def test_a_definition_of_another_version_is_an_error(
    tmp_path: Path, version: str, gate: str, pinned: str, environments: list[str]
) -> None:
    root = checkout(tmp_path, version=version, gate=gate, pinned=pinned)
    checked = check_release(root, (), today=date(2026, 3, 1))
    found = [each for each in checked.findings if each.rule == "census/other-version"]
    assert sorted(each.message.rpartition(" in ")[2].rstrip(".") for each in found) == environments
    for each in found:
        assert each.location.file == f"force-app/main/default/{definition_path('Quality')}"
        assert each.message.startswith("It tests version 1 of Support_Agent, but the manifest pins version 3")
        assert each.severity == "error"


def test_a_pack_of_another_release_does_not_matter(tmp_path: Path) -> None:
    root = checkout(tmp_path, version="3", gate="rollout: all-at-once", pinned="v1", folder="agentforce/other/packs")
    checked = check_release(root, (), today=date(2026, 3, 1))
    assert "census/other-version" not in {each.rule for each in checked.findings}
