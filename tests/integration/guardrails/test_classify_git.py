"""What git can do to a file, and how many files there can be: `classify` on a real repository."""

import json
import time
from pathlib import Path

import pytest
from tests.support.git import commit, git, start
from tests.support.refund_desk import SCRIPT, SCRIPT_FILE, desk_files, prompt

from wavegate.__main__ import main
from wavegate.guardrails.classes.reports import classes_markdown, classes_text
from wavegate.guardrails.classes.values import ClassifiedFile, ClassReason
from wavegate.guardrails.diff.rules import ChangeClass


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "checkout"
    start(root, {**desk_files(), "docs/a.md": b"# A\n", "README.md": b"# Desk\n"})
    monkeypatch.chdir(root)
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_ACTIONS", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    return root


def classes(root: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The class of each file since the commit before."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "Change")
    capsys.readouterr()
    assert main(["classify", "HEAD~1", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    return {each["file"]: each["class"] for each in found["files"]}


def test_links_submodules_and_what_is_too_large(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "docs/a.md").unlink()
    (checkout / "docs/a.md").symlink_to("../README.md")
    (checkout / "docs/large.md").write_bytes(b"x" * 11_000_000)
    head = git(checkout, "rev-parse", "HEAD").decode().strip()
    git(checkout, "update-index", "--add", "--cacheinfo", f"160000,{head},docs/module")
    (checkout / "docs/module").mkdir()
    found = classes(checkout, capsys)
    assert found == dict.fromkeys(["docs/a.md", "docs/large.md", "docs/module"], "security-review")


def test_renames_modes_and_binaries(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(checkout, "mv", "docs/a.md", "docs/b.md")
    (checkout / "docs/picture.png").write_bytes(bytes(range(256)))
    assert set(classes(checkout, capsys).values()) == {"tunable"}
    git(checkout, "mv", SCRIPT_FILE, SCRIPT_FILE.replace("Refund_Desk.agent", "Other.agent"))
    assert "tunable" not in classes(checkout, capsys).values()
    (checkout / "README.md").chmod(0o755)
    assert classes(checkout, capsys) == {"README.md": "tunable"}


def test_a_document_that_moves_over_a_workflow(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / ".github/workflows").mkdir(parents=True)
    git(checkout, "mv", "docs/a.md", ".github/workflows/a.yml")
    assert classes(checkout, capsys) == {"docs/a.md": "tunable", ".github/workflows/a.yml": "security-review"}


@pytest.mark.parametrize("name", ["a\n::error::b.md", "`<b>|@x.md", "\u202egpj.md", "%0A.md", "-rf.md"])
def test_hostile_names_are_only_shown(checkout: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (checkout / name).write_bytes(b"x\n")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", "Change")
    for form in ("text", "markdown", "sarif", "json"):
        assert main(["classify", "HEAD~1", "--format", form]) == 0
        shown = capsys.readouterr().out
        assert "\n::error" not in shown
        assert "\u202e" not in shown
        assert "<b>" not in shown or form in ("json", "sarif", "text")


def test_ten_thousand_files_take_seconds(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(checkout, {f"docs/{number}/{'n' * 100}.md": b"x\n" for number in range(10_000)}, "Many")
    started = time.monotonic()
    assert main(["classify", "HEAD~1"]) == 0
    assert time.monotonic() - started < 20
    shown = capsys.readouterr().out
    assert "10,000 files" in shown
    assert len(shown.splitlines()) < 2_100


def test_a_comment_fits_into_github_however_hostile_the_files_are() -> None:
    files = [
        ClassifiedFile(
            path="`|" * 1000 + str(number),
            reasons=(ClassReason(change_class=ChangeClass.SECURITY_REVIEW, message="|*_`" * 500),) * 3,
        )
        for number in range(10_000)
    ]
    text = classes_markdown(files)
    assert len(text) < 60_000
    assert "more files" in text
    assert len(classes_text(files, base="a" * 40, head="b" * 40)) < 3_000_000


def test_the_model_and_the_words_of_a_prompt(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = "force-app/genAiPromptTemplates/Refund_Reply.genAiPromptTemplate-meta.xml"
    (checkout / path).write_text(prompt("sfdc_ai__DefaultGPT4OmniMini"), "utf-8")
    (checkout / SCRIPT_FILE).write_text(SCRIPT.replace("Be friendly.", "Be brief."), "utf-8")
    assert classes(checkout, capsys) == {path: "code-review", SCRIPT_FILE: "tunable"}


def test_a_workflow_beside_the_project_s_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "mono"
    start(root, {f"salesforce/{path}": data for path, data in desk_files().items()})
    commit(root, {".github/workflows/ci.yml": b"on: push\n", "web/a.js": b"1\n", "salesforce/README.md": b"x\n"}, "x")
    capsys.readouterr()
    assert main(["classify", "HEAD~1", "--root", str(root / "salesforce"), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {each["file"]: each["class"] for each in found["files"]} == {
        ".github/workflows/ci.yml": "security-review",
        "README.md": "tunable",
    }
