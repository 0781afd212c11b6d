"""The GitHub double is what the rest leans on: it has to be as strict as GitHub."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.contract.github_double.client import Client, branch_off
from tests.doubles.github import GitHubDouble
from tests.doubles.github.openapi import Operation
from tests.doubles.github.rest import table
from tests.doubles.github.state import Environment

ROOT = Path(__file__).parents[3]


def test_every_route_answers_as_the_description_says(
    github: GitHubDouble, main: str, connect: Callable[[str], Client]
) -> None:
    """Each route succeeds once. The fixture fails if a reply differs from GitHub's description."""
    github.state.environments.append(
        Environment(
            id=1, name="production", reviewers=["@ada", "@acme/sre"], wait_minutes=5, branch_patterns=["main"]
        )
    )
    github.state.tokens[github.admin_token].permissions |= {"members": "read", "administration": "write"}
    settings = github.state.settings
    settings.allowed_actions, settings.plan, settings.runners = "selected", "enterprise", {"big": "2.336.0"}
    settings.ruleset_pulls = settings.protected_pulls = (1, True)
    github.state.environments[0].custom_rules = ["tickets"]
    call = connect(github.admin_token).ok
    head = branch_off(connect(github.token), main, "topic/one", {"a.txt": "changed\n"})
    blob = call("POST", "/git/blobs", {"content": "aGk=", "encoding": "base64"})["sha"]
    call("GET", f"/git/blobs/{blob}")
    call("GET", "")
    call("GET", "/branches/topic/one")
    call("GET", "/branches/topic/one/protection")
    call("GET", "/rules/branches/topic/one")
    call("GET", "/contents/folder/b.txt?ref=main")
    call("GET", "/contents/folder")
    call("GET", "/git/ref/heads/topic/one")
    call("GET", "/git/matching-refs/heads/topic")
    call("GET", "/git/trees/main?recursive=1")
    call("GET", "/commits?sha=topic/one&path=a.txt")
    call("GET", "/commits/topic/one")
    pull = call("POST", "/pulls", {"title": "One", "head": "topic/one", "base": "main", "body": "why"})["number"]
    call("GET", "/pulls?state=all")
    call("GET", f"/pulls/{pull}")
    call("PATCH", f"/pulls/{pull}", {"body": "because"})
    call("GET", f"/pulls/{pull}/files")
    call("POST", f"/pulls/{pull}/requested_reviewers", {"reviewers": ["bo"], "team_reviewers": ["sre"]})
    call("GET", f"/pulls/{pull}/requested_reviewers")
    review = call("POST", f"/pulls/{pull}/reviews", {"event": "COMMENT", "body": "why?"})["id"]
    assert call("GET", f"/pulls/{pull}/reviews")[0]["id"] == review
    review = github.review(pull, "bo", "APPROVED")
    call("PUT", f"/pulls/{pull}/reviews/{review}/dismissals", {"message": "stale"})
    assert {each["event"] for each in call("GET", f"/issues/{pull}/events")} == {
        "review_requested",
        "review_dismissed",
    }
    call("GET", f"/commits/{head}/pulls")
    issue = call("POST", "/issues", {"title": "Two", "body": "text", "labels": ["rollback"]})["number"]
    call("GET", "/issues?labels=rollback")
    call("GET", f"/issues/{issue}")
    call("PATCH", f"/issues/{issue}", {"state": "closed"})
    comment = call("POST", f"/issues/{pull}/comments", {"body": "first"})["id"]
    call("GET", f"/issues/{pull}/comments")
    call("PATCH", f"/issues/comments/{comment}", {"body": "second"})
    call("DELETE", f"/issues/comments/{comment}")
    call("POST", "/labels", {"name": "canary", "color": "d93f0b", "description": "For the pilot"})
    call("GET", "/labels")
    call("POST", f"/issues/{pull}/labels", {"labels": ["canary"]})
    assert call("GET", f"/issues/{pull}/labels")[0]["color"] == "d93f0b"
    call("DELETE", f"/issues/{pull}/labels/Canary")
    deployment = call("POST", "/deployments", {"ref": main, "environment": "production", "payload": {"release": "r"}})
    call("GET", "/deployments?environment=production")
    call("GET", f"/deployments/{deployment['id']}")
    call("POST", f"/deployments/{deployment['id']}/statuses", {"state": "success", "log_url": "https://x.example/1"})
    call("GET", f"/deployments/{deployment['id']}/statuses")
    call("GET", "/environments")
    call("GET", "/environments/production")
    call("GET", "/environments/production/deployment-branch-policies")
    call("GET", "/environments/production/secrets")
    call("GET", "/environments/production/variables")
    call("GET", "/actions/secrets")
    call("GET", "/actions/variables")
    call("GET", "/actions/organization-secrets")
    call("GET", "/actions/organization-variables")
    call("GET", "/actions/permissions")
    call("GET", "/actions/permissions/workflow")
    permissions = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True}
    call("PUT", "/actions/permissions/workflow", permissions)
    call("GET", "/actions/permissions/selected-actions")
    call("GET", "/actions/runners")
    call("GET", "/environments/production/deployment_protection_rules")
    policy = {"protected_branches": False, "custom_branch_policies": True}
    call("PUT", "/environments/uat", {"deployment_branch_policy": policy})
    call("POST", "/environments/uat/deployment-branch-policies", {"name": "main", "type": "branch"})
    call("GET", "/../../../meta")
    call("GET", "/../../../orgs/acme")
    call("GET", "/actions/runs/7/approvals")
    call("GET", "/../../../orgs/acme/teams/sre/memberships/ada")
    call("GET", "/../../../orgs/acme/teams/sre")
    call("GET", f"/../../../orgs/acme/teams/sre/repos/{github.repository}")
    call("GET", "/collaborators/ada/permission")
    call("POST", f"/statuses/{main}", {"state": "success", "context": "gate"})
    call("GET", f"/commits/{main}/statuses")
    run = call("POST", "/check-runs", {"name": "gate", "head_sha": main})["id"]
    call("PATCH", f"/check-runs/{run}", {"conclusion": "success"})
    call("GET", "/commits/main/check-runs")
    call("PUT", f"/pulls/{pull}/merge", {"merge_method": "merge"})
    call("PATCH", "/git/refs/heads/topic/one", {"sha": main, "force": True})
    call("DELETE", "/git/refs/heads/topic/one")
    answered = {(route.method, route.template) for route in github.routes if 200 <= route.status < 300}
    assert {(route.method, route.template) for route in table.ROUTES} <= answered


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "violation"),
    [
        ("POST", "/git/refs", {"ref": "refs/heads/x"}, 422, "'sha' is a required property"),
        ("POST", "/git/refs", {"ref": "refs/heads/x", "sha": "0" * 40, "force": True}, 422, "force does not exist"),
        ("POST", "/git/refs", None, 422, "the body is missing"),
        ("POST", "/issues", {"title": "x", "labels": "one"}, 422, "labels"),
        ("GET", "/pulls?status=open", None, 422, "query parameter status does not exist"),
        ("GET", "/pulls?state=merged", None, 422, "'merged' is not one of"),
        ("GET", "/issues?per_page=many", None, 422, "per_page"),
        ("GET", "/git/refs/heads/main", None, 404, "GitHub has no such route"),
        ("GET", "/stargazers", None, 404, "the double has no such route"),
    ],
)
def test_a_request_that_github_would_not_understand(
    github: GitHubDouble, client: Client, method: str, path: str, body: Any, status: int, violation: str
) -> None:
    assert client(method, path, body).status_code == status
    assert violation in "\n".join(github.violations)
    github.violations.clear()


