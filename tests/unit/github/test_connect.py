"""What the environment says of GitHub, and what is said where that is not enough."""

from pathlib import Path

import pytest

from wavegate.errors import InputError
from wavegate.github.connect import GitHubAccess

COMPLETE = {"GITHUB_TOKEN": "ghs_secret", "GITHUB_REPOSITORY": "acme/agents", "GITHUB_SERVER_URL": "https://ghe.acme"}
ACTIONS = {"GITHUB_ACTIONS": "true"}


def connect(environment: dict[str, str], root: Path = Path()) -> GitHubAccess:
    return GitHubAccess.from_environment(root, environment)


def test_git_fetches_with_the_token_from_the_server_of_the_run() -> None:
    access = connect(COMPLETE)
    assert access.is_complete
    origin, named = access.credentials(), access.credentials("acme/agents")
    assert origin
    assert named
    assert (origin.server_url, origin.token, origin.source) == ("https://ghe.acme", "ghs_secret", "origin")
    assert named.source == "https://ghe.acme/acme/agents.git"
    assert connect({}).credentials() is None


def test_the_token_is_not_shown_with_the_rest() -> None:
    assert "ghs_secret" not in repr(connect(COMPLETE))


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        (("GITHUB_TOKEN",), "GITHUB_TOKEN is not set, so wavegate cannot read the deployments."),
        (("GITHUB_REPOSITORY",), "GITHUB_REPOSITORY is not set, so wavegate cannot read the deployments."),
        (
            ("GITHUB_TOKEN", "GITHUB_REPOSITORY"),
            "GITHUB_TOKEN and GITHUB_REPOSITORY are not set, so wavegate cannot read the deployments.",
        ),
    ],
)
def test_a_step_learns_which_variables_are_missing(
    monkeypatch: pytest.MonkeyPatch, left_out: tuple[str, ...], message: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    given = {name: text for name, text in COMPLETE.items() if name not in left_out}
    access = connect({**given, **ACTIONS, "GH_TOKEN": "" if "GITHUB_TOKEN" in left_out else "ghp_other"})
    assert not access.is_complete
    with pytest.raises(InputError) as error:
        access.required_client("read the deployments", permission="deployments: read")
    assert error.value.message == message
    assert "with `permissions: deployments: read`" in error.value.fix


def test_a_laptop_without_a_token_learns_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "")
    with pytest.raises(InputError) as error:
        connect({}).required_client("read the deployments", permission="deployments: read")
    assert error.value.message == "GITHUB_TOKEN is not set, so wavegate cannot read the deployments."
    assert "export GITHUB_TOKEN=$(gh auth token)" in error.value.fix


def test_the_github_clis_token_counts_outside_actions_only() -> None:
    token = {"GH_TOKEN": "ghp_laptop", "GITHUB_REPOSITORY": "acme/agents"}
    assert connect(token).token == "ghp_laptop"
    assert connect(token | ACTIONS).token == ""
    assert connect(token | {"GITHUB_TOKEN": "ghs_first"}).token == "ghs_first"


def test_the_addresses_follow_from_the_named_server_unless_they_are_given() -> None:
    assert connect(COMPLETE).run.api_url == "https://ghe.acme/api/v3"
    given = connect({**COMPLETE, "GITHUB_API_URL": "https://api.acme", "GITHUB_GRAPHQL_URL": "https://graph.acme"})
    assert (given.run.api_url, given.run.graphql_url) == ("https://api.acme", "https://graph.acme")
