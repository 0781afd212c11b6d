"""Routes of deployment environments and of the approvals that they require."""

from typing import Any

from tests.doubles.github.rest import shapes
from tests.doubles.github.rest.call import Answer, Call, RefusedError, not_found, page_of
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


def put_environment(call: Call) -> Answer:
    """Create an environment, or replace its settings: what the body leaves out is removed.

    Source: docs.github.com, "Create or update an environment", which also refuses a policy whose two settings agree.
    """
    state, body, name = call.state, call.body, call.parameters["environment_name"]
    policy = body.get("deployment_branch_policy")
    if policy and policy["protected_branches"] == policy["custom_branch_policies"]:
        raise RefusedError(422, "custom_branch_policies and protected_branches cannot have the same value")
    found = next((each for each in state.environments if each.name.lower() == name.lower()), None)
    if found is None:
        found = Environment(id=state.next_id(), name=name)
        state.environments.append(found)
    known = {shapes.number_of(each.removeprefix("@")): each for each in found.reviewers}
    found.reviewers = [known[each["id"]] for each in body.get("reviewers") or []]
    found.prevent_self_review = body.get("prevent_self_review", False)
    found.wait_minutes = body.get("wait_timer", 0)
    found.protected_branches = bool(policy and policy["protected_branches"])
    found.custom_policies = bool(policy and policy["custom_branch_policies"])
    if not found.custom_policies:
        found.branch_patterns = []
    return Answer(value=_environment(state, found))


def create_branch_policy(call: Call) -> Answer:
    """Let one more pattern of branches deploy. Source: docs.github.com; 404 without custom policies, 303 if there."""
    found, name = _find_environment(call), call.body["name"]
    if not (found.custom_policies or found.branch_patterns):
        raise not_found()
    if name in found.branch_patterns:
        return Answer(status=303)
    found.branch_patterns.append(name)
    return Answer(value={"id": len(found.branch_patterns), "name": name, "type": "branch"})


def protection_rules(call: Call) -> Answer:
    """The custom protection rules that are enabled in an environment."""
    url = f"{call.state.url}/apps/"
    rules = [
        {
            "id": number,
            "node_id": f"R{number}",
            "enabled": True,
            "app": {"id": number, "slug": slug, "integration_url": f"{url}{slug}", "node_id": f"A{number}"},
        }
        for number, slug in enumerate(_find_environment(call).custom_rules, 1)
    ]
    return Answer(value={"total_count": len(rules), "custom_deployment_protection_rules": rules})


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
    custom = found.custom_policies or bool(found.branch_patterns)
    if found.protected_branches or custom:
        policy = {
            "protected_branches": found.protected_branches,
            "custom_branch_policies": custom,
        }
        rules.append({"id": found.id * 10 + 3, "node_id": "", "type": "branch_policy"})
    return {"id": found.id, "name": found.name, "protection_rules": rules, "deployment_branch_policy": policy}


def _reviewer(state: State, name: str) -> dict[str, Any]:
    owner, slash, team = name.removeprefix("@").partition("/")
    if slash:
        number = shapes.number_of(name.removeprefix("@"))
        found = {"id": number, "name": team, "slug": team, "permission": "pull", "parent": None}
        return {"type": "Team", "reviewer": found}
    return {"type": "User", "reviewer": shapes.user(state, owner)}


def _find_environment(call: Call) -> Environment:
    for found in call.state.environments:
        if found.name.lower() == call.parameters["environment_name"].lower():
            return found
    raise not_found()
