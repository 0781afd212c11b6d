"""Routes of commit statuses and check runs."""

from typing import Any

from tests.doubles.github.rest import shapes
from tests.doubles.github.rest.call import Answer, Call, RefusedError, not_found, page_of
from tests.doubles.github.state import CheckRun, CommitStatus, State


def create_commit_status(call: Call) -> Answer:
    """Create a status of a commit, for a context."""
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
    """Create a check run of a commit."""
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
    """Change the given fields."""
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
