"""Outputs, summaries and annotations carry text, and nothing but the text that was meant."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.outputs import read_outputs

from wavegate.cli.actions import SUMMARY_LIMIT, add_summary, current_run, mask, set_outputs, workflow_command


@pytest.mark.parametrize(
    "value", ["", "pass", "a\nverdict=pass", "x\nEOF\nverdict<<EOF\npass\nEOF", "ends with newline\n", "%0A::x::"]
)
def test_an_output_cannot_start_another(tmp_path: Path, value: str) -> None:
    target = tmp_path / "output"
    set_outputs({"first": value, "verdict": "fail"}, {"GITHUB_OUTPUT": str(target)})
    set_outputs({"last": "1"}, {"GITHUB_OUTPUT": str(target)})
    assert read_outputs(target) == {"first": value, "verdict": "fail", "last": "1"}


@given(message=st.text(min_size=1), file=st.text(min_size=1))
def test_a_workflow_command_is_one_line_with_its_own_properties(message: str, file: str) -> None:
    command = workflow_command("error", message, file=file, line=3)
    assert "\n" not in command
    assert "\r" not in command
    assert command.startswith("::error file=")
    properties = command.removeprefix("::error ").split("::", 1)[0]
    assert [each.split("=", 1)[0] for each in properties.split(",")] == ["file", "line"]


def test_a_summary_never_outgrows_what_the_runner_takes(tmp_path: Path) -> None:
    target = tmp_path / "summary"
    environment = {"GITHUB_STEP_SUMMARY": str(target)}
    add_summary("first\n" * 100, environment)
    add_summary("ü row\n" * 200_000, environment)
    add_summary("more\n" * 200_000, environment)
    text = target.read_text(encoding="utf-8")
    assert target.stat().st_size <= SUMMARY_LIMIT
    assert text.startswith("first\n")
    assert text.count("Truncated: ") == 1


def test_outside_actions_nothing_is_written() -> None:
    set_outputs({"verdict": "pass"}, {})
    add_summary("text", {})
    assert current_run({}).url == ""


def test_a_secret_is_hidden_without_being_in_what_may_be_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mask("before")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    mask("a%\nb")
    mask("")
    assert capsys.readouterr() == ("", "::add-mask::a%25\n::add-mask::b\n")
