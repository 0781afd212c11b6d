"""CODEOWNERS from what the manifest says about owners: for files that exist, and never instead of people's lines."""

from pathlib import Path

import pytest
from tests.support.git import git, start
from tests.support.refund_desk import PROMPT_FILE, SCRIPT_FILE, desk_files

from wavegate.__main__ import main
from wavegate.github.patterns.code_owners import owners_of

OWNED = """
owners: {release: "@acme/agents"}
roles:
  developers: {owner: "@acme/builders"}
  security: {owner: "@acme/security"}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    files = dict(desk_files())
    files["agentforce/release.yml"] = OWNED.lstrip().encode() + files["agentforce/release.yml"]
    files["force-app/permissionsets/Desk.permissionset-meta.xml"] = b"<PermissionSet/>"
    files["agentforce/guardrails.yml"] = b"customerFacing: [Refund_Desk]\n"
    start(root, files)
    git(root, "remote", "add", "origin", "https://github.com/acme/desk.git")
    return root


def init(root: Path) -> None:
    assert main(["init", "--root", str(root), "--pin", "a" * 40]) == 0


def test_it_is_written_for_the_files_that_exist(checkout: Path) -> None:
    init(checkout)
    text = (checkout / ".github/CODEOWNERS").read_text("utf-8")
    owners = {
        SCRIPT_FILE: ("@acme/agents",),
        PROMPT_FILE: ("@acme/agents",),
        # the action's own owner, more special than that of all flows
        "force-app/flows/Issue_Refund.flow-meta.xml": ("@acme/money",),
        "force-app/flows/Verify_Customer.flow-meta.xml": ("@acme/builders",),
        "force-app/permissionsets/Desk.permissionset-meta.xml": ("@acme/security",),
        "agentforce/release.yml": ("@acme/agents",),
        "agentforce/guardrails.yml": ("@acme/security",),
        ".github/workflows/wavegate-check.yml": ("@acme/security",),
        ".github/CODEOWNERS": ("@acme/security",),
        "README.md": (),
    }
    assert {path: owners_of(path, text) for path in owners} == owners
    patterns = [line.split()[0] for line in text.splitlines() if line and not line.startswith("#")]
    assert all((checkout / each.strip("/")).exists() for each in patterns)
    init(checkout)
    assert (checkout / ".github/CODEOWNERS").read_text("utf-8") == text


@pytest.mark.parametrize("place", [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"])
def test_lines_of_people_stay_and_the_missing_ones_are_shown(
    checkout: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    own = "* @ada\n/force-app/permissionsets/ @ACME/Security @ada\n"
    (checkout / place).parent.mkdir(exist_ok=True)
    (checkout / place).write_text(own, "utf-8")
    init(checkout)
    assert (checkout / place).read_text("utf-8") == own
    shown = capsys.readouterr().out
    assert "/agentforce/guardrails.yml @acme/security" in shown
    assert "/force-app/permissionsets/ @acme/security" not in shown


def test_without_owners_there_is_nothing_to_write(tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    files = dict(desk_files())
    files["agentforce/release.yml"] = files["agentforce/release.yml"].replace(
        b'owner: "@acme/money", impact: high, ', b""
    )
    start(root, files)
    init(root)
    assert not (root / ".github/CODEOWNERS").exists()
