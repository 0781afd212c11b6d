"""Routes of pull requests and their reviewers."""

from typing import Any

from tests.doubles.github.rest import shapes
from tests.doubles.github.rest.call import Answer, Call, RefusedError, invalid, not_found, page_of
from tests.doubles.github.rest.issues import check_body
from tests.doubles.github.state import Pull, State

FILE_STATES = {"A": "added", "D": "removed", "M": "modified", "T": "changed"}
NOT_PERMITTED = "GitHub Actions is not permitted to create or approve pull requests."


def list_pulls(call: Call) -> Answer:
    """Pull requests, newest first; open ones by default."""
    state, base = call.query.get("state", "open"), call.query.get("base")
    owner, colon, head = call.query.get("head", "").partition(":")
    found = [
        pull
        for pull in reversed(call.state.pulls)
        if state in {"all", pull.state}
        and base in {None, pull.base}
        # as on GitHub, a head without its owner filters nothing
        and (not colon or (owner.lower(), head) == (call.state.owner.lower(), pull.head))
    ]
    page, links = page_of(call, found)
    return Answer(value=[shapes.pull(call.state, pull) for pull in page], headers=links)


def create_pull(call: Call) -> Answer:
    """Create a pull request from a branch that has commits to merge and no open pull request yet."""
    state, body = call.state, call.body
    if call.token.job and not state.settings.actions_may_open_pulls:
        raise RefusedError(403, NOT_PERMITTED)
    head = body["head"].removeprefix(f"{state.owner}:")
    head_sha, base_sha = state.head(head), state.head(body["base"])
    if head_sha is None:
        raise invalid("PullRequest", "head")
    if base_sha is None:
        raise invalid("PullRequest", "base")
    check_body(body.get("body"), "PullRequest")
    for pull in state.pulls:
        if pull.state == "open" and (pull.head, pull.base) == (head, body["base"]):
            text = f"A pull request already exists for {state.owner}:{head}."
            raise invalid("PullRequest", "", "custom", text)
    if state.git.is_ancestor(head_sha, base_sha):
        raise invalid("PullRequest", "", "custom", f"No commits between {body['base']} and {head}")
    now = state.now()
    made = Pull(
        id=state.next_id(),
        number=len(state.issues) + 1,
        title=body.get("title", head),
        body=body.get("body"),
        creator=call.token.login,
        created_at=now,
        updated_at=now,
        head=head,
        base=body["base"],
        head_sha=head_sha,
        base_sha=base_sha,
        draft=body.get("draft", False),
        runs_checks=not call.token.job,
    )
    state.issues.append(made)
    return Answer(status=201, value=_full(state, made))


def get_pull(call: Call) -> Answer:
    """One pull request, with what a list leaves out."""
    return Answer(value=_full(call.state, find(call)))


def update_pull(call: Call) -> Answer:
    """Change the given fields. A closed pull request can be reopened only while its branch exists."""
    pull, body = find(call), call.body
    check_body(body.get("body"), "PullRequest")
    if body.get("state") == "open" and pull.state == "closed":
        if pull.merged_at or call.state.head(pull.head) is None:
            raise invalid("PullRequest", "state", "invalid", "state cannot be changed.")
        pull.head_sha = call.state.head(pull.head) or pull.head_sha
    pull.title = body.get("title", pull.title)
    pull.body = body.get("body", pull.body)
    pull.change_state(body.get("state", pull.state), login=call.token.login, now=call.state.now())
    if body.get("base", pull.base) != pull.base:
        call.state.happened(pull, "base_ref_changed", call.token.login)
        pull.base = body["base"]
    return Answer(value=_full(call.state, pull))


def list_files(call: Call) -> Answer:
    """The files that a pull request changes."""
    state, pull = call.state, find(call)
    page, links = page_of(call, list(_changed(state, pull).items()))
    url = shapes.repository_url(state)
    files = [
        {"filename": path, "status": FILE_STATES[letter], "sha": None, "contents_url": f"{url}/contents/{path}"}
        for path, letter in page
    ]
    return Answer(value=files, headers=links)


