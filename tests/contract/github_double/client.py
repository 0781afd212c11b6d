"""A client of the GitHub double, and git on its repository."""

import os
import subprocess
from collections.abc import Mapping
from typing import Any

import requests
from tests.doubles.github import GitHubDouble
from tests.doubles.github.graphql.execution import PREVIEW


class Client:
    """Calls the double as a token's bearer."""

    def __init__(self, github: GitHubDouble, token: str) -> None:
        self.base = f"{github.api_url}/repos/{github.repository}"
        self.graphql_url = github.graphql_url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.session.request(method, self.base + path, json=body, timeout=20)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        reply = self(method, path, body)
        assert reply.status_code < 300, reply.text
        return reply.json() if reply.content else None

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        reply = self(method, path, body)
        value = reply.json()
        errors = value.get("errors", ())
        details = "; ".join(each if isinstance(each, str) else each.get("message", each["code"]) for each in errors)
        return reply.status_code, details or value["message"]

    def query(self, text: str, **variables: Any) -> Any:
        body = {"query": text, "variables": variables}
        return self.session.post(self.graphql_url, json=body, headers={"Accept": PREVIEW}, timeout=20).json()


def git(github: GitHubDouble, *command: str, feed: bytes = b"", **environment: str) -> str:
    done = subprocess.run(
        ["git", "--git-dir", str(github.git_dir), *command],
        input=feed,
        capture_output=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout.decode().strip()


def branch_off(client: Client, parent: str, name: str, files: Mapping[str, str]) -> str:
    """A branch with one commit over a parent, made over the API."""
    base = client.ok("GET", f"/git/commits/{parent}")["tree"]["sha"]
    entries = [{"path": path, "mode": "100644", "type": "blob", "content": text} for path, text in files.items()]
    tree = client.ok("POST", "/git/trees", {"base_tree": base, "tree": entries})["sha"]
    commit: str = client.ok("POST", "/git/commits", {"message": "Change", "tree": tree, "parents": [parent]})["sha"]
    client.ok("POST", "/git/refs", {"ref": f"refs/heads/{name}", "sha": commit})
    return commit
