"""Routes of the repository: its settings, secrets and variables, and its organization's teams."""

from typing import Any

from tests.doubles.github.rest import shapes
from tests.doubles.github.rest.call import Answer, Call, RefusedError, not_found, page_of
from tests.doubles.github.state import State


def get_repository(call: Call) -> Answer:
    """The repository."""
    return Answer(value=shapes.repository(call.state))


def get_branch(call: Call) -> Answer:
    """A branch and its head."""
    state, name = call.state, call.parameters["branch"]
    commit = state.git.commit(f"refs/heads/{name}")
    if commit is None:
        raise RefusedError(404, "Branch not found")
    required, pulls = state.settings.required_checks, state.settings.protected_pulls
    checks = {
        "enforcement_level": "everyone",
        "contexts": required,
        "checks": [{"context": each, "app_id": None} for each in required],
    }
    protection: dict[str, Any] = {
        "enabled": bool(required or pulls),
        **({"required_status_checks": checks} if required else {}),
    }
    shown = {"name": name, "commit": shapes.commit(state, commit), "protected": bool(required or pulls)}
    return Answer(value={**shown, "protection": protection})


def branch_protection(call: Call) -> Answer:
    """The protection rule of a branch; 404 if only rulesets protect it."""
    settings = call.state.settings
    if not (settings.required_checks or settings.protected_pulls):
        raise RefusedError(404, "Branch not protected")
    url = f"{call.state.url}{call.path}"
    reviews: dict[str, Any] = {}
    if settings.protected_pulls:
        approvals, code_owners = settings.protected_pulls
        reviews["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": code_owners,
            "required_approving_review_count": approvals,
        }
    return Answer(value={"url": url, **reviews})


def branch_rules(call: Call) -> Answer:
    """The ruleset rules that apply to a branch."""
    settings, rules = call.state.settings, list[dict[str, Any]]()
    if required := settings.ruleset_checks:
        parameters = {
            "required_status_checks": [{"context": each} for each in required],
            "strict_required_status_checks_policy": False,
        }
        rules.append({"type": "required_status_checks", "parameters": parameters})
    if settings.ruleset_pulls:
        approvals, code_owners = settings.ruleset_pulls
        parameters = {
            "required_approving_review_count": approvals,
            "require_code_owner_review": code_owners,
            "dismiss_stale_reviews_on_push": False,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
        }
        rules.append({"type": "pull_request", "parameters": parameters})
    if settings.merge_queue:
        rules.append({"type": "merge_queue"})
    return Answer(value=rules)


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


def set_workflow_permissions(call: Call) -> Answer:
    """Change what a GITHUB_TOKEN may do."""
    settings, body = call.state.settings, call.body
    settings.default_permissions = body.get("default_workflow_permissions", settings.default_permissions)
    allowed = body.get("can_approve_pull_request_reviews", settings.actions_may_open_pulls)
    settings.actions_may_open_pulls = allowed
    return Answer(status=204)


def selected_actions(call: Call) -> Answer:
    """Which actions may run, if only selected ones may. Source: docs.github.com; 409 otherwise."""
    settings = call.state.settings
    if settings.allowed_actions != "selected":
        raise RefusedError(409, "Conflict")
    return Answer(
        value={
            "github_owned_allowed": settings.allows_github_owned,
            "verified_allowed": False,
            "patterns_allowed": settings.allowed_patterns,
        }
    )


def runners(call: Call) -> Answer:
    """The repository's self-hosted runners."""
    shown = [
        {
            "id": number,
            "name": name,
            "os": "linux",
            "status": "online",
            "busy": False,
            "labels": [{"name": "self-hosted"}],
            "version": version,
        }
        for number, (name, version) in enumerate(call.state.settings.runners.items(), 1)
    ]
    return Answer(value={"total_count": len(shown), "runners": shown})


def organization(call: Call) -> Answer:
    """The organization. Its plan is shown to its owners only."""
    state, login = call.state, call.parameters["org"]
    if login.lower() != state.owner.lower() or not state.settings.organization:
        raise not_found()
    return Answer(value=organization_of(state, login))


