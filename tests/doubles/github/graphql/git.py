"""Refs and git objects as GitHub's GraphQL API returns them."""

from typing import Any

from tests.doubles.github.graphql.page import Node, connection
from tests.doubles.github.rest.shapes import node_id, page_url, signature
from tests.doubles.github.state import State
from tests.doubles.github.trees import Entry


def qualify(state: State, name: str) -> str:
    """The full name of a ref, from its full or short name."""
    candidates = [name, f"refs/{name}", f"refs/heads/{name}", f"refs/tags/{name}"]
    return next((full for full in candidates if state.git.ref(full)), name)


def ref(state: State, name: str, prefix: str = "") -> Node | None:
    """A ref by its full name. prefix: what GitHub strips from the name; by default `refs/heads/` or `refs/tags/`."""
    sha = state.git.ref(name)
    if sha is None:
        return None
    prefix = prefix or "/".join(name.split("/")[:2]) + "/"
    return {
        "__typename": "Ref",
        "id": node_id("REF", name),
        "name": name.removeprefix(prefix),
        "prefix": prefix,
        "target": lambda: git_object(state, sha),
    }


def refs(state: State, prefix: str, page: dict[str, Any]) -> list[Node]:
    """The refs with a prefix, by name. GitHub strips exactly the requested prefix from their names."""
    if not (prefix.startswith("refs/") and prefix.endswith("/")):
        raise ValueError(f"refPrefix {prefix!r}: it starts with `refs/` and ends with `/`")
    wanted = page.get("query") or ""
    names = sorted(name for name in state.git.refs(prefix) if wanted in name)
    if (page.get("orderBy") or page).get("direction") == "DESC":
        names.reverse()
    return [node for name in names if (node := ref(state, name, prefix))]


def git_object(state: State, name: str) -> Node | None:
    """The object that a SHA or an expression such as `main:folder/file` stands for."""
    found = state.git.read(name)
    if found is None:
        return None
    sha, kind, content = found
    node: Node = {
        "__typename": kind.capitalize(),
        "id": node_id("O", sha),
        "oid": sha,
        "abbreviatedOid": sha[:7],
        "commitUrl": f"{page_url(state)}/commit/{sha}",
    }
    if kind == "commit":
        node.update(_commit(state, sha))
    elif kind == "tree":
        node["entries"] = lambda: [
            _tree_entry(state, path, item) for path, item in (state.git.tree(sha) or {}).items()
        ]
    elif kind == "blob":
        binary = b"\0" in content
        text = None if binary else content.decode("utf-8", "replace")
        node.update({"byteSize": len(content), "isBinary": binary, "isTruncated": False, "text": text})
    return node


def _commit(state: State, sha: str) -> Node:
    commit = state.git.commit(sha)
    assert commit
    headline, _, rest = commit.message.partition("\n")
    return {
        "message": commit.message,
        "messageHeadline": headline,
        "messageBody": rest.strip("\n"),
        "committedDate": signature(commit.committer)["date"],
        "url": f"{page_url(state)}/commit/{sha}",
        "tree": lambda: git_object(state, commit.tree),
        "parents": lambda **page: connection(
            [node for parent in commit.parents if (node := git_object(state, parent))], page
        ),
        "file": lambda path: _file(state, sha, path),
        "deployments": lambda **page: connection(_deployments(state, sha, page), page),
        "history": lambda **page: connection(
            [node for older in state.git.history(sha) if (node := git_object(state, older))], page
        ),
    }


def _deployments(state: State, sha: str, page: dict[str, Any]) -> list[Node]:
    # deployments have their commit as a field in turn
    from tests.doubles.github.graphql.records import deployments

    return [each for each in deployments(state, page) if each["commitOid"] == sha]


def _file(state: State, commit: str, path: str) -> Node | None:
    folder, _, name = path.rpartition("/")
    tree = state.git.read(f"{commit}:{folder}")
    entry = (state.git.tree(tree[0]) or {}).get(name) if tree else None
    return _tree_entry(state, name, entry, path) if entry else None


def _tree_entry(state: State, name: str, entry: Entry, path: str | None = None) -> Node:
    kinds = {"040000": "tree", "160000": "commit"}
    return {
        "name": name,
        "path": path,
        "mode": int(entry.mode, 8),
        "type": kinds.get(entry.mode, "blob"),
        "oid": entry.sha,
        "object": lambda: git_object(state, entry.sha or ""),
    }
