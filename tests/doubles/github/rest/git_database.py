"""Routes of the git database: refs, trees, commits, blobs, contents."""

import base64
import binascii
from typing import Any

from tests.doubles.github.rest import shapes
from tests.doubles.github.rest.call import Answer, Call, RefusedError, not_found, page_of
from tests.doubles.github.state import State
from tests.doubles.github.trees import Entry, GitError

WORKFLOWS = ".github/workflows"


def get_ref(call: Call) -> Answer:
    """One ref, by its full name."""
    name = f"refs/{call.parameters['ref']}"
    sha = call.state.git.ref(name)
    if sha is None:
        raise not_found()
    return Answer(value=shapes.ref(call.state, name, sha))


def matching_refs(call: Call) -> Answer:
    """All refs whose names start with a prefix; an empty list if there are none."""
    found = call.state.git.refs(f"refs/{call.parameters['ref']}")
    return Answer(value=[shapes.ref(call.state, name, sha) for name, sha in found.items()])


def create_ref(call: Call) -> Answer:
    """Create a ref to an existing object."""
    git, name, sha = call.state.git, call.body["ref"], call.body["sha"]
    if not name.startswith("refs/") or name.count("/") < 2 or not git.is_ref_name(name):
        raise RefusedError(422, f"{name} is not a valid ref name.")
    if git.read(sha) is None:
        raise RefusedError(422, "Object does not exist")
    if git.ref(name):
        raise RefusedError(422, "Reference already exists")
    _check_workflows(call, sha)
    try:
        git.set_ref(name, sha)
    except GitError as error:
        raise RefusedError(422, f"Reference cannot be created: {error}") from error
    call.state.follow(name.removeprefix("refs/heads/"))
    return Answer(status=201, value=shapes.ref(call.state, name, sha))


def update_ref(call: Call) -> Answer:
    """Move a ref, forward only unless forced."""
    git, name, sha = call.state.git, f"refs/{call.parameters['ref']}", call.body["sha"]
    old = git.ref(name)
    if old is None:
        raise RefusedError(422, "Reference does not exist")
    if git.commit(sha) is None:
        raise RefusedError(422, "Object does not exist")
    if not call.body.get("force", False) and not git.is_ancestor(old, sha):
        raise RefusedError(422, "Update is not a fast forward")
    _check_workflows(call, sha)
    git.set_ref(name, sha, old=old)
    call.state.follow(name.removeprefix("refs/heads/"))
    return Answer(value=shapes.ref(call.state, name, sha))


def delete_ref(call: Call) -> Answer:
    """Delete a ref; the branch's open pull requests are closed."""
    name = f"refs/{call.parameters['ref']}"
    if call.state.git.ref(name) is None:
        raise RefusedError(422, "Reference does not exist")
    call.state.git.set_ref(name, None)
    call.state.follow(name.removeprefix("refs/heads/"))
    return Answer(status=204)


def _check_workflows(call: Call, sha: str) -> None:
    """Refuse new workflow files to a token without the `workflows` permission."""
    if call.token.may("workflows", "write"):
        return
    known = set[tuple[str, str | None]]()
    for head in call.state.git.refs("refs/heads/").values():
        known |= _workflows(call.state, head)
    for path, _ in sorted(_workflows(call.state, sha) - known):
        raise RefusedError(
            403,
            "refusing to allow a GitHub App to create or update workflow "
            f"`{WORKFLOWS}/{path}` without `workflows` permission",
        )


def _workflows(state: State, commit: str) -> set[tuple[str, str | None]]:
    found = state.git.read(f"{commit}:{WORKFLOWS}")
    return {(path, entry.sha) for path, entry in state.git.walk(found[0])} if found else set()


def get_tree(call: Call) -> Answer:
    """The entries of a tree; with `recursive`, those of its folders too."""
    git = call.state.git
    found = git.read(f"{call.parameters['tree_sha']}^{{tree}}")
    if found is None:
        raise not_found()
    entries = git.walk(found[0]) if "recursive" in call.query else (git.tree(found[0]) or {}).items()
    return Answer(value=_tree(call.state, found[0], entries))


def create_tree(call: Call) -> Answer:
    """Create a tree from a base and changes. Like GitHub, this does not check whether the paths make sense."""
    git = call.state.git
    base = git.read(f"{call.body['base_tree']}^{{tree}}") if call.body.get("base_tree") else None
    if base is None and call.body.get("base_tree"):
        raise not_found()
    changes: dict[str, Entry] = {}
    for entry in call.body["tree"]:
        if "path" not in entry or "mode" not in entry or ("sha" in entry) == ("content" in entry):
            raise RefusedError(422, "Must supply tree.path, tree.mode and either tree.sha or tree.content")
        sha = git.write_blob(entry["content"].encode()) if "content" in entry else entry["sha"]
        changes[entry["path"]] = Entry(mode=entry["mode"], sha=sha)
    if any(part in {"", ".", "..", ".git"} for path in changes for part in path.split("/")):
        raise RefusedError(422, "tree.path contains a malformed path component")
    try:
        sha = git.write_tree(base[0] if base else None, changes)
    except GitError as error:
        raise RefusedError(422, f"tree.sha is not a valid object: {error}") from error
    return Answer(status=201, value=_tree(call.state, sha, (git.tree(sha) or {}).items()))


