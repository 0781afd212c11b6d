"""Reviews, their requests and labels are refused and change as on GitHub."""

from collections.abc import Callable

import pytest
from tests.contract.github_double.client import Client, branch_off
from tests.doubles.github import GitHubDouble


@pytest.fixture
def number(main: str, connect: Callable[[str], Client], github: GitHubDouble) -> int:
    """A pull request that ada opened."""
    branch_off(connect(github.token), main, "topic", {"a.txt": "x"})
    opened = connect(github.admin_token).ok("POST", "/pulls", {"title": "x", "head": "topic", "base": "main"})
    return int(opened["number"])


def test_nobody_approves_their_own_and_no_job_approves(
    github: GitHubDouble, number: int, connect: Callable[[str], Client]
) -> None:
    author, job = connect(github.admin_token), connect(github.token)
    path = f"/pulls/{number}/reviews"
    message = "Can not approve your own pull request"
    assert author.refused("POST", path, {"event": "APPROVE"}) == (422, message)
    message = "GitHub Actions is not permitted to approve pull requests."
    assert job.refused("POST", path, {"event": "APPROVE"}) == (422, message)
    assert job.refused("POST", path, {"event": "COMMENT", "commit_id": "f" * 40})[0] == 422
    assert author.refused("PUT", f"{path}/1/dismissals", {"message": "x"}) == (404, "Not Found")
    comment = job.ok("POST", path, {"event": "COMMENT", "body": "why?"})
    refused = author.refused("PUT", f"{path}/{comment['id']}/dismissals", {"message": "x"})
    assert refused == (422, "Can not dismiss a commented pull request review")


def test_a_review_ends_the_request_and_a_force_push_is_an_event(
    github: GitHubDouble, number: int, main: str, client: Client
) -> None:
    asked = {"reviewers": ["bo"], "team_reviewers": ["sre"]}
    assert client.refused("POST", f"/pulls/{number}/requested_reviewers", {"reviewers": ["ada"]})[0] == 422
    client.ok("POST", f"/pulls/{number}/requested_reviewers", asked)
    github.review(number, "bo", "COMMENTED")
    left = client.ok("GET", f"/pulls/{number}/requested_reviewers")
    assert ([each["login"] for each in left["users"]], len(left["teams"])) == ([], 1)
    client.ok(
        "PATCH", "/git/refs/heads/topic", {"sha": branch_off(client, main, "other", {"a.txt": "y"}), "force": True}
    )
    events = [each["event"] for each in client.ok("GET", f"/issues/{number}/events")]
    assert events == ["review_requested", "review_requested", "head_ref_force_pushed"]


def test_labels_are_refused_as_on_github(github: GitHubDouble, number: int, client: Client) -> None:
    client.ok("POST", "/labels", {"name": "Canary"})
    assert client.refused("POST", "/labels", {"name": "canary"}) == (422, "already_exists")
    assert client.refused("POST", "/labels", {"name": "x", "color": "red"}) == (422, "invalid")
    assert client.refused("POST", "/labels", {"name": "x", "description": "y" * 101})[0] == 422
    assert client.refused("DELETE", f"/issues/{number}/labels/canary") == (404, "Label does not exist")
    client.ok("POST", f"/issues/{number}/labels", {"labels": ["canary"]})
    assert [each["name"] for each in client.ok("GET", f"/issues/{number}/labels")] == ["Canary"]
    github.permit("issues", "read")
    github.permit("pull-requests", "read")
    for method, path, body in (
        ("POST", "/labels", {"name": "z"}),
        ("POST", f"/issues/{number}/labels", {"labels": ["z"]}),
        ("DELETE", f"/issues/{number}/labels/canary", None),
    ):
        assert client.refused(method, path, body) == (403, "Resource not accessible by integration")
