"""The state as GitHub's REST API returns it. The description completes what no client reads."""

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zlib import crc32

from tests.doubles.github.git import Commit
from tests.doubles.github.state import Comment, Deployment, Issue, Pull, State, Status


def stamp(moment: datetime | None) -> str | None:
    """A time as GitHub writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def node_id(kind: str, key: object) -> str:
    """An opaque id, as in GraphQL."""
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def repository_url(state: State) -> str:
    """The URL of the repository in the REST API."""
    return f"{state.url}/repos/{state.owner}/{state.name}"


def page_url(state: State) -> str:
    """The URL of the repository in a browser."""
    return f"{state.url}/{state.owner}/{state.name}"


def number_of(name: str) -> int:
    """The id of a user or a team, by its name."""
    return crc32(name.encode())


def user(state: State, login: str) -> dict[str, Any]:
    """A user, organization or bot."""
    own = "Organization" if state.settings.organization else "User"
    kind = "Bot" if login.endswith("[bot]") else own if login == state.owner else "User"
    return {"login": login, "id": number_of(login), "type": kind, "url": f"{state.url}/users/{login}"}


def repository(state: State) -> dict[str, Any]:
    """The repository."""
    return {
        "id": 1,
        "name": state.name,
        "full_name": f"{state.owner}/{state.name}",
        "owner": user(state, state.owner),
        "private": state.settings.private,
        "visibility": "private" if state.settings.private else "public",
        "default_branch": state.branch,
        "html_url": page_url(state),
        "url": repository_url(state),
        "clone_url": f"{page_url(state)}.git",
    }


def ref(state: State, name: str, sha: str) -> dict[str, Any]:
    """A ref by its full name."""
    return {
        "ref": name,
        "node_id": node_id("Ref", name),
        "url": f"{repository_url(state)}/git/{name}",
        "object": {"sha": sha, "type": "commit", "url": f"{repository_url(state)}/git/commits/{sha}"},
    }


def signature(line: str) -> dict[str, str | None]:
    """Name, email and time from a commit's header line."""
    who, seconds, _ = line.rsplit(" ", 2)
    name, _, email = who.rpartition(" <")
    moment = datetime.fromtimestamp(int(seconds), UTC)
    return {"name": name, "email": email.rstrip(">"), "date": stamp(moment)}


def git_commit(state: State, commit: Commit) -> dict[str, Any]:
    """A commit, as the git database returns it."""
    url = repository_url(state)
    return {
        "sha": commit.sha,
        "node_id": node_id("C", commit.sha),
        "url": f"{url}/git/commits/{commit.sha}",
        "html_url": f"{page_url(state)}/commit/{commit.sha}",
        "author": signature(commit.author),
        "committer": signature(commit.committer),
        "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
        "message": commit.message,
        "parents": parents(state, commit),
        "verification": {
            "verified": False,
            "reason": "unsigned",
            "signature": None,
            "payload": None,
            "verified_at": None,
        },
    }


def parents(state: State, commit: Commit) -> list[dict[str, str]]:
    """The parents of a commit."""
    return [
        {
            "sha": sha,
            "url": f"{repository_url(state)}/git/commits/{sha}",
            "html_url": f"{page_url(state)}/commit/{sha}",
        }
        for sha in commit.parents
    ]


def commit(state: State, found: Commit) -> dict[str, Any]:
    """A commit, as the list of commits returns it."""
    inner = git_commit(state, found)
    return {
        "sha": found.sha,
        "url": f"{repository_url(state)}/commits/{found.sha}",
        "html_url": inner["html_url"],
        "commit": {key: inner[key] for key in ("url", "author", "committer", "message", "tree", "verification")},
        "author": None,
        "committer": None,
        "parents": inner["parents"],
    }


def deployment(state: State, found: Deployment) -> dict[str, Any]:
    """A deployment."""
    url = f"{repository_url(state)}/deployments/{found.id}"
    return {
        "id": found.id,
        "node_id": node_id("DE", found.id),
        "sha": found.sha,
        "ref": found.ref,
        "task": found.task,
        "payload": found.payload,
        "environment": found.environment,
        "original_environment": found.environment,
        "description": found.description,
        "creator": user(state, found.creator),
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.statuses[-1].created_at if found.statuses else found.created_at),
        "transient_environment": found.transient,
        "production_environment": found.production,
        "url": url,
        "statuses_url": f"{url}/statuses",
        "repository_url": repository_url(state),
    }