def organization_of(state: State, login: str) -> dict[str, Any]:
    """The shape of an organization."""
    url = f"{state.url}/orgs/{login}"
    links = ("repos", "events", "hooks", "issues", "members", "public_members", "avatar", "html")
    plan = state.settings.plan
    return {
        **shapes.user(state, login),
        **{f"{each}_url": f"{url}/{each}" for each in links},
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        **dict.fromkeys(("has_organization_projects", "has_repository_projects"), True),
        **dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z"),
        "node_id": "O1",
        "description": "",
        "archived_at": None,
        **({"plan": {"name": plan, "space": 1, "private_repos": 1}} if plan else {}),
    }


def server(call: Call) -> Answer:
    """What the server is; a GitHub Enterprise Server says its version."""
    version = call.state.settings.server_version
    return Answer(
        value={"verifiable_password_authentication": False, **({"installed_version": version} if version else {})}
    )


def organization_secrets(call: Call) -> Answer:
    """The names of the organization's secrets that the repository may use."""
    return secrets_of(call, call.state.organization_secrets)


def organization_variables(call: Call) -> Answer:
    """The organization's variables that the repository may use."""
    return variables_of(call, call.state.organization_variables)


def secrets(call: Call) -> Answer:
    """The names of the repository's secrets."""
    return secrets_of(call, call.state.secrets)


def variables(call: Call) -> Answer:
    """The variables of the repository."""
    return variables_of(call, call.state.variables)


def team_membership(call: Call) -> Answer:
    """A user's membership of a team; 404 if there is none."""
    members = call.state.teams.get(call.parameters["team_slug"], [])
    if call.parameters["org"] != call.state.owner or call.parameters["username"] not in members:
        raise not_found()
    url = f"{call.state.url}{call.path}"
    return Answer(value={"role": "member", "state": "active", "url": url})


def _team(call: Call) -> str:
    """The slug of a team that the token sees."""
    slug, state = call.parameters["team_slug"], call.state
    if call.parameters["org"].lower() != state.owner.lower() or slug not in state.teams or slug in state.secret_teams:
        raise not_found()
    return slug


def team(call: Call) -> Answer:
    """A team; 404 if there is none that the token sees."""
    slug, state = _team(call), call.state
    url = f"{state.url}/orgs/{state.owner}/teams/{slug}"
    return Answer(
        value={
            "id": 1,
            "node_id": "T1",
            "name": slug,
            "slug": slug,
            "description": "",
            "permission": "pull",
            "type": "organization",
            "members_count": len(state.teams[slug]),
            "repos_count": 1,
            **dict.fromkeys(("url", "html_url", "repositories_url"), url),
            "members_url": f"{url}/members{{/member}}",
            **dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z"),
            "organization": organization_of(state, state.owner),
        }
    )


def team_repository(call: Call) -> Answer:
    """Whether a team may read a repository: no body if it may, else 404."""
    state = call.state
    is_this = (call.parameters["owner"], call.parameters["repo"]) == (state.owner, state.name)
    if _team(call) in state.without_access or not is_this:
        raise not_found()
    return Answer(status=204)


def user_permission(call: Call) -> Answer:
    """What a person may do in the repository; 404 for nobody."""
    state, login = call.state, call.parameters["username"]
    if login not in state.users:
        raise not_found()
    permission = "none" if login in state.without_access else "write"
    role = "" if permission == "none" else permission
    return Answer(value={"permission": permission, "role_name": role, "user": None})


def secrets_of(call: Call, names: list[str]) -> Answer:
    """A page of the names of secrets."""
    page, links = page_of(call, names)
    return Answer(value={"total_count": len(names), "secrets": [{"name": name} for name in page]}, headers=links)


def variables_of(call: Call, values: dict[str, str]) -> Answer:
    """A page of variables."""
    page, links = page_of(call, list(values.items()))
    shown = [{"name": name, "value": value} for name, value in page]
    return Answer(value={"total_count": len(values), "variables": shown}, headers=links)