def test_broken_json_is_a_violation(github: GitHubDouble, client: Client) -> None:
    reply = client.session.post(client.base + "/issues", data=b'{"title":', timeout=20)
    assert (reply.status_code, reply.json()["message"]) == (400, "Problems parsing JSON")
    assert github.violations
    github.violations.clear()


def test_a_violation_fails_the_test_that_made_it(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="the double has no such route"), GitHubDouble(tmp_path) as github:
        client = Client(github, github.token)
        client("GET", "/stargazers")
        client.session.close()


def test_a_reply_that_github_would_not_give_is_found() -> None:
    operation = Operation("GET", "/repos/{owner}/{repo}/git/ref/{ref}")
    assert "required property" in operation.deviations(200, {"ref": "refs/heads/main"})[0]
    with pytest.raises(LookupError, match="201"):
        operation.deviations(201, {})


@pytest.mark.parametrize(
    ("authorization", "message"),
    [("", "Requires authentication"), ("Bearer wrong", "Bad credentials"), ("Basic eDp5", "Bad credentials")],
)
def test_a_token_is_needed(github: GitHubDouble, authorization: str, message: str) -> None:
    url = f"{github.api_url}/repos/{github.repository}"
    reply = requests.get(url, headers={"Authorization": authorization} if authorization else {}, timeout=20)
    assert (reply.status_code, reply.json()["message"]) == (401, message)


@pytest.mark.parametrize(
    ("scope", "access", "method", "path", "body"),
    [
        ("contents", "read", "POST", "/git/refs", {"ref": "refs/heads/x", "sha": "0" * 40}),
        ("contents", "none", "GET", "/git/ref/heads/main", None),
        ("pull-requests", "read", "POST", "/pulls", {"title": "x", "head": "x", "base": "main"}),
        ("deployments", "none", "GET", "/deployments", None),
        ("issues", "read", "POST", "/issues", {"title": "x"}),
        ("administration", "none", "GET", "/actions/permissions/workflow", None),
    ],
)
def test_a_missing_permission_is_refused(
    github: GitHubDouble, client: Client, scope: str, access: Any, method: str, path: str, body: Any
) -> None:
    github.permit(scope, access)
    assert client.refused(method, path, body) == (403, "Resource not accessible by integration")


def test_it_runs_as_a_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.doubles.github", "--folder", str(tmp_path), "--repository", "acme/other"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        ready = json.loads(process.stdout.readline())
        url, token = ready["environment"]["GITHUB_API_URL"], ready["environment"]["GITHUB_TOKEN"]
        issues = f"{url}/repos/acme/other/issues"
        headers = {"Authorization": f"Bearer {token}"}
        assert requests.post(issues, json={"title": "x"}, headers=headers, timeout=20).status_code == 201
        state = requests.get(ready["state"], timeout=20).json()
        process.communicate(timeout=20)
    assert [issue["title"] for issue in state["issues"]] == ["x"]
    assert state["violations"] == []
    assert process.returncode == 0
