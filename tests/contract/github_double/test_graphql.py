"""GraphQL reads the same state, and only as GitHub's schema allows."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.contract.github_double.client import Client, branch_off, git
from tests.doubles.github import GitHubDouble
from tests.doubles.github.rest.shapes import node_id

QUERY = """
query ($owner: String!, $name: String!, $environment: String!) {
  repository(owner: $owner, name: $name) {
    defaultBranchRef { name target { oid ... on Commit { tree { oid } } } }
    refs(refPrefix: "refs/heads/wavegate/rollback/", first: 10) { nodes { name prefix target { oid } } }
    deployments(environments: [$environment], first: 1, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes {
          id commitOid task payload state createdAt
          statuses(first: 9) { nodes { state creator { login } } }
        }
      pageInfo { hasNextPage endCursor }
    }
    pullRequests(states: [OPEN], first: 5) { totalCount nodes { number headRefName headRefOid merged mergeable url } }
    object(expression: "main:folder/b.txt") { __typename ... on Blob { text } }
  }
}
"""
WHERE = {"owner": "acme", "name": "support-agents", "environment": "uat"}


def test_a_query_reads_the_same_state(github: GitHubDouble, main: str, client: Client) -> None:
    first = github.deploy("uat", main, payload={"release": "r1"}, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    second = github.deploy("uat", main, payload="text")
    head = branch_off(client, main, "wavegate/rollback/uat/1", {"a.txt": "x"})
    client.ok("POST", "/pulls", {"title": "x", "head": "wavegate/rollback/uat/1", "base": "main"})
    found = client.query(QUERY, **WHERE)["data"]["repository"]
    assert found["defaultBranchRef"]["target"] == {
        "oid": main,
        "tree": {"oid": git(github, "rev-parse", "main^{tree}")},
    }
    assert found["refs"]["nodes"] == [
        {"name": "uat/1", "prefix": "refs/heads/wavegate/rollback/", "target": {"oid": head}}
    ]
    assert [node["id"] for node in found["deployments"]["nodes"]] == [node_id("DE", second)]
    assert found["deployments"]["nodes"][0]["state"] == "ACTIVE"
    assert found["pullRequests"]["nodes"][0]["mergeable"] == "MERGEABLE"
    assert found["object"] == {"__typename": "Blob", "text": "b\n"}
    after = found["deployments"]["pageInfo"]["endCursor"]
    rest = client.query(QUERY.replace("first: 1,", f'first: 1, after: "{after}",'), **WHERE)
    node = rest["data"]["repository"]["deployments"]["nodes"][0]
    assert (node["id"], node["state"]) == (node_id("DE", first), "INACTIVE")
    assert json.loads(node["payload"]) == {"release": "r1"}
    assert [status["state"] for status in node["statuses"]["nodes"]] == ["INACTIVE", "SUCCESS"]
    assert rest["data"]["repository"]["deployments"]["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("fields", "violation"),
    [
        ("nickname", "Cannot query field 'nickname'"),
        ('deployments(first: "ten") { totalCount }', "Int cannot represent"),
        ("stargazerCount", "the double has no Repository.stargazerCount"),
        ('refs(refPrefix: "heads", first: 1) { totalCount }', "refPrefix"),
    ],
)
def test_a_query_that_github_or_the_double_would_not_understand(
    github: GitHubDouble, client: Client, fields: str, violation: str
) -> None:
    reply = client.query(f'{{ repository(owner: "acme", name: "support-agents") {{ {fields} }} }}')
    assert violation in reply["errors"][0]["message"]
    assert violation in github.violations[0]
    github.violations.clear()


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ('repository(owner: "acme", name: "other") { name }', "NOT_FOUND"),
        (
            'repository(owner: "acme", name: "support-agents") { deployments(first: 1) { totalCount } }',
            "FORBIDDEN",
        ),
        (
            'repository(owner: "acme", name: "support-agents") { issues { totalCount } }',
            "MISSING_PAGINATION_BOUNDARIES",
        ),
        (
            'repository(owner: "acme", name: "support-agents") { issues(first: 101) { totalCount } }',
            "EXCESSIVE_PAGINATION",
        ),
    ],
)
def test_a_query_is_refused_in_its_reply(github: GitHubDouble, client: Client, query: str, kind: str) -> None:
    github.permit("deployments", "none")
    assert client.query(f"{{ {query} }}")["errors"][0]["type"] == kind


MARK = """
mutation Mark($input: CreateDeploymentStatusInput!) {
  createDeploymentStatus(input: $input) { deploymentStatus { state description logUrl } }
}
"""
STATUSES = """
query Statuses($id: ID!) {
  node(id: $id) { ... on Deployment { statuses(first: 9) { nodes { state description logUrl } } } }
}
"""


def test_a_status_is_made_and_read_by_the_deployments_node_id(
    github: GitHubDouble, main: str, client: Client
) -> None:
    made = client.ok("POST", "/deployments", {"ref": main, "environment": "uat"})["node_id"]
    words = {"state": "IN_PROGRESS", "description": "On its way", "logUrl": "https://x.example/1"}
    reply = client.query(MARK, input={"deploymentId": made, **words})
    assert reply["data"]["createDeploymentStatus"]["deploymentStatus"] == words
    assert [status.state for status in github.deployments[0].statuses] == ["in_progress"]
    assert client.query(STATUSES, id=made)["data"]["node"]["statuses"]["nodes"] == [words]
    assert [each.template for each in github.routes[1:]] == ["/graphql#Mark", "/graphql#Statuses"]


def test_a_preview_is_there_for_those_who_accept_it(github: GitHubDouble, client: Client) -> None:
    body = {"query": MARK, "variables": {"input": {"deploymentId": "x", "state": "SUCCESS"}}}
    reply = client.session.post(github.graphql_url, json=body, timeout=20).json()
    assert "Field 'createDeploymentStatus' doesn't exist" in reply["errors"][0]["message"]
    github.violations.clear()


@pytest.mark.parametrize(
    ("access", "given", "kind"),
    [
        ("read", {}, "FORBIDDEN"),
        ("write", {"deploymentId": "RGVwbG95bWVudDox"}, "NOT_FOUND"),
        ("write", {"description": "x" * 141}, "UNPROCESSABLE"),
    ],
)
def test_a_status_is_refused_in_its_reply(
    github: GitHubDouble, main: str, client: Client, access: Any, given: dict[str, str], kind: str
) -> None:
    made = client.ok("POST", "/deployments", {"ref": main})["node_id"]
    github.permit("deployments", access)
    reply = client.query(MARK, input={"deploymentId": made, "state": "SUCCESS", **given})
    assert (reply["data"], reply["errors"][0]["type"]) == ({"createDeploymentStatus": None}, kind)
    assert github.deployments[0].statuses == []


def test_a_number_of_a_deployment_is_more_than_graphql_holds(github: GitHubDouble, main: str, client: Client) -> None:
    github.deploy("uat", main)
    reply = client.query(QUERY.replace("  id commitOid", "  databaseId commitOid"), **WHERE)
    assert "Int cannot represent non 32-bit signed integer" in reply["errors"][0]["message"]
    assert reply["data"]["repository"]["deployments"]["nodes"][0]["databaseId"] is None
    github.violations.clear()


def test_a_fault_strikes_what_it_names_alone(github: GitHubDouble, client: Client) -> None:
    github.faults.add("POST /graphql#Second", status=502, body={})
    queries = [f"query {name} {{ viewer {{ login }} }}" for name in ("First", "Second", "Second")]
    assert ["data" in client.query(each) for each in queries] == [True, False, True]


DISCUSSIONS = """
query ($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    id
    discussionCategories(first: 9) { nodes { id name } }
    discussions(first: 9, orderBy: {field: UPDATED_AT, direction: DESC}) { nodes { id title closed stateReason } }
  }
}
"""


def test_discussions_are_created_changed_closed_and_reopened(github: GitHubDouble, client: Client) -> None:
    where = {"owner": "acme", "name": "support-agents"}
    assert client.query(DISCUSSIONS, **where)["errors"][0]["type"] == "FORBIDDEN"
    github.permit("discussions", "write")
    home = client.query(DISCUSSIONS, **where)["data"]["repository"]
    category = home["discussionCategories"]["nodes"][1]

    def change(name: str, **values: Any) -> Any:
        kind = name[0].upper() + name[1:]
        text = f"mutation Change($input: {kind}Input!) {{ {name}(input: $input) {{ discussion {{ id }} }} }}"
        return client.query(text, input=values)

    made = change("createDiscussion", repositoryId=home["id"], categoryId=category["id"], title="a", body="b")
    found = made["data"]["createDiscussion"]["discussion"]["id"]
    change("updateDiscussion", discussionId=found, title="c")
    change("closeDiscussion", discussionId=found, reason="RESOLVED")
    (shown,) = client.query(DISCUSSIONS, **where)["data"]["repository"]["discussions"]["nodes"]
    assert shown == {"id": found, "title": "c", "closed": True, "stateReason": "RESOLVED"}
    assert github.state.discussions[0].body == "b"
    assert change("closeDiscussion", discussionId=found)["errors"][0]["type"] == "UNPROCESSABLE"
    change("reopenDiscussion", discussionId=found)
    assert github.state.discussions[0].closed is False
    assert change("updateDiscussion", discussionId="D_other")["errors"][0]["type"] == "NOT_FOUND"
