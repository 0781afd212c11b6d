"""Check whether an org is set up for releases, from its answers."""

from collections.abc import Iterator, Sequence

from wavegate.release.manifest import Agent
from wavegate.salesforce.org_values import AgentState
from wavegate.setup.doctor.health import Check, Unavailable, ok, problem, unknown


def api_check(environment: str, newest: float | Unavailable, version: str) -> Check:
    """Whether the org supports the project's API version. newest: the org's highest. version: the project's."""
    rule = "org/api-version"
    if isinstance(newest, Unavailable):
        return unknown(rule, environment, newest)
    if float(version) > newest:
        message = f"The project uses API version {version}, but the org supports only up to {newest:.1f}."
        fix = "Lower sourceApiVersion in sfdx-project.json, or wait for the org's upgrade."
        return problem(rule, environment, message, fix)
    return ok(rule, environment, f"The org supports API version {version}.")


def agent_checks(
    environment: str, pinned: Sequence[Agent], states: Sequence[AgentState] | Unavailable, shipped: frozenset[str]
) -> Iterator[Check]:
    """Whether the org has the manifest's agents. shipped: case-folded names of agents that the project deploys."""
    rule = "org/agents"
    if not pinned:
        return
    if isinstance(states, Unavailable):
        yield unknown(rule, environment, states)
        return
    existing = {each.name.casefold(): each for each in states}
    for agent in pinned:
        state = existing.get(agent.name.casefold())
        if state is None and agent.name.casefold() in shipped:
            yield ok(rule, environment, f"`{agent.name}` is not in the org yet: the first deployment creates it.")
        elif state is None:
            message = f"Neither the org nor the project has the agent `{agent.name}`."
            fix = "Correct its API name in the manifest, or give the login user access to it."
            yield problem(rule, environment, message, fix)
        else:
            active = f"version {state.active.number} is active" if state.active else "no version is active"
            yield ok(rule, environment, f"The org has `{agent.name}`: {active}.")


def smoke_check(environment: str, allowed: bool | Unavailable) -> Check:  # noqa: FBT001 - an answer, not an option
    """Whether the login user may use the Testing API."""
    rule = "org/testing-api"
    if isinstance(allowed, Unavailable):
        return unknown(rule, environment, allowed)
    if allowed:
        return ok(rule, environment, "The login user may use the Testing API.")
    fix = "Assign it a permission set for Agentforce administrators, and check the scopes of the connected app."
    return problem(rule, environment, "The login user may not use the Testing API, which runs smoke tests.", fix)


def tracing_check(environment: str, sessions: int | Unavailable | None) -> Check:
    """Whether the org traces sessions, which canary monitoring needs. sessions: None if the org stores none."""
    rule = "org/session-tracing"
    fix = "Enable session tracing in Setup → Agentforce. It requires Data 360."
    if isinstance(sessions, Unavailable):
        return unknown(rule, environment, sessions)
    if sessions is None:
        return problem(rule, environment, "The org does not store sessions, so a canary cannot be monitored.", fix)
    if not sessions:
        message = "No session has been traced yet, so it is unknown whether tracing is enabled."
        return unknown(rule, environment, Unavailable(message=message, fix=fix))
    return ok(rule, environment, "Sessions are traced.")


def missing(environments: Sequence[str]) -> Iterator[Check]:
    """Unknown checks for environments whose org cannot be queried because its credentials are not set."""
    for each in environments:
        fix = (
            f"Run `wavegate login {each} --org ALIAS` with an org of the Salesforce CLI, or `wavegate doctor {each}` "
            "with the org's credentials, such as SF_AUTH_URL, in the environment variables."
        )
        yield unknown("org/login", each, Unavailable(message="No credentials for its org are set.", fix=fix))
