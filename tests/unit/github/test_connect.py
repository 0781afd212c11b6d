"""What the environment says of GitHub, and what is said where that is not enough."""

import pytest

from wavegate.errors import InputError
from wavegate.github.connect import GitHubAccess

COMPLETE = {"GITHUB_TOKEN": "ghs_secret", "GITHUB_REPOSITORY": "acme/agents", "GITHUB_SERVER_URL": "https://ghe.acme"}


def test_git_fetches_with_the_token_from_the_server_of_the_run() -> None:
    access = GitHubAccess.from_environment(COMPLETE)
    assert access.is_complete
    origin, named = access.credentials(), access.credentials("acme/agents")
    assert origin
    assert named
    assert (origin.server_url, origin.token, origin.source) == ("https://ghe.acme", "ghs_secret", "origin")
    assert named.source == "https://ghe.acme/acme/agents.git"
    assert GitHubAccess.from_environment({}).credentials() is None


def test_the_token_is_not_shown_with_the_rest() -> None:
    assert "ghs_secret" not in repr(GitHubAccess.from_environment(COMPLETE))


@pytest.mark.parametrize(
    ("left_out", "told"),
    [
        (("GITHUB_TOKEN",), "GITHUB_TOKEN is not set, so wavegate cannot read the deployments."),
        (("GITHUB_REPOSITORY",), "GITHUB_REPOSITORY is not set, so wavegate cannot read the deployments."),
        (
            ("GITHUB_TOKEN", "GITHUB_REPOSITORY"),
            "GITHUB_TOKEN and GITHUB_REPOSITORY are not set, so wavegate cannot read the deployments.",
        ),
    ],
)
@pytest.mark.parametrize(
    ("actions", "fix"), [("true", "with `permissions: deployments: read`"), ("", "`gh auth token`")]
)
def test_what_is_missing_is_named_with_its_fix(
    monkeypatch: pytest.MonkeyPatch, left_out: tuple[str, ...], told: str, actions: str, fix: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", actions)
    access = GitHubAccess.from_environment({name: text for name, text in COMPLETE.items() if name not in left_out})
    assert not access.is_complete
    with pytest.raises(InputError) as error:
        access.required_client("read the deployments", permission="deployments: read")
    assert error.value.message == told
    assert fix in error.value.fix
