"""The repository of a checkout's origin, read by git; the token goes to the host that it names, or nowhere."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.git import git
from tests.support.raw_server import RawServer, answer

from wavegate.errors import InputError, ServiceError
from wavegate.git.repository import Git
from wavegate.github.connect import GitHubAccess

TOKEN = "ghp_of-the-laptop"


@pytest.fixture(autouse=True)
def laptop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [each for each in os.environ if each.startswith(("GITHUB_", "GH_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    root.mkdir()
    git(root, "init", "--quiet")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "x")
    return root


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(lambda: [answer(404)]) as server:
        yield server


def point(checkout: Path, url: str) -> None:
    git(checkout, "config", "remote.origin.url", url)


def why_incomplete(checkout: Path) -> str:
    access = GitHubAccess.from_environment(checkout)
    assert not access.is_complete
    with pytest.raises(InputError) as error:
        access.required_client("open the pull request", permission="contents: write")
    return error.value.message


def test_the_repository_is_origins(checkout: Path) -> None:
    point(checkout, "git@github.com:acme/agents.git")
    access = GitHubAccess.from_environment(checkout)
    assert access.is_complete
    assert (access.run.repository, access.run.api_url) == ("acme/agents", "https://api.github.com")
    named = access.credentials(access.run.repository)
    assert named
    assert named.source == "https://github.com/acme/agents.git"


def test_a_subfolder_and_a_linked_work_tree_have_the_same_origin(checkout: Path) -> None:
    point(checkout, "https://github.com/acme/agents")
    git(checkout, "worktree", "add", "--quiet", "--detach", "../linked")
    (checkout / "force-app").mkdir()
    for folder in (checkout / "force-app", checkout.parent / "linked"):
        assert GitHubAccess.from_environment(folder).run.repository == "acme/agents"


def test_actions_and_a_named_repository_do_not_look_at_origin(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point(checkout, "https://github.com/acme/agents")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert GitHubAccess.from_environment(checkout).run.repository == ""
    monkeypatch.setenv("GITHUB_ACTIONS", "")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/other")
    assert GitHubAccess.from_environment(checkout).run.repository == "acme/other"


def test_an_enterprise_server_gets_the_token_once_the_user_names_it(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point(checkout, "git@ghe.acme.example:acme/agents.git")
    assert "origin is on ghe.acme.example, which is not github.com" in why_incomplete(checkout)
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://ghe.acme.example")
    run = GitHubAccess.from_environment(checkout).run
    assert (run.repository, run.api_url) == ("acme/agents", "https://ghe.acme.example/api/v3")
    assert run.graphql_url == "https://ghe.acme.example/api/graphql"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("git@github.com:acme/agents.git", "https://github.com"),
        ("git@github.com-work:acme/agents.git", "https://github.com"),
        ("git@acme.ghe.com:acme/agents.git", "https://acme.ghe.com"),
        ("/srv/git/agents.git", "https://github.com"),
        ("", "https://github.com"),
        ("git@ghe.acme.example:acme/agents.git", ""),
        ("https://ghe/acme/agents.git", ""),
        ("git@ghe:acme/agents.git", ""),
        ("https://gitlab.com/acme/agents.git", ""),
        ("https://github.com.evil.example/acme/agents.git", ""),
    ],
)
@pytest.mark.parametrize("by_option", [True, False])
def test_a_named_repository_is_on_origins_server_or_gets_no_token(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, url: str, server: str, by_option: bool
) -> None:
    point(checkout, url) if url else None
    monkeypatch.setenv("GITHUB_REPOSITORY", "" if by_option else "acme/other")
    access = GitHubAccess.from_environment(checkout, repository="acme/other" if by_option else "")
    assert (access.is_complete, access.is_elsewhere) == (bool(server), not server)
    if server:
        assert (access.run.repository, access.run.server_url) == ("acme/other", server)
        return
    assert access.credentials() is access.credentials("acme/other") is None
    with pytest.raises(InputError, match="GITHUB_SERVER_URL does not say where acme/other is"):
        access.client()
    with pytest.raises(InputError, match="GITHUB_SERVER_URL does not say where acme/other is") as error:
        access.required_client("ask", permission="contents: read")
    assert error.value.fix.startswith("Set GITHUB_SERVER_URL to the address of the repository's server")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://ghe.acme.example")
    named = GitHubAccess.from_environment(checkout, repository="acme/other")
    assert (named.is_complete, named.run.api_url) == (True, "https://ghe.acme.example/api/v3")


def test_where_origin_contradicts_the_named_server_the_token_is_for_the_named_one(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point(checkout, "git@github.com:acme/agents.git")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://ghe.acme.example")
    access = GitHubAccess.from_environment(checkout)
    assert (access.is_complete, access.run.api_url) == (False, "https://ghe.acme.example/api/v3")


def test_a_checkout_cannot_have_the_token_sent_to_a_host_of_its_own(checkout: Path, server: RawServer) -> None:
    point(checkout, f"{server.url}/acme/agents")
    assert f"origin is on 127.0.0.1:{server.port}, which is not github.com" in why_incomplete(checkout)
    assert server.heard == []


def test_a_url_that_the_user_rewrites_does_not_get_the_token(
    checkout: Path, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    point(checkout, "https://github.com/acme/agents.git")
    own = checkout.parent / "gitconfig"
    git(checkout, "config", "--file", str(own), f"url.{server.url}/.insteadOf", "https://github.com/")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(own))
    access = GitHubAccess.from_environment(checkout)
    # the API is that of the host that origin names
    assert access.run.api_url == "https://api.github.com"
    with pytest.raises(ServiceError):
        Git(checkout, credentials=access.credentials(access.run.repository)).ensure(["1" * 40])
    # git itself follows the rewritten URL, without our header
    assert server.heard
    assert not any(b"authorization" in request.lower() for request in server.heard)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("/srv/git/agents.git", "the checkout's origin is not on a GitHub server"),
        ("https://ada:secret@gitlab.com/acme/agents.git", "origin is on gitlab.com, which is not github.com"),
        ("", "the checkout has no remote `origin`"),
    ],
)
def test_an_origin_elsewhere_is_named_without_its_password(checkout: Path, url: str, why: str) -> None:
    if url:
        point(checkout, url)
    message = why_incomplete(checkout)
    assert why in message
    assert "secret" not in message


def test_a_folder_outside_of_git_says_so(tmp_path: Path) -> None:
    assert "is not in a git repository" in why_incomplete(tmp_path)
