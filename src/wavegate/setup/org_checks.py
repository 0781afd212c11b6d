"""Whether an org is set up for releases: one check for each answer of the org."""

from collections.abc import Iterator, Sequence

from wavegate.release.manifest import Agent
from wavegate.salesforce.org_values import AgentState
from wavegate.setup.github_checks import ok, unknown, wrong
from wavegate.setup.health import Check, Unavailable


def api_check(environment: str, newest: float | Unavailable, wanted: str) -> Check:
    """Whether the org supports the project's API version."""
    rule = "org/api-version"
    if isinstance(newest, Unavailable):
        return unknown(rule, environment, newest)
    if float(wanted) > newest:
        message = f"The project uses API version {wanted}; the org supports versions up to {newest:.1f}."
        return wrong(
            rule, environment, message, "Lower sourceApiVersion in sfdx-project.json, or wait for its upgrade."
        )
    return ok(rule, environment, f"The org supports API version {wanted}.")


def agent_checks(
    environment: str, pinned: Sequence[Agent], found: Sequence[AgentState] | Unavailable, shipped: frozenset[str]
) -> Iterator[Check]:
    """Whether the org has the manifest's agents. shipped: names of agents that the project deploys, in lower case."""
    rule = "org/agents"
    if not pinned:
        return
    if isinstance(found, Unavailable):
        yield unknown(rule, environment, found)
        return
    there = {each.name.casefold(): each for each in found}
    for agent in pinned:
        state = there.get(agent.name.casefold())
        if state is None and agent.name.casefold() in shipped:
            yield ok(rule, environment, f"`{agent.name}` is not in the org yet: the first deployment creates it.")
        elif state is None:
            message = f"Neither the org nor the project has the agent `{agent.name}`."
            yield wrong(
                rule,
                environment,
                message,
                "Correct its API name in the manifest, or give the login user access to it.",
            )
        else:
            active = f"version {state.active.number} is active" if state.active else "no version is active"
            yield ok(rule, environment, f"The org has `{agent.name}`: {active}.")


def smoke_check(environment: str, allowed: bool | Unavailable) -> Check:  # noqa: FBT001 - an answer, not an option
    """Whether the login user may use the Testing API, which runs smoke tests."""
    rule = "org/testing-api"
    if isinstance(allowed, Unavailable):
        return unknown(rule, environment, allowed)
    if allowed:
        return ok(rule, environment, "The login user may use the Testing API.")
    fix = "Assign a permission set with an Agentforce administrator's permissions, and check the app's OAuth scopes."
    return wrong(rule, environment, "The login user may not use the Testing API, which runs smoke tests.", fix)


def tracing_check(environment: str, sessions: int | Unavailable | None) -> Check:
    """Whether sessions are traced, which watching a canary needs. sessions: None where the org keeps none."""
    rule = "org/session-tracing"
    fix = "Switch on session tracing in Setup → Agentforce; it needs Data 360."
    if isinstance(sessions, Unavailable):
        return unknown(rule, environment, sessions)
    if sessions is None:
        return wrong(rule, environment, "The org keeps no sessions, so a canary cannot be watched.", fix)
    if not sessions:
        unread = Unavailable(
            message="No session has been traced yet, so it is unknown whether tracing is on.", fix=fix
        )
        return unknown(rule, environment, unread)
    return ok(rule, environment, "Sessions are traced.")


def missing(environments: Sequence[str]) -> Iterator[Check]:
    """Checks for the environments whose org could not be asked, because there are no credentials."""
    fix = "Run `wavegate doctor ENV` with its credentials (SF_AUTH_URL, …) in the environment."
    for each in environments:
        yield unknown(
            "org/login", each, Unavailable(message="No credentials for its org are available here.", fix=fix)
        )
