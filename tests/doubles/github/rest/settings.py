"""Routes of the repository, its environments, settings, secrets and variables, checks and commit statuses."""

from typing import Any

from tests.doubles.github.rest import shapes
from tests.doubles.github.rest.call import Answer, Call, RefusedError, not_found, page_of
from tests.doubles.github.state import CheckRun, CommitStatus, Environment, State


def get_repository(call: Call) -> Answer:
    """The repository."""
    return Answer(value=shapes.repository(call.state))


def get_branch(call: Call) -> Answer:
    """A branch and its head."""
    state, name = call.state, call.parameters["branch"]
    commit = state.git.commit(f"refs/heads/{name}")
    if commit is None:
        raise RefusedError(404, "Branch not found")
    return Answer(value={"name": name, "commit": shapes.commit(state, commit), "protected": False})


def workflow_permissions(call: Call) -> Answer:
    """What a GITHUB_TOKEN may do unless its workflow says otherwise."""
    settings = call.state.settings
    return Answer(
        value={
            "default_workflow_permissions": settings.default_permissions,
            "can_approve_pull_request_reviews": settings.actions_may_open_pulls,
        }
    )


def actions_permissions(call: Call) -> Answer:
    """Whether workflows may run, and which actions."""
    return Answer(value={"enabled": call.state.settings.actions_enabled, "allowed_actions": "all"})


def list_environments(call: Call) -> Answer:
    """All environments."""
    page, links = page_of(call, call.state.environments)
    shown = [_environment(call.state, item) for item in page]
    return Answer(value={"total_count": len(call.state.environments), "environments": shown}, headers=links)


def get_environment(call: Call) -> Answer:
    """One environment with its protection rules."""
    return Answer(value=_environment(call.state, _find_environment(call)))


def branch_policies(call: Call) -> Answer:
    """The branch patterns that may deploy to an environment."""
    patterns = _find_environment(call).branch_patterns
    shown = [{"id": number, "name": name, "type": "branch"} for number, name in enumerate(patterns, 1)]
    return Answer(value={"total_count": len(shown), "branch_policies": shown})


def environment_secrets(call: Call) -> Answer:
    """The names of an environment's secrets."""
    return _secrets(call, _find_environment(call).secrets)


def environment_variables(call: Call) -> Answer:
    """The variables of an environment."""
    return _variables(call, _find_environment(call).variables)


def repository_secrets(call: Call) -> Answer:
    """The names of the repository's secrets."""
    return _secrets(call, call.state.secrets)


def repository_variables(call: Call) -> Answer:
    """The variables of the repository."""
    return _variables(call, call.state.variables)


def run_approvals(call: Call) -> Answer:
    """Who approved what of a run."""
    state, run = call.state, int(call.parameters["run_id"])
    shown = [
        {
            "environments": [{"name": found.environment}],
            "state": found.state,
            "user": shapes.user(state, found.login),
            "comment": found.comment,
        }
        for found in state.approvals
        if found.run_id == run
    ]
    return Answer(value=shown)


def team_membership(call: Call) -> Answer:
    """Whether a user is in a team; no membership is not found."""
    members = call.state.teams.get(call.parameters["team_slug"], [])
    if call.parameters["org"] != call.state.owner or call.parameters["username"] not in members:
        raise not_found()
    url = f"{call.state.url}{call.path}"
    return Answer(value={"role": "member", "state": "active", "url": url})


def create_commit_status(call: Call) -> Answer:
    """A status of a commit under a context."""
    state, body = call.state, call.body
    if state.git.commit(call.parameters["sha"]) is None:
        raise RefusedError(422, f"No commit found for SHA: {call.parameters['sha']}")
    made = CommitStatus(
        id=state.next_id(),
        sha=call.parameters["sha"],
        context=body.get("context", "default"),
        state=body["state"],
        description=body.get("description"),
        target_url=body.get("target_url"),
        creator=call.token.login,
        created_at=state.now(),
    )
    state.commit_statuses.append(made)
    return Answer(status=201, value=_commit_status(state, made))


def list_commit_statuses(call: Call) -> Answer:
    """The statuses of a commit, newest first."""
    commit = call.state.git.commit(call.parameters["ref"])
    found = [status for status in reversed(call.state.commit_statuses) if commit and status.sha == commit.sha]
    page, links = page_of(call, found)
    return Answer(value=[_commit_status(call.state, status) for status in page], headers=links)


