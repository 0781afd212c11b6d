"""Pull requests, deployments and comments behave as on GitHub."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.contract.github_double.client import Client, branch_off, git
from tests.doubles.github import GitHubDouble


def test_a_setting_keeps_jobs_but_not_apps_from_opening_pull_requests(
    github: GitHubDouble, main: str, connect: Callable[[str], Client]
) -> None:
    github.state.settings.actions_may_open_pulls = False
    job, app = connect(github.token), connect(github.app_token)
    branch_off(job, main, "topic", {"a.txt": "x"})
    pull = {"title": "x", "head": "topic", "base": "main"}
    message = "GitHub Actions is not permitted to create or approve pull requests."
    assert job.refused("POST", "/pulls", pull) == (403, message)
    app.ok("POST", "/pulls", pull)
    assert [(made.creator, made.runs_checks) for made in github.pulls] == [("acme-release[bot]", True)]


def test_one_open_pull_request_a_branch(github: GitHubDouble, main: str, client: Client) -> None:
    branch_off(client, main, "topic", {"a.txt": "x"})
    pull = {"title": "x", "head": "acme:topic", "base": "main"}
    first = client.ok("POST", "/pulls", pull)["number"]
    assert client.refused("POST", "/pulls", pull) == (422, "A pull request already exists for acme:topic.")
    client.ok("PATCH", f"/pulls/{first}", {"state": "closed"})
    second = client.ok("POST", "/pulls", {**pull, "head": "topic"})["number"]
    assert [found["number"] for found in client.ok("GET", "/pulls?head=acme:topic")] == [second]
    client.ok("POST", "/git/refs", {"ref": "refs/heads/same", "sha": main})
    assert client.refused("POST", "/pulls", {**pull, "head": "same"}) == (422, "No commits between main and same")
    assert client.refused("POST", "/pulls", {**pull, "head": "none"}) == (422, "invalid")
    client.ok("DELETE", "/git/refs/heads/topic")
    assert [made.state for made in github.pulls] == ["closed", "closed"]


def test_an_issue_says_who_closed_it_and_whether_it_was_merged(
    github: GitHubDouble, main: str, connect: Callable[[str], Client]
) -> None:
    """A pull request is an issue, and closes as one. Source: the examples of the description."""
    job, person = connect(github.token), connect(github.admin_token)
    branch_off(job, main, "topic", {"a.txt": "x"})
    number = job.ok("POST", "/pulls", {"title": "x", "head": "topic", "base": "main"})["number"]

    def read() -> tuple[str, str | None, bool, bool]:
        found = job.ok("GET", f"/issues/{number}")
        by = found["closed_by"] and found["closed_by"]["login"]
        return found["state"], by, found["closed_at"] is not None, found["pull_request"]["merged_at"] is not None

    assert read() == ("open", None, False, False)
    person.ok("PATCH", f"/issues/{number}", {"state": "closed"})
    assert read() == ("closed", "ada", True, False)
    # closing it again changes nobody's name
    job.ok("PATCH", f"/pulls/{number}", {"state": "closed"})
    assert read() == ("closed", "ada", True, False)
    person.ok("PATCH", f"/pulls/{number}", {"state": "open"})
    assert read() == ("open", None, False, False)
    person.ok("PUT", f"/pulls/{number}/merge")
    assert read() == ("closed", "ada", True, True)


def test_a_merge_is_a_real_one(github: GitHubDouble, main: str, client: Client) -> None:
    head = branch_off(client, main, "topic", {"a.txt": "topic\n"})
    other = branch_off(client, main, "other", {"a.txt": "other\n"})
    base = github.seed({"folder/b.txt": b"moved on\n"})
    for name in ("topic", "other"):
        client.ok("POST", "/pulls", {"title": name, "head": name, "base": "main"})
    assert client.refused("PUT", "/pulls/1/merge", {"sha": main})[0] == 409
    merged = client.ok("PUT", "/pulls/1/merge")["sha"]
    assert git(github, "rev-parse", "main", "main^1", "main^2").split() == [merged, base, head]
    assert git(github, "show", "main:a.txt", "main:folder/b.txt") == "topic\nmoved on"
    assert client.ok("GET", "/pulls/1")["merged"] is True
    assert [(file["filename"], file["status"]) for file in client.ok("GET", "/pulls/2/files")] == [
        ("a.txt", "modified")
    ]
    assert client.ok("GET", "/pulls/2")["mergeable"] is False
    assert client.refused("PUT", "/pulls/2/merge") == (405, "Merge conflict")
    assert github.pulls[1].head_sha == other


@pytest.mark.parametrize(
    "asked",
    [
        {"reviewers": ["ada", "stranger"]},
        {"reviewers": ["ada"], "team_reviewers": ["strangers"]},
        {"reviewers": ["ada", "github-actions[bot]"]},
    ],
)
def test_reviewers_have_to_exist(github: GitHubDouble, main: str, client: Client, asked: dict[str, Any]) -> None:
    branch_off(client, main, "topic", {"a.txt": "x"})
    client.ok("POST", "/pulls", {"title": "x", "head": "topic", "base": "main"})
    assert client.refused("POST", "/pulls/1/requested_reviewers", asked)[0] == 422
    assert github.pulls[0].reviewers == []


def rest_status(client: Client, made: Any, *, auto_inactive: bool) -> None:
    body = {"state": "success", "auto_inactive": auto_inactive}
    client.ok("POST", f"/deployments/{made['id']}/statuses", body)


def graphql_status(client: Client, made: Any, *, auto_inactive: bool) -> None:
    names = {"deploymentId": made["node_id"], "state": "SUCCESS", "autoInactive": auto_inactive}
    mutation = "mutation Mark($input: CreateDeploymentStatusInput!) { createDeploymentStatus(input: $input) {"
    reply = client.query(f"{mutation} deploymentStatus {{ state }} }} }}", input=names)
    assert reply["data"]["createDeploymentStatus"]["deploymentStatus"] == {"state": "SUCCESS"}


@pytest.mark.parametrize("mark", [rest_status, graphql_status])
@pytest.mark.parametrize(
    ("environment", "auto_inactive", "before"),
    [("uat", True, "inactive"), ("uat", False, "success"), ("production", True, "success")],
)
def test_a_success_ends_the_one_before_it(
    github: GitHubDouble,
    main: str,
    client: Client,
    environment: str,
    auto_inactive: bool,
    before: str,
    mark: Callable[..., None],
) -> None:
    first = github.deploy(environment, main, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    failed = github.deploy(environment, main, statuses=["failure"], created_at=datetime(2026, 1, 2, tzinfo=UTC))
    elsewhere = github.deploy("elsewhere", main)
    new = client.ok("POST", "/deployments", {"ref": main, "environment": environment, "task": "wavegate"})
    mark(client, new, auto_inactive=auto_inactive)
    made = new["id"]
    assert [found["id"] for found in client.ok("GET", f"/deployments?environment={environment}")] == [
        made,
        failed,
        first,
    ]
    states = {found.id: found.state for found in github.deployments}
    assert states == {first: before, failed: "failure", elsewhere: "success", made: "success"}


def test_a_deployment_waits_for_its_checks(github: GitHubDouble, main: str, client: Client) -> None:
    client.ok("POST", f"/statuses/{main}", {"state": "failure", "context": "gate"})
    assert client.refused("POST", "/deployments", {"ref": main})[0] == 409
    client.ok("POST", "/deployments", {"ref": main, "required_contexts": []})
    large = {"ref": main, "required_contexts": [], "payload": {"x": "x" * 65_535}}
    assert client.refused("POST", "/deployments", large)[0] == 422
    long = {"state": "failure", "description": "x" * 141}
    assert client.refused("POST", f"/deployments/{github.deployments[0].id}/statuses", long)[0] == 422


@pytest.mark.usefixtures("main")
def test_pages_are_linked(github: GitHubDouble, client: Client) -> None:
    client.ok("POST", "/issues", {"title": "x"})
    for number in range(65):
        client.ok("POST", "/issues/1/comments", {"body": str(number)})
    url, seen = f"{client.base}/issues/1/comments", []
    while url:
        reply = client.session.get(url, timeout=20)
        seen.append([comment["body"] for comment in reply.json()])
        url = reply.links.get("next", {}).get("url", "")
    assert [len(page) for page in seen] == [30, 30, 5]
    assert [body for page in seen for body in page] == [str(number) for number in range(65)]
    assert len(client.ok("GET", "/issues/1/comments?per_page=100")) == 65
    assert client.refused("POST", "/issues/1/comments", {"body": "x" * 65_537})[0] == 422
    assert len(github.issues[0].comments) == 65


@pytest.mark.usefixtures("main")
def test_a_repository_without_issues_refuses_them_and_has_pull_requests(github: GitHubDouble, client: Client) -> None:
    number = client.ok("POST", "/issues", {"title": "x"})["number"]
    github.state.settings.has_issues = False
    gone = (410, "Issues has been disabled in this repository.")
    assert client.refused("POST", "/issues", {"title": "y"}) == gone
    assert client.refused("GET", "/issues") == gone
    assert client.refused("PATCH", f"/issues/{number}", {"state": "closed"}) == gone
    fields = "hasIssuesEnabled issues(first: 9) { totalCount }"
    found = client.query(f'query {{ repository(owner: "acme", name: "support-agents") {{ {fields} }} }}')
    assert found["data"]["repository"] == {"hasIssuesEnabled": False, "issues": {"totalCount": 0}}
    assert client.refused("POST", "/issues", {"title": "y", "body": "x" * 65_537})[0] == 410
    github.state.settings.has_issues = True
    refused = client.refused("POST", "/issues", {"title": "y", "body": "x" * 65_537})
    assert refused == (422, "body is too long (maximum is 65536 characters)")
    assert len(github.issues) == 1
