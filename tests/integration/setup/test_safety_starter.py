"""The safety starter in a repository: it validates, and the Salesforce CLI's own library reads its specs."""

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest
from tests.support.git import start
from tests.support.places import TESTS
from tests.support.projects import PROJECT
from tests.support.tools import node_bin, npm_package

from wavegate.__main__ import main
from wavegate.check.checks import check_release
from wavegate.components.project import read_project
from wavegate.files.folder import FolderSource
from wavegate.findings.finding import Severity
from wavegate.setup.safety import PATH, safety_files

PIN = "0" * 40


def test_the_cli_reads_every_spec(tmp_path: Path) -> None:
    npm_package("@salesforce/agents/package.json")
    files = safety_files(read_project(FolderSource(PROJECT)), ("Support_Agent",))
    specs = {path: text for path, text in files.items() if path.startswith("specs/")}
    assert len(specs) == 3
    for path, text in specs.items():
        file = tmp_path / Path(path).name
        file.write_text(text, encoding="utf-8")
        command = [str(node_bin() / "node"), str(TESTS / "tools" / "convert_spec.mjs"), str(file)]
        made = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)
        assert (made["subjectName"], made["subjectType"]) == ("Support_Agent", "AGENT")
        assert [case["number"] for case in made["testCase"]] == list(range(1, len(made["testCase"]) + 1))
        for case in made["testCase"]:
            assert case["inputs"]["utterance"]
            assert any(
                each["name"] == "bot_response_rating" and each["expectedValue"] for each in case["expectation"]
            )


@pytest.mark.parametrize("with_project", [False, True])
def test_a_fresh_repository_with_the_safety_starter_validates(
    *, with_project: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(tmp_path, {"README.md": b"x"})
    monkeypatch.chdir(tmp_path)
    if with_project:
        for path in FolderSource(PROJECT).paths():
            target = tmp_path / path
            if not path.startswith("agentforce/"):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((PROJECT / path).read_bytes())
    assert main(["init", "--with", "safety", "--pin", PIN]) == 0
    found = check_release(tmp_path, (), today=date(2026, 11, 27)).findings
    assert [each for each in found if each.severity is Severity.ERROR] == []
    warned = [each.rule for each in found if each.severity is Severity.WARNING and "packs/" in each.location.file]
    assert warned == []
    assert "packs: [production-readiness, safety]" in (tmp_path / "agentforce/release.yml").read_text("utf-8")


def test_the_safety_starter_never_overwrites_and_names_the_gates_that_lack_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    start(tmp_path, {"README.md": b"x"})
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--pin", PIN]) == 0
    (tmp_path / PATH).write_text("suite: mine\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["init", "--with", "safety", "--pin", PIN]) == 0
    shown = capsys.readouterr().out
    assert (tmp_path / PATH).read_text("utf-8") == "suite: mine\n"
    assert f"left alone  {PATH}" in shown
    assert "Add safety to `gate.packs` of `production` in agentforce/release.yml." in shown
