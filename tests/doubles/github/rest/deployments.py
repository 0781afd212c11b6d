"""Routes of deployments and their statuses."""

import json
from collections.abc import Mapping
from typing import Any

from tests.doubles.github.rest import shapes
from tests.doubles.github.rest.call import Answer, Call, RefusedError, not_found, page_of
from tests.doubles.github.state import Deployment, State, Status, Token

PAYLOAD_LIMIT = 65_535
"""Characters of a deployment's payload."""


def list_deployments(call: Call) -> Answer:
    """Deployments, newest first; optionally of one environment, task, ref or SHA."""
    wanted = {key: value for key, value in call.query.items() if key in {"environment", "task", "ref", "sha"}}
    found = [
        item
        for item in newest_first(call.state)
        if all(getattr(item, key) == value or value == "none" for key, value in wanted.items())
    ]
    page, links = page_of(call, found)
    return Answer(value=[shapes.deployment(call.state, item) for item in page], headers=links)


def newest_first(state: State) -> list[Deployment]:
    """All deployments by creation time."""
    return sorted(state.deployments, key=lambda item: (item.created_at, item.id), reverse=True)


def create_deployment(call: Call) -> Answer:
    """Create a deployment of a ref with good commit statuses; a branch that is behind is merged first, or refused."""
    state, body = call.state, call.body
    commit = state.git.commit(body["ref"])
    if commit is None:
        raise RefusedError(422, f"No ref found for: {body['ref']}")
    _check_statuses(call, commit.sha)
    if body.get("auto_merge", True) and state.head(body["ref"]):
        main = state.head(state.branch)
        if main and not state.git.is_ancestor(main, commit.sha):
            # a release never wants a deployment to merge branches as a side effect
            raise RefusedError(409, f"Conflict merging {state.branch} into {body['ref']}.")
    _check_payload(body.get("payload", ""))
    environment = body.get("environment", "production")
    made = Deployment(
        id=state.next_id(),
        sha=commit.sha,
        ref=body["ref"],
        task=body.get("task", "deploy"),
        environment=environment,
        creator=call.token.login,
        created_at=state.now(),
        payload=body.get("payload", ""),
        description=body.get("description", ""),
        transient=body.get("transient_environment", False),
        production=body.get("production_environment", environment == "production"),
    )
    state.deployments.append(made)
    return Answer(status=201, value=shapes.deployment(state, made))


def _check_payload(payload: Any) -> None:
    """Refuse a payload that is too long. Undocumented: long texts of GitHub's API hold as many (taskcluster#8353)."""
    if len(payload if isinstance(payload, str) else json.dumps(payload)) > PAYLOAD_LIMIT:
        message = f"Only {PAYLOAD_LIMIT} characters are allowed"
        raise RefusedError(422, f"Invalid request.\n\n{message}.")


def _check_statuses(call: Call, sha: str) -> None:
    statuses = {status.context: status.state for status in call.state.commit_statuses if status.sha == sha}
    wanted = call.body.get("required_contexts", list(statuses))
    bad = [context for context in wanted if statuses.get(context) != "success"]
    if bad:
        detail = {"contexts": [], "resource": "Deployment", "field": "required_contexts", "code": "invalid"}
        raise RefusedError(409, f"Conflict: Commit status checks failed for {call.body['ref']}.", [detail])


def get_deployment(call: Call) -> Answer:
    """One deployment."""
    return Answer(value=shapes.deployment(call.state, find(call)))


def list_statuses(call: Call) -> Answer:
    """The statuses of a deployment, newest first."""
    found = find(call)
    page, links = page_of(call, found.statuses[::-1])
    return Answer(value=[shapes.deployment_status(call.state, found, item) for item in page], headers=links)


def create_status(call: Call) -> Answer:
    """Create a status; a success makes the environment's earlier successes inactive."""
    found = find(call)
    given = {"log_url": call.body.get("target_url", ""), **call.body}
    status = make_status(call.state, call.token, found, given)
    return Answer(status=201, value=shapes.deployment_status(call.state, found, status))


def make_status(state: State, token: Token, found: Deployment, given: Mapping[str, Any]) -> Status:
    """Create a deployment status, for either API. given: the fields by REST's names, with REST's values."""
    if len(given.get("description", "")) > 140:
        raise RefusedError(
            422, "Validation Failed", [{"resource": "DeploymentStatus", "code": "custom", "field": "description"}]
        )
    status = Status(
        id=state.next_id(),
        state=given["state"],
        creator=token.login,
        created_at=state.now(),
        description=given.get("description", ""),
        log_url=given.get("log_url", ""),
        environment_url=given.get("environment_url", ""),
    )
    add_status(state, found, status, auto_inactive=given.get("auto_inactive", True))
    return status


def add_status(state: State, found: Deployment, status: Status, *, auto_inactive: bool = True) -> None:
    """Append a status, and apply its effect on other deployments.

    Source: docs.github.com, "Create a deployment status", `auto_inactive`: prior deployments of the same environment
    that are neither transient nor of a production environment, and whose state is success.
    """
    found.statuses.append(status)
    if status.state != "success" or not auto_inactive:
        return
    for other in state.deployments:
        if other is found or other.environment != found.environment or other.transient or other.production:
            continue
        if other.state == "success":
            inactive = Status(
                id=state.next_id(), state="inactive", creator=status.creator, created_at=status.created_at
            )
            other.statuses.append(inactive)


def find(call: Call) -> Deployment:
    """The deployment that the path names."""
    wanted = int(call.parameters["deployment_id"])
    for item in call.state.deployments:
        if item.id == wanted:
            return item
    raise not_found()
