"""What an origin's URL names, and which server may get the token for it."""

import pytest

from wavegate.github.origin import Origin, parse_origin, server_at, server_of, why_not


@pytest.mark.parametrize(
    ("url", "host", "repository"),
    [
        ("https://github.com/acme/agents", "github.com", "acme/agents"),
        ("https://github.com/acme/agents.git", "github.com", "acme/agents"),
        ("https://github.com/acme/agents.git/", "github.com", "acme/agents"),
        ("https://GitHub.com:443/acme/agents.io", "github.com", "acme/agents.io"),
        ("https://www.github.com/acme/agents", "github.com", "acme/agents"),
        ("https://x-access-token:ghp_secret@github.com/acme/agents.git", "github.com", "acme/agents"),
        ("http://127.0.0.1:8080/acme/agents.git", "127.0.0.1:8080", "acme/agents"),
        ("git@github.com:acme/agents.git", "github.com", "acme/agents"),
        ("org-4711@github.com:acme/agents", "github.com", "acme/agents"),
        ("github.com:/acme/agents.git", "github.com", "acme/agents"),
        ("ssh://git@github.com/acme/agents.git", "github.com", "acme/agents"),
        ("ssh://git@ssh.github.com:443/acme/agents.git", "github.com", "acme/agents"),
        ("ssh://git@ghe.acme.example:2222/acme/agents.git", "ghe.acme.example", "acme/agents"),
        ("git@acme.ghe.com:acme_emu/agents.git", "acme.ghe.com", "acme_emu/agents"),
        # what comes before the last @ of the authority is a user's name, whatever it looks like
        ("https://github.com@evil.example/acme/agents", "evil.example", "acme/agents"),
        ("https://github.com.evil.example/acme/agents", "github.com.evil.example", "acme/agents"),
    ],
)
def test_a_remotes_url_names_a_host_and_a_repository(url: str, host: str, repository: str) -> None:
    assert parse_origin(url) == Origin(host=host, repository=repository)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/git/agents.git",
        "../agents",
        "file:///srv/git/acme/agents.git",
        "https://github.com/agents",
        "https://github.com/acme/..",
        "https://github.com/acme/agents/tree/main",
        "https://github.com/acme/agents\nhttps://evil.example/a/b",
        "https://evil.example\\@github.com:x/acme/agents",
        "ext::sh -c touch% /tmp/x",
    ],
)
def test_any_other_text_names_none(url: str) -> None:
    assert parse_origin(url) is None


@pytest.mark.parametrize(
    ("host", "known", "server"),
    [
        ("github.com", "", "https://github.com"),
        ("acme.ghe.com", "", "https://acme.ghe.com"),
        ("gitlab.com", "", ""),
        ("ghe.acme.example", "", ""),
        ("github.com.evil.example", "", ""),
        ("evil.acme.ghe.com", "", ""),
        ("ghe.com", "", ""),
        ("ghe.acme.example", "https://GHE.acme.example", "https://GHE.acme.example"),
        # a token for another server is not GitHub's
        ("github.com", "https://ghe.acme.example", ""),
        ("evil.example", "https://ghe.acme.example", ""),
    ],
)
def test_the_token_goes_to_github_or_to_the_server_that_the_user_names(host: str, known: str, server: str) -> None:
    origin = Origin(host=host, repository="acme/agents")
    assert server_of(origin, known) == server
    assert (why_not(f"https://{host}/acme/agents", known) == "") == bool(server)


@pytest.mark.parametrize(
    ("server", "api", "graphql"),
    [
        ("https://github.com", "https://api.github.com", "https://api.github.com/graphql"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
        ("https://ghe.acme.example/", "https://ghe.acme.example/api/v3", "https://ghe.acme.example/api/graphql"),
    ],
)
def test_a_servers_addresses_follow_from_its_own(server: str, api: str, graphql: str) -> None:
    found = server_at(server)
    assert (found.api_url, found.graphql_url) == (api, graphql)


def test_why_an_origin_gives_no_repository() -> None:
    assert why_not("", "") == "the checkout has no remote `origin`"
    assert why_not("/srv/git/agents.git", "") == "the checkout's origin is not on a GitHub server"
    assert why_not("git@gitlab.com:acme/agents.git", "") == "origin is on gitlab.com, which is not github.com"
    known = why_not("git@github.com:acme/agents.git", "https://ghe.acme.example")
    assert known == "origin is on github.com, but GITHUB_SERVER_URL is https://ghe.acme.example"
