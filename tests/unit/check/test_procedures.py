"""A release without rollback procedures: `validate` and `plan` say the same of it."""

import json
import shutil
from pathlib import Path

import pytest
from tests.support.git import start

from wavegate.__main__ import main

DEMO = Path(__file__).resolve().parents[3] / "src/wavegate/demo/release"
OWNERS = """\
owners: {release: "@acme/a", dashboards: "@acme/a", escalations: "@acme/a", killSwitch: "@acme/a"}
rollback: {prompts: {strategy: restore}, actions: {strategy: restore}}
"""


def finding(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    """Exit code, and what is said about the procedures: once."""
    capsys.readouterr()
    code = main([*arguments, "--format", "json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    (found,) = [each for each in findings if "procedure" in each["rule"]]
    return code, {name: found[name] for name in ("rule", "severity", "message", "fix", "file", "line")}


@pytest.mark.parametrize(
    ("readiness", "severity", "code"), [("", "warning", 0), ("readiness: enforce\n", "error", 1)]
)
def test_validate_and_plan_agree(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    readiness: str,
    severity: str,
    code: int,
) -> None:
    root = tmp_path / "checkout"
    shutil.copytree(DEMO, root)
    manifest = root / "agentforce" / "release.yml"
    manifest.write_text(f"{readiness}{OWNERS}{manifest.read_text()}")
    start(root, {})
    monkeypatch.chdir(root)
    for name in ("GITHUB_ACTIONS", "GITHUB_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    validated, planned = finding(["validate"], capsys), finding(["plan", "production"], capsys)
    assert validated == planned
    assert (validated[0], planned[1]["rule"], planned[1]["severity"]) == (
        code,
        "readiness/no-rollback-procedure",
        severity,
    )
    assert "`flows`, `apex` and `credentials`" in str(planned[1]["message"])
    # a rehearsal needs every procedure, and says so under the same rule, once
    rehearsed = finding(["validate", "--rehearse", "--live", "uat=HEAD", "--live", "production=HEAD"], capsys)
    assert rehearsed == (1, {**planned[1], "severity": "error"})