def merge_pull(call: Call) -> Answer:
    """Merge as the button does, unless somebody pushed in the meantime."""
    pull = find(call)
    if call.body.get("sha", pull.head_sha) != pull.head_sha:
        raise RefusedError(409, "Head branch was modified. Review and try the merge again.")
    sha = merge(call.state, pull, login=call.token.login, **call.body)
    return Answer(value={"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def merge(state: State, pull: Pull, *, login: str, commit_title: str = "", commit_message: str = "", **_: Any) -> str:
    """Merge a pull request with git, and return the merge commit."""
    if pull.merged_at or pull.state != "open":
        raise RefusedError(405, "Pull Request is not mergeable")
    base = state.head(pull.base)
    tree = state.git.merge_tree(base, pull.head_sha) if base else None
    if base is None or tree is None:
        raise RefusedError(405, "Merge conflict")
    title = commit_title or f"Merge pull request #{pull.number} from {state.owner}/{pull.head}"
    who = {"NAME": login, "EMAIL": f"{login}@users.noreply.github.com"}
    identity = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
    message = f"{title}\n\n{commit_message or pull.title}\n"
    merged = state.git.write_commit(tree, [base, pull.head_sha], message, identity)
    state.git.set_ref(f"refs/heads/{pull.base}", merged, old=base)
    pull.change_state("closed", login=login, now=state.now())
    pull.merged_at, pull.merge_sha, pull.base_sha = pull.closed_at, merged, base
    state.follow(pull.base)
    return merged


def request_reviewers(call: Call) -> Answer:
    """Request reviews from users and teams; if one cannot review, all requests are refused."""
    state, pull = call.state, find(call)
    users, teams = call.body.get("reviewers", ()), call.body.get("team_reviewers", ())
    if pull.creator in users:
        raise RefusedError(422, "Review cannot be requested from pull request author.")
    if any(login not in state.users for login in users) or any(slug not in state.teams for slug in teams):
        kind = "team_reviewers" if any(slug not in state.teams for slug in teams) else "reviewers"
        what = "teams" if kind == "team_reviewers" else "users"
        raise RefusedError(
            422,
            f"Reviews may only be requested from collaborators. One or more of the {what} you specified is not a "
            f"collaborator of the {state.owner}/{state.name} repository.",
        )
    for login in users:
        if login not in pull.reviewers:
            pull.reviewers.append(login)
            state.happened(pull, "review_requested", call.token.login, reviewer=login)
    for slug in teams:
        if slug not in pull.team_reviewers:
            pull.team_reviewers.append(slug)
            state.happened(pull, "review_requested", call.token.login, team=slug)
    return Answer(status=201, value=shapes.pull(state, pull))


def list_reviewers(call: Call) -> Answer:
    """The requested reviewers."""
    shape = shapes.pull(call.state, find(call))
    return Answer(value={"users": shape["requested_reviewers"], "teams": shape["requested_teams"]})


def pulls_of_commit(call: Call) -> Answer:
    """The pull requests that contain a commit, merged or open."""
    state, sha = call.state, call.parameters["commit_sha"]
    if state.git.commit(sha) is None:
        raise RefusedError(422, f"No commit found for SHA: {sha}")
    found = [
        pull
        for pull in state.pulls
        if sha == pull.merge_sha or sha in state.git.history(pull.head_sha, f"^{pull.base_sha}")
    ]
    page, links = page_of(call, found)
    return Answer(value=[shapes.pull(state, pull) for pull in page], headers=links)


def _full(state: State, pull: Pull) -> dict[str, Any]:
    base = state.head(pull.base) or pull.base_sha
    mergeable = pull.state == "open" and state.git.merge_tree(base, pull.head_sha) is not None
    return {
        **shapes.pull(state, pull),
        "merged": pull.merged_at is not None,
        "mergeable": mergeable if pull.state == "open" else None,
        "mergeable_state": "clean" if mergeable else "dirty",
        "rebaseable": None,
        "merged_by": None,
        "comments": len(pull.comments),
        "commits": len(state.git.history(pull.head_sha, f"^{pull.base_sha}")),
        "changed_files": len(_changed(state, pull)),
        "maintainer_can_modify": False,
    }


def _changed(state: State, pull: Pull) -> dict[str, str]:
    return state.git.changed_files(pull.base_sha, pull.head_sha)


def find(call: Call) -> Pull:
    """The pull request that the path names."""
    wanted = int(call.parameters["pull_number"])
    for pull in call.state.pulls:
        if pull.number == wanted:
            return pull
    raise not_found()
