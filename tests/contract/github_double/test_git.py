"""Refs, trees and fetches of the GitHub double are git's own."""

import base64
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.contract.github_double.client import Client, branch_off, git
from tests.doubles.github import File, GitHubDouble

HOSTILE: dict[str, File | bytes | None] = {
    "plain.txt": b"text\n",
    "folder/binary": bytes(range(256)),
    "folder/run.sh": File(data=b"#!/bin/sh\n", mode="100755"),
    "folder/deep/link": File(data=b"../binary", mode="120000"),
    "with space/tab\tand\nnewline": b"1",
    'quote"d/ünï/日本': b"2",
}


@pytest.mark.usefixtures("main")
def test_workflow_files_need_a_permission_of_their_own(github: GitHubDouble, client: Client) -> None:
    commit = github.seed({".github/workflows/x.yml": b"on: push\n"}, branch="scratch")
    git(github, "update-ref", "-d", "refs/heads/scratch")
    ref = {"ref": "refs/heads/new", "sha": commit}
    text = "refusing to allow a GitHub App to create or update workflow `.github/workflows/x.yml` without"
    assert client.refused("POST", "/git/refs", ref) == (403, f"{text} `workflows` permission")
    github.permit("workflows", "write")
    client.ok("POST", "/git/refs", ref)
    github.permit("workflows", "none")
    client.ok("POST", "/git/refs", {**ref, "ref": "refs/heads/same-file"})


def test_refs_move_forward_only(github: GitHubDouble, main: str, client: Client) -> None:
    newer = branch_off(client, main, "topic", {"a.txt": "x"})
    ref = {"ref": "refs/heads/topic", "sha": main}
    assert client.refused("POST", "/git/refs", ref) == (422, "Reference already exists")
    assert client.refused("PATCH", "/git/refs/heads/topic", {"sha": main}) == (422, "Update is not a fast forward")
    assert client.refused("PATCH", "/git/refs/heads/none", {"sha": main}) == (422, "Reference does not exist")
    assert client.refused("POST", "/git/refs", {**ref, "ref": "refs/heads/a..b"})[0] == 422
    assert client.refused("POST", "/git/refs", {**ref, "ref": "refs/heads/topic/below"})[0] == 422
    assert client.refused("POST", "/git/refs", {"ref": "refs/heads/n", "sha": "0" * 40}) == (
        422,
        "Object does not exist",
    )
    assert client.refused("GET", "/git/ref/heads/topic%5E") == (404, "Not Found")
    assert git(github, "rev-parse", "topic") == newer
    client.ok("PATCH", "/git/refs/heads/topic", {"sha": main, "force": True})
    assert git(github, "rev-parse", "topic") == main


@pytest.mark.parametrize(
    "wrong",
    [
        {"tree": "0" * 40},
        {"parents": ["0" * 40]},
        {"message": "a NUL \0"},
        {"author": {"name": "<>", "email": "a@acme.example"}},
    ],
)
def test_a_commit_that_git_refuses_is_refused(client: Client, main: str, wrong: dict[str, Any]) -> None:
    tree = client.ok("GET", f"/git/commits/{main}")["tree"]["sha"]
    commit = {"message": "x", "tree": tree, "parents": [main]}
    assert client.refused("POST", "/git/commits", {**commit, **wrong})[0] == 422


def test_trees_are_spliced_as_git_would(github: GitHubDouble, client: Client, tmp_path: Path) -> None:
    old = github.seed(HOSTILE, "Good")
    new = github.seed(
        {"plain.txt": None, "folder/deep/link": b"a file now", "folder/run.sh": b"", "x/y": b"new"}, "Bad"
    )
    listing = git(github, "ls-tree", "-z", old).split("\0")
    folder, plain = (
        next(line.split()[2] for line in listing if line.endswith(f"\t{name}")) for name in ("folder", "plain.txt")
    )
    changes: list[dict[str, Any]] = [
        {"path": "folder", "mode": "040000", "type": "tree", "sha": folder},
        {"path": "plain.txt", "mode": "100644", "type": "blob", "sha": plain},
        {"path": "x/y", "mode": "100644", "type": "blob", "sha": None},
        {"path": "with space/tab\tand\nnewline", "mode": "100755", "type": "blob", "sha": plain},
    ]
    base = git(github, "rev-parse", f"{new}^{{tree}}")
    ours = client.ok("POST", "/git/trees", {"base_tree": base, "tree": changes})["sha"]
    index: dict[str, Any] = {"GIT_INDEX_FILE": str(tmp_path / "index"), "GIT_WORK_TREE": str(tmp_path)}
    git(github, "read-tree", base, **index)
    git(github, "rm", "-r", "-q", "--cached", "folder", "x/y", **index)
    git(github, "read-tree", "--prefix=folder/", folder, **index)
    entries = f"100644 {plain}\tplain.txt\0" + f"100755 {plain}\twith space/tab\tand\nnewline\0"
    git(github, "update-index", "-z", "--index-info", feed=entries.encode(), **index)
    assert ours == git(github, "write-tree", **index)


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "a.txt", "mode": "100644", "type": "blob", "sha": "0" * 39 + "1"},
        {"path": "a.txt", "mode": "040000", "type": "tree", "sha": "78981922613b2afb6025042ff6bd878ac1994e85"},
        {"path": "missing", "mode": "100644", "type": "blob", "sha": None},
        {"path": "folder/../x", "mode": "100644", "type": "blob", "content": "x"},
        {"path": "/x", "mode": "100644", "type": "blob", "content": "x"},
        {"path": "x", "mode": "100644", "type": "blob"},
    ],
)
@pytest.mark.usefixtures("main")
def test_a_tree_of_wrong_objects_is_refused(client: Client, entry: dict[str, Any]) -> None:
    base = client.ok("GET", "/git/trees/main")["sha"]
    assert client.refused("POST", "/git/trees", {"base_tree": base, "tree": [entry]})[0] == 422


def fetch(github: GitHubDouble, folder: Path, commit: str, token: str) -> "subprocess.CompletedProcess[bytes]":
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    login = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraheader",
        "GIT_CONFIG_VALUE_0": f"Authorization: basic {login}",
    }
    # as actions/checkout writes it: without `.git`
    origin = github.clone_url.removesuffix(".git")
    command = ["git", "-C", str(folder), "fetch", "-q", "--depth=1", origin, commit]
    return subprocess.run(command, capture_output=True, env=environment, check=False)


def test_git_fetches_any_commit_with_a_token(github: GitHubDouble, main: str, tmp_path: Path) -> None:
    lost = github.seed({"a.txt": b"lost\n"}, branch="gone")
    git(github, "update-ref", "-d", "refs/heads/gone")
    clone = tmp_path / "clone"
    assert fetch(github, clone, lost, github.token).returncode == 0
    shown = subprocess.run(["git", "-C", str(clone), "show", f"{lost}:a.txt"], capture_output=True, check=True)
    assert shown.stdout == b"lost\n"
    assert fetch(github, clone, main, "wrong").returncode != 0
    github.permit("contents", "none")
    assert fetch(github, clone, main, github.token).returncode != 0
