"""Routes of deployment environments and of the approvals that they require."""

from typing import Any

from tests.doubles.github.rest import shapes
from tests.doubles.github.rest.call import Answer, Call, not_found, page_of
from tests.doubles.github.rest.settings import secrets_of, variables_of
from tests.doubles.github.state import Environment, State


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


def secrets(call: Call) -> Answer:
    """The names of an environment's secrets."""
    return secrets_of(call, _find_environment(call).secrets)


def variables(call: Call) -> Answer:
    """The variables of an environment."""
    return variables_of(call, _find_environment(call).variables)


def run_approvals(call: Call) -> Answer:
    """The approvals of a run's deployments."""
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
