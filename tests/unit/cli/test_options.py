"""Options that commands share: one form, one default, one message."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click
import pytest

from wavegate.cli.options import (
    commit_option,
    environment_argument,
    live_in_each_option,
    live_option,
    timeout_option,
)

SHA = "0123456789abcdef0123456789abcdef01234567"


def parsed(*options: Callable[..., Any], given: str) -> dict[str, Any]:
    """What a command with these options gets."""

    def command(**values: object) -> None: ...

    for option in reversed(options):
        command = option(command)
    made = click.command(name="x")(command)
    return made.make_context("x", given.split(), auto_envvar_prefix="WAVEGATE_X").params


@pytest.mark.parametrize(("given", "seconds"), [("", 3600), ("--timeout 90s", 90), ("--timeout 24h", 86400)])
def test_a_timeout_is_written_as_in_the_manifest(given: str, seconds: int) -> None:
    assert parsed(timeout_option("60m", "x"), given=given) == {"timeout": timedelta(seconds=seconds)}


def test_a_timeout_comes_from_an_actions_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVEGATE_X_TIMEOUT", " 5m ")
    assert parsed(timeout_option("60m", "x"), given="") == {"timeout": timedelta(minutes=5)}
    monkeypatch.setenv("WAVEGATE_X_TIMEOUT", "")
    assert parsed(timeout_option("60m", "x"), given="") == {"timeout": timedelta(minutes=60)}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("60", "`60` is not a duration. A positive whole number with its unit"),
        ("99999d", "at most `24h`"),
        ("1.5h", "For example: `60m`"),
        ("\u202e5m", r"`\\u202e5m` is not a duration"),
        ("25h", "`25h` is longer than `24h`."),
    ],
)
def test_another_timeout_is_one_clear_finding(given: str, message: str) -> None:
    with pytest.raises(click.BadParameter, match=message):
        parsed(timeout_option("60m", "x"), given=f"--timeout {given}")


LIVE = (environment_argument("X"), live_option("HEAD"))


@pytest.mark.parametrize("given", ["uat --live main", "--live main uat", "--live uat=main uat"])
def test_what_is_live_is_a_commit_with_or_without_its_environment(given: str) -> None:
    assert parsed(*LIVE, given=given) == {"environment": "uat", "live": "main"}


def test_nothing_has_to_be_given() -> None:
    assert parsed(*LIVE, given="uat")["live"] == ""


def test_an_action_gives_both_as_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVEGATE_X_ENVIRONMENT", "a=b")
    monkeypatch.setenv("WAVEGATE_X_LIVE", f" a=b={SHA} ")
    assert parsed(*LIVE, given="") == {"environment": "a=b", "live": SHA}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("production=main", "The commit is for environment `production`, but this command is for `uat`"),
        ("=main", "has no commit"),
        ("uat=", "has no commit"),
    ],
)
def test_another_environment_is_an_error(given: str, message: str) -> None:
    with pytest.raises(click.BadParameter, match=message):
        parsed(*LIVE, given=f"uat --live {given}")


def test_where_there_are_several_environments_each_commit_names_its_own() -> None:
    option = live_in_each_option("x")
    assert parsed(option, given="--live uat=HEAD --live production=main") == {
        "live": {"uat": "HEAD", "production": "main"}
    }
    for given, message in (
        ("--live main", "has no environment"),
        ("--live uat=a --live uat=b", "Two different commits for `uat`"),
    ):
        with pytest.raises(click.BadParameter, match=message):
            parsed(option, given=given)


def test_a_commit_is_named_in_full() -> None:
    assert parsed(commit_option("x"), given=f"--commit {SHA.upper()}") == {"commit": SHA}
    for short in (SHA[:7], "main", SHA + "0"):
        with pytest.raises(click.BadParameter, match=f"`{short}` is not a full commit SHA"):
            parsed(commit_option("x"), given=f"--commit {short}")
