"""What is said of a crash and of lost output."""

import errno
from pathlib import Path

import pytest

from wavegate import __main__ as entry
from wavegate.cli.actions import add_summary, set_outputs
from wavegate.cli.output import begin, decided, lost_output, outcome
from wavegate.errors import ExitCode


@pytest.fixture(autouse=True)
def afresh() -> None:
    begin()
    lost_output(0)


def test_a_crash_after_a_decision_does_not_deny_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry._report_crash(RuntimeError("x")) == ExitCode.DEFECT
    assert "No verdict was reached." in capsys.readouterr().err
    decided({"verdict": "pass", "claim": "much"})
    assert entry._report_crash(RuntimeError("x")) == ExitCode.DEFECT
    assert "Before it: verdict: pass." in capsys.readouterr().err


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "x"),
        FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"),
    ],
)
def test_a_full_disk_is_no_defect(error: OSError, capsys: pytest.CaptureFixture[str]) -> None:
    decided({"result": "disabled"})
    assert entry._report_crash(error) == ExitCode.SERVICE
    said = capsys.readouterr().err
    assert "What was decided or done before: result: disabled." in said
    assert "Traceback" not in said


def test_the_next_command_of_a_process_knows_nothing_of_the_last() -> None:
    decided({"verdict": "pass"})
    begin()
    assert outcome() == ""


def test_outputs_that_are_lost_are_remembered_until_they_are_said(tmp_path: Path) -> None:
    environment = {"GITHUB_OUTPUT": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "none" / "summary")}
    set_outputs({"verdict": "pass"}, environment)
    add_summary("x", environment)
    error = lost_output(0)
    assert error
    assert error.message.count("GITHUB_") == 2
    assert "exit code 0 (verdict: pass)" in error.message
    assert lost_output(0) is None


def test_an_output_in_another_encoding_is_written(tmp_path: Path) -> None:
    set_outputs({"decision": "\udcff.json"}, {"GITHUB_OUTPUT": str(tmp_path / "output")})
    assert "\\udcff.json" in (tmp_path / "output").read_text()