def create_check_run(call: Call) -> Answer:
    """A check run of a commit."""
    state, body = call.state, call.body
    conclusion = body.get("conclusion")
    made = CheckRun(
        id=state.next_id(),
        name=body["name"],
        head_sha=body["head_sha"],
        status="completed" if conclusion else body.get("status", "queued"),
        conclusion=conclusion,
        output=body.get("output", {}),
        created_at=state.now(),
    )
    state.check_runs.append(made)
    return Answer(status=201, value=_check_run(state, made))


def update_check_run(call: Call) -> Answer:
    """Change what is given."""
    for found in call.state.check_runs:
        if found.id == int(call.parameters["check_run_id"]):
            found.conclusion = call.body.get("conclusion", found.conclusion)
            found.status = "completed" if found.conclusion else call.body.get("status", found.status)
            found.output = call.body.get("output", found.output)
            return Answer(value=_check_run(call.state, found))
    raise not_found()


def list_check_runs(call: Call) -> Answer:
    """The check runs of a commit."""
    commit = call.state.git.commit(call.parameters["ref"])
    found = [item for item in call.state.check_runs if commit and item.head_sha == commit.sha]
    page, links = page_of(call, found)
    shown = [_check_run(call.state, item) for item in page]
    return Answer(value={"total_count": len(found), "check_runs": shown}, headers=links)


def _environment(state: State, found: Environment) -> dict[str, Any]:
    rules: list[dict[str, Any]] = []
    if found.reviewers:
        rules.append(
            {
                "id": found.id * 10 + 1,
                "node_id": "",
                "type": "required_reviewers",
                "prevent_self_review": found.prevent_self_review,
                "reviewers": [_reviewer(state, name) for name in found.reviewers],
            }
        )
    if found.wait_minutes:
        rules.append({"id": found.id * 10 + 2, "node_id": "", "type": "wait_timer", "wait_timer": found.wait_minutes})
    policy = None
    if found.protected_branches or found.branch_patterns:
        policy = {
            "protected_branches": found.protected_branches,
            "custom_branch_policies": bool(found.branch_patterns),
        }
        rules.append({"id": found.id * 10 + 3, "node_id": "", "type": "branch_policy"})
    return {"id": found.id, "name": found.name, "protection_rules": rules, "deployment_branch_policy": policy}


def _reviewer(state: State, name: str) -> dict[str, Any]:
    owner, slash, team = name.removeprefix("@").partition("/")
    if slash:
        return {"type": "Team", "reviewer": {"name": team, "slug": team, "permission": "pull", "parent": None}}
    return {"type": "User", "reviewer": shapes.user(state, owner)}


def _find_environment(call: Call) -> Environment:
    for found in call.state.environments:
        if found.name.lower() == call.parameters["environment_name"].lower():
            return found
    raise not_found()


def _secrets(call: Call, names: list[str]) -> Answer:
    page, links = page_of(call, names)
    return Answer(value={"total_count": len(names), "secrets": [{"name": name} for name in page]}, headers=links)


def _variables(call: Call, values: dict[str, str]) -> Answer:
    page, links = page_of(call, list(values.items()))
    shown = [{"name": name, "value": value} for name, value in page]
    return Answer(value={"total_count": len(values), "variables": shown}, headers=links)


def _commit_status(state: State, found: CommitStatus) -> dict[str, Any]:
    return {
        "id": found.id,
        "state": found.state,
        "context": found.context,
        "description": found.description,
        "target_url": found.target_url,
        "creator": shapes.user(state, found.creator),
        "created_at": shapes.stamp(found.created_at),
        "updated_at": shapes.stamp(found.created_at),
    }


def _check_run(state: State, found: CheckRun) -> dict[str, Any]:
    output = {"title": None, "summary": None, "text": None, **found.output}
    return {
        "id": found.id,
        "name": found.name,
        "head_sha": found.head_sha,
        "status": found.status,
        "conclusion": found.conclusion,
        "output": {key: output[key] for key in ("title", "summary", "text")}
        | {"annotations_count": len(output.get("annotations", ())), "annotations_url": shapes.repository_url(state)},
        "started_at": shapes.stamp(found.created_at),
        "completed_at": shapes.stamp(found.created_at) if found.conclusion else None,
        "pull_requests": [],
        "app": None,
        "check_suite": None,
    }
