"""A commit that removes three guards and weakens a model is named by every command, at its lines."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.support.git import commit, git, start
from tests.support.refund_desk import (
    CONFIRMATION,
    GUARD,
    PROHIBITION,
    PROMPT_FILE,
    REFORMATTED,
    SCRIPT,
    SCRIPT_FILE,
    WEAK,
    desk_files,
    line_of,
    prompt,
    weakened,
)

from wavegate.__main__ import main

AFTER = weakened()
TOOL, DEFINITION = "refund: @actions.issue_refund", "issue_refund:\n"
EXPECTED = {
    (
        "instruction/must-removed",
        "widens",
        SCRIPT_FILE,
        line_of(SCRIPT, PROHIBITION),
        line_of(AFTER, "instructions:"),
    ),
    ("confirm/removed", "widens", SCRIPT_FILE, line_of(SCRIPT, CONFIRMATION), line_of(AFTER, DEFINITION)),
    ("guard/removed", "widens", SCRIPT_FILE, line_of(SCRIPT, GUARD), line_of(AFTER, TOOL)),
    ("model/changed", "unknown", PROMPT_FILE, 8, 14),
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The desk as it is live, in a repository."""
    root = tmp_path / "checkout"
    start(root, desk_files())
    monkeypatch.chdir(root)
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_ACTIONS", "GITHUB_REPOSITORY", "GITHUB_SHA"):
        monkeypatch.delenv(name, raising=False)
    return root


def weaken(root: Path) -> str:
    """Commit the removals; the commit before."""
    base = git(root, "rev-parse", "HEAD").decode().strip()
    commit(root, desk_files(AFTER, model=WEAK), "Make it simpler")
    return base


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert main([*arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_diff_names_each_at_its_line(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = report(capsys, "guardrails", "diff", weaken(checkout))
    places = {
        (each["rule"], each["direction"], each["after"]["file"], each["before"]["line"], each["after"]["line"])
        for each in found["changes"]
    }
    assert places == EXPECTED
    assert found["class"] == "security-review"
    assert {each["before"]["file"] for each in found["changes"]} == {SCRIPT_FILE, PROMPT_FILE}


def test_classify_names_them_as_the_reason_for_a_security_review(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(capsys, "classify", weaken(checkout))
    assert found["class"] == "security-review"
    reasons = {(each["file"], reason["rule"]) for each in found["files"] for reason in each["reasons"]}
    assert reasons == {(file, rule) for rule, _, file, *_ in EXPECTED}
    assert {each["file"]: each["class"] for each in found["files"]} == {
        SCRIPT_FILE: "security-review",
        PROMPT_FILE: "code-review",
    }


def test_the_brief_says_what_bounds_the_agent_before_what_changes(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = weaken(checkout)
    assert main(["brief", "production", "--live", base]) == 0
    brief = Path("wavegate-brief.md").read_text("utf-8")
    plain = brief.replace("\\", "").replace("&#95;", "_").replace("&#46;", ".")
    assert plain.index("What bounds the agents") < plain.index("What changes")
    for said in (
        "Never promise refunds above 50 EUR",
        "acts without asking the user first",
        "is always offered",
        WEAK,
    ):
        assert said in plain[plain.index("What bounds the agents") : plain.index("What changes")]
    shown = capsys.readouterr().out
    assert "Risk high" in shown
    assert "it removes “Never promise refunds above 50 EUR”, the confirmation of `issue_refund`" in shown
    assert "and the guard of `refund`" in shown


def test_the_same_commit_in_another_layout_is_nothing(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = git(checkout, "rev-parse", "HEAD").decode().strip()
    commit(checkout, desk_files(REFORMATTED), "Format")
    assert report(capsys, "guardrails", "diff", base)["changes"] == []
    assert report(capsys, "classify", base)["class"] == "tunable"
    assert main(["brief", "production", "--live", base]) == 0
    assert "**What bounds the agents:** unchanged." in Path("wavegate-brief.md").read_text("utf-8")


def test_the_layout_hides_nothing(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = git(checkout, "rev-parse", "HEAD").decode().strip()
    text = REFORMATTED.replace("      require_user_confirmation: True\r\n", "")
    text = text.replace("        available when (@variables.verified is True)   # known customers only\r\n", "")
    text = text.replace("Never promise refunds above 50 EUR. ", "")
    commit(checkout, desk_files(text, model=WEAK), "Format")
    found = report(capsys, "guardrails", "diff", base)
    assert {each["rule"] for each in found["changes"]} == {rule for rule, *_ in EXPECTED}


def test_the_plan_has_the_changes_too(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = weaken(checkout)
    capsys.readouterr()
    main(["plan", "production", "--live", base, "--format", "json"])
    found = json.loads(capsys.readouterr().out)["guardrails"]
    assert {each["rule"] for each in found} == {rule for rule, *_ in EXPECTED}


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("widens", 1)])
def test_a_widening_fails_the_command_only_on_request(checkout: Path, fail_on: str, code: int) -> None:
    assert main(["guardrails", "diff", weaken(checkout), "--fail-on", fail_on]) == code


def test_the_line_is_annotated_in_actions(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    base = weaken(checkout)
    outputs, summary = tmp_path / "outputs", tmp_path / "summary"
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(checkout),
        "GITHUB_OUTPUT": str(outputs),
        "GITHUB_STEP_SUMMARY": str(summary),
    }.items():
        monkeypatch.setenv(name, value)
    capsys.readouterr()
    assert main(["guardrails", "diff", base]) == 0
    shown = capsys.readouterr().out
    line = line_of(AFTER, TOOL)
    assert re.search(rf"::warning file={SCRIPT_FILE},line={line},col=\d+,title=guard/removed::", shown)
    written = outputs.read_text("utf-8")
    assert "security-review" in written
    assert "widens" in written
    assert "is always offered" in summary.read_text("utf-8")


def test_sarif_has_the_level_of_the_direction(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = weaken(checkout)
    capsys.readouterr()
    assert main(["guardrails", "diff", base, "--format", "sarif"]) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert {each["ruleId"]: each["level"] for each in run["results"]} == {rule: "warning" for rule, *_ in EXPECTED}
    assert main(["guardrails", "diff", "HEAD", base, "--format", "sarif"]) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert {each["level"] for each in run["results"]} == {"note", "warning"}


def test_the_work_tree_can_be_compared_before_it_is_committed(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / SCRIPT_FILE).write_text(AFTER, "utf-8")
    (checkout / PROMPT_FILE).write_text(prompt(WEAK), "utf-8")
    assert report(capsys, "guardrails", "diff", "HEAD")["changes"] == []
    found = report(capsys, "guardrails", "diff", "HEAD", "--work-tree")
    assert {each["rule"] for each in found["changes"]} == {rule for rule, *_ in EXPECTED}
    assert report(capsys, "classify", "HEAD", "--work-tree")["class"] == "security-review"


@pytest.mark.parametrize("command", [["guardrails", "diff"], ["classify"]])
def test_a_base_that_is_not_a_commit_is_one_error(
    checkout: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert checkout.is_dir()
    assert main([*command, "no-such-branch"]) == 2
    assert "no-such-branch is not a commit of this repository." in capsys.readouterr().err
