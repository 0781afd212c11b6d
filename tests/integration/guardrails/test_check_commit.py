"""`wavegate guardrails check --commit` reads a commit, not the checked-out files."""

from pathlib import Path

import pytest
from tests.support.git import commit, start
from tests.support.places import FIXTURES

from wavegate.__main__ import main

EXAMPLES = FIXTURES / "guardrails/action-unprotected"
BUNDLE = "force-app/main/default/aiAuthoringBundles/Desk/Desk.agent"
PROJECT = b'{"packageDirectories": [{"path": "force-app"}]}'


def test_a_commit_is_checked_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guarded = (EXAMPLES / "valid-guard.agent").read_bytes()
    policy = b"rules: {action/unprotected: error}\n"
    files = {BUNDLE: guarded, "sfdx-project.json": PROJECT, "agentforce/guardrails.yml": policy}
    good = start(tmp_path, files)
    commit(tmp_path, {BUNDLE: (EXAMPLES / "no-guard.agent").read_bytes()}, "Drop the guard")
    assert main(["guardrails", "check", "--root", str(tmp_path)]) == 1
    assert "[action/unprotected]" in capsys.readouterr().out
    assert main(["guardrails", "check", "--root", str(tmp_path), "--commit", good]) == 0
