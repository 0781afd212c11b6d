"""The command: which properties it proves of which agents, and its exit code."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.support.places import FIXTURES

from wavegate.errors import InputError
from wavegate.guardrails.prove.command import command

BUNDLE = "force-app/main/default/aiAuthoringBundles/Library_Desk"


def prove(root: Path, policy: str) -> int:
    (root / BUNDLE).mkdir(parents=True)
    shutil.copy(FIXTURES / "guardrails" / "prove" / "library.agent", root / BUNDLE / "Library_Desk.agent")
    (root / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    (root / "agentforce").mkdir()
    (root / "agentforce" / "guardrails.yml").write_text(policy)
    result = CliRunner().invoke(command, ["--root", str(root)], standalone_mode=False)
    if result.exception:
        raise result.exception
    return int(result.return_value)


def test_a_property_of_the_policy_is_proved(tmp_path: Path) -> None:
    assert prove(tmp_path, "properties: [never waive_fine unless member_ok is True]\n") == 0


def test_a_property_of_an_agent_that_does_not_exist_is_not_passed_over(tmp_path: Path) -> None:
    policy = (
        "properties:\n  - always confirm waive_fine\n  - text: always confirm waive_fine\n    agent: Night_Desk\n"
    )
    with pytest.raises(InputError) as raised:
        prove(tmp_path, policy)
    assert "There is no agent `Night_Desk`" in str(raised.value)
