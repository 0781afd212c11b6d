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


def test_the_first_word_of_a_family_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guardrails"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("Usage: wavegate guardrails")
    assert all(f"\n  {name}  " in shown for name in ("check", "diff", "explain", "mutate", "prove"))
    assert "validate" not in shown


def test_the_help_of_a_family_is_not_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guardrails", "--help"]) == 0
    assert "\n  explain  " in capsys.readouterr().out


def test_an_unknown_command_of_a_family_leads_to_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guardrails", "compare"]) == 2
    assert "See 'wavegate guardrails --help'" in capsys.readouterr().err
