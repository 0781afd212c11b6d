"""What somebody sees who types `wavegate` alone."""

import pytest

from wavegate.__main__ import main


@pytest.mark.parametrize("actions", ["", "true"])
def test_no_command_is_wrong_input_and_shows_the_help(
    actions: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", actions)
    assert main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("Usage: wavegate")
    assert "\n  validate  " in shown.err