def _tree(state: State, sha: str, entries: Any) -> dict[str, Any]:
    kinds = {"040000": "tree", "160000": "commit"}
    url = shapes.repository_url(state)
    return {
        "sha": sha,
        "url": f"{url}/git/trees/{sha}",
        "truncated": False,
        "tree": [
            {
                "path": path,
                "mode": entry.mode,
                "type": (kind := kinds.get(entry.mode, "blob")),
                "sha": entry.sha,
                "url": f"{url}/git/{kind}s/{entry.sha}",
            }
            for path, entry in entries
        ],
    }


def get_commit(call: Call) -> Answer:
    """A commit of the git database."""
    found = call.state.git.commit(call.parameters["commit_sha"])
    if found is None:
        raise not_found()
    return Answer(value=shapes.git_commit(call.state, found))


def create_commit(call: Call) -> Answer:
    """Create a commit; author and committer default to the token's user and the current time."""
    git, body = call.state.git, call.body
    if not (tree := git.read(body["tree"])) or tree[1] != "tree":
        raise RefusedError(422, "Tree SHA does not exist")
    if any(git.commit(parent) is None for parent in body.get("parents", ())):
        raise RefusedError(422, "Parent SHA does not exist or is not a commit object")
    now = shapes.stamp(call.state.now())
    own = {"name": call.token.login, "email": f"{call.token.login}@users.noreply.github.com", "date": now}
    author = {**own, **body.get("author", {})}
    committer = {**own, **body.get("committer", body.get("author", {}))}
    identity = {
        f"GIT_{role}_{field.upper()}": str(value)
        for role, person in (("AUTHOR", author), ("COMMITTER", committer))
        for field, value in person.items()
    }
    try:
        sha = git.write_commit(body["tree"], body.get("parents", ()), body["message"], identity)
    except GitError as error:
        raise RefusedError(422, f"The commit is not valid: {error}") from error
    made = git.commit(sha)
    assert made
    return Answer(status=201, value=shapes.git_commit(call.state, made))


def create_blob(call: Call) -> Answer:
    """Create a blob from text or base64."""
    content = call.body["content"]
    try:
        binary = call.body.get("encoding", "utf-8") == "base64"
        data = base64.b64decode(content, validate=False) if binary else content.encode()
    except binascii.Error as error:
        raise RefusedError(422, "content is not valid Base64") from error
    sha = call.state.git.write_blob(data)
    return Answer(status=201, value={"sha": sha, "url": f"{shapes.repository_url(call.state)}/git/blobs/{sha}"})


def get_blob(call: Call) -> Answer:
    """A blob, in base64."""
    found = call.state.git.read(call.parameters["file_sha"])
    if found is None or found[1] != "blob":
        raise not_found()
    url = f"{shapes.repository_url(call.state)}/git/blobs/{found[0]}"
    content = base64.encodebytes(found[2]).decode()
    return Answer(
        value={"sha": found[0], "url": url, "size": len(found[2]), "content": content, "encoding": "base64"}
    )


def list_commits(call: Call) -> Answer:
    """The history of a branch or commit."""
    git, start = call.state.git, call.query.get("sha", call.state.branch)
    if git.commit(start) is None:
        raise not_found()
    paths = ("--", call.query["path"]) if "path" in call.query else ()
    page, links = page_of(call, git.history(start, *paths))
    commits = [git.commit(sha) for sha in page]
    return Answer(value=[shapes.commit(call.state, found) for found in commits if found], headers=links)


def show_commit(call: Call) -> Answer:
    """The commit that a branch, tag or SHA stands for."""
    found = call.state.git.commit(call.parameters["ref"])
    if found is None:
        raise RefusedError(422, f"No commit found for SHA: {call.parameters['ref']}")
    return Answer(value=shapes.commit(call.state, found))


def get_contents(call: Call) -> Answer:
    """A file, or the list of a folder, at a ref."""
    git, path = call.state.git, call.parameters["path"].strip("/")
    found = git.read(f"{call.query.get('ref', call.state.branch)}:{path}")
    if found is None:
        raise not_found()
    if found[1] == "tree":
        entries = (git.tree(found[0]) or {}).items()
        return Answer(value=[_content(call, f"{path}/{name}".strip("/"), entry) for name, entry in entries])
    content = {"content": base64.encodebytes(found[2]).decode(), "encoding": "base64", "size": len(found[2])}
    return Answer(value={**_content(call, path, Entry(mode="100644", sha=found[0])), **content})


def _content(call: Call, path: str, entry: Entry) -> dict[str, Any]:
    kind = {"040000": "dir", "120000": "symlink", "160000": "submodule"}.get(entry.mode, "file")
    url = f"{shapes.repository_url(call.state)}/contents/{path}"
    return {"type": kind, "name": path.rsplit("/", 1)[-1], "path": path, "sha": entry.sha, "size": 0, "url": url}