def deployment_status(state: State, found: Deployment, status: Status) -> dict[str, Any]:
    """A status of a deployment."""
    url = f"{repository_url(state)}/deployments/{found.id}"
    return {
        "id": status.id,
        "node_id": node_id("DES", status.id),
        "state": status.state,
        "description": status.description,
        "environment": found.environment,
        "environment_url": status.environment_url,
        "log_url": status.log_url,
        "target_url": status.log_url,
        "creator": user(state, status.creator),
        "created_at": stamp(status.created_at),
        "updated_at": stamp(status.created_at),
        "url": f"{url}/statuses/{status.id}",
        "deployment_url": url,
        "repository_url": repository_url(state),
    }


def label(state: State, name: str) -> dict[str, Any]:
    """A label."""
    url = f"{repository_url(state)}/labels/{quote(name)}"
    color, description = state.label_looks.get(name, ("ededed", None))
    return {"id": 1, "name": name, "color": color, "default": False, "description": description, "url": url}


def issue(state: State, found: Issue) -> dict[str, Any]:
    """An issue, or a pull request as an issue."""
    kind = "pull" if isinstance(found, Pull) else "issues"
    shape: dict[str, Any] = {
        "id": found.id,
        "node_id": node_id("I", found.id),
        "number": found.number,
        "title": found.title,
        "body": found.body,
        "state": found.state,
        "user": user(state, found.creator),
        "labels": [label(state, name) for name in found.labels],
        "assignees": [user(state, login) for login in found.assignees],
        "comments": len(found.comments),
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.updated_at),
        "closed_at": stamp(found.closed_at),
        "closed_by": user(state, found.closed_by) if found.closed_by else None,
        "author_association": "NONE",
        "html_url": f"{page_url(state)}/{kind}/{found.number}",
        "url": f"{repository_url(state)}/issues/{found.number}",
    }
    if isinstance(found, Pull):
        url = f"{repository_url(state)}/pulls/{found.number}"
        shape["pull_request"] = {
            "url": url,
            "html_url": shape["html_url"],
            "diff_url": None,
            "patch_url": None,
            "merged_at": stamp(found.merged_at),
        }
    return shape


def comment(state: State, found: Issue, item: Comment) -> dict[str, Any]:
    """A comment of an issue or pull request."""
    kind = "pull" if isinstance(found, Pull) else "issues"
    return {
        "id": item.id,
        "node_id": node_id("IC", item.id),
        "body": item.body,
        "user": user(state, item.creator),
        "created_at": stamp(item.created_at),
        "updated_at": stamp(item.updated_at),
        "author_association": "NONE",
        "url": f"{repository_url(state)}/issues/comments/{item.id}",
        "html_url": f"{page_url(state)}/{kind}/{found.number}#issuecomment-{item.id}",
        "issue_url": f"{repository_url(state)}/issues/{found.number}",
    }


def pull(state: State, found: Pull) -> dict[str, Any]:
    """A pull request."""
    shape = issue(state, found)
    shared = ("id", "number", "title", "body", "state", "user", "labels", "assignees", "created_at", "updated_at")
    return {
        **{key: shape[key] for key in (*shared, "closed_at", "author_association", "html_url")},
        # the description of a pull request has no label without a description
        "labels": [{**each, "description": each["description"] or ""} for each in shape["labels"]],
        "node_id": node_id("PR", found.id),
        "url": f"{repository_url(state)}/pulls/{found.number}",
        "draft": found.draft,
        "merged_at": stamp(found.merged_at),
        "merge_commit_sha": found.merge_sha,
        "head": _side(state, found.head, found.head_sha),
        "base": _side(state, found.base, state.head(found.base) or found.base_sha),
        "requested_reviewers": [user(state, login) for login in found.reviewers],
        "requested_teams": [{"name": name, "slug": name, "permission": "pull"} for name in found.team_reviewers],
        "auto_merge": None,
    }


def _side(state: State, branch: str, sha: str) -> dict[str, Any]:
    return {
        "label": f"{state.owner}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user(state, state.owner),
        "repo": repository(state),
    }
