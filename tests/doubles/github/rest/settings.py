"""Routes of the repository: its settings, secrets and variables, and its organization's teams."""

from typing import Any

from tests.doubles.github.rest import shapes
from tests.doubles.github.rest.call import Answer, Call, RefusedError, not_found, page_of


def get_repository(call: Call) -> Answer:
    """The repository."""
    return Answer(value=shapes.repository(call.state))


def get_branch(call: Call) -> Answer:
    """A branch and its head."""
    state, name = call.state, call.parameters["branch"]
    commit = state.git.commit(f"refs/heads/{name}")
    if commit is None:
        raise RefusedError(404, "Branch not found")
    required = state.settings.required_checks
    checks = {
        "enforcement_level": "everyone",
        "contexts": required,
        "checks": [{"context": each, "app_id": None} for each in required],
    }
    protection: dict[str, Any] = {
        "enabled": bool(required),
        **({"required_status_checks": checks} if required else {}),
    }
    shown = {"name": name, "commit": shapes.commit(state, commit), "protected": bool(required)}
    return Answer(value={**shown, "protection": protection})


def branch_rules(call: Call) -> Answer:
    """The ruleset rules that apply to a branch."""
    required = call.state.settings.ruleset_checks
    if not required:
        return Answer(value=[])
    parameters = {
        "required_status_checks": [{"context": each} for each in required],
        "strict_required_status_checks_policy": False,
    }
    return Answer(value=[{"type": "required_status_checks", "parameters": parameters}])


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
    return Answer(
        value={"enabled": call.state.settings.actions_enabled, "allowed_actions": call.state.settings.allowed_actions}
    )


def secrets(call: Call) -> Answer:
    """The names of the repository's secrets."""
    return secrets_of(call, call.state.secrets)


def variables(call: Call) -> Answer:
    """The variables of the repository."""
    return variables_of(call, call.state.variables)


def organization_secrets(call: Call) -> Answer:
    """The names of the secrets that the organization shares with the repository."""
    return secrets_of(call, call.state.shared_secrets)


def organization_variables(call: Call) -> Answer:
    """The organization shares no variables."""
    return variables_of(call, {})


def team_membership(call: Call) -> Answer:
    """A user's membership of a team; 404 if there is none."""
    members = call.state.teams.get(call.parameters["team_slug"], [])
    if call.parameters["org"] != call.state.owner or call.parameters["username"] not in members:
        raise not_found()
    url = f"{call.state.url}{call.path}"
    return Answer(value={"role": "member", "state": "active", "url": url})


def secrets_of(call: Call, names: list[str]) -> Answer:
    """A page of the names of secrets."""
    page, links = page_of(call, names)
    return Answer(value={"total_count": len(names), "secrets": [{"name": name} for name in page]}, headers=links)


def variables_of(call: Call, values: dict[str, str]) -> Answer:
    """A page of variables."""
    page, links = page_of(call, list(values.items()))
    shown = [{"name": name, "value": value} for name, value in page]
    return Answer(value={"total_count": len(values), "variables": shown}, headers=links)
