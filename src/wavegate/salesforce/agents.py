"""The agents of an org: which versions they have, which one is active, and switching it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from wavegate.errors import InputError, ServiceError
from wavegate.salesforce.org import Org, literal
from wavegate.salesforce.org_values import AgentState, AgentVersion
from wavegate.text import one_line


def read_agents(org: Org, names: Iterable[str]) -> tuple[AgentState, ...]:
    """The named agents with their versions, in one request, in the order of the names.

    InputError: the org does not have one of them. ServiceError: the org did not answer.
    """
    requested = tuple(dict.fromkeys(names))
    found = {state.name: state for state in find_agents(org, requested)}
    for name in requested:
        if name not in found:
            raise no_agent(org, name)
    return tuple(found[name] for name in requested)


def no_agent(org: Org, name: str, *, known: Sequence[str] = ()) -> InputError:
    """The error for an agent that the org does not show. known: names of some that it does show."""
    shown = f" The org shows {one_line(', '.join(known), 300)}." if known else ""
    return InputError(
        f"{org.host} has no agent named {one_line(name, 100)}.",
        fix=f"Check the agent's API name, and that the login user may see agents.{shown}",
    )


def agent_names(org: Org) -> tuple[str, ...]:
    """API names of the org's agents, at most 20."""
    query = "FROM BotDefinition ORDER BY DeveloperName LIMIT 20"
    return tuple(name for (name,) in org.select(["DeveloperName"], query))


def find_agents(org: Org, names: Iterable[str]) -> tuple[AgentState, ...]:
    """The named agents that exist in the org, with their versions, in one request."""
    requested = tuple(dict.fromkeys(names))
    if not requested:
        return ()
    # the query of the CLI's own `agent activate`; `literal` quotes every name
    records = org.query(
        "SELECT Id, DeveloperName, (SELECT Id, VersionNumber, Status FROM BotVersions "  # noqa: S608
        "WHERE IsDeleted = false ORDER BY VersionNumber) FROM BotDefinition "
        f"WHERE DeveloperName IN ({', '.join(map(literal, requested))})"
    )
    try:
        states = {str(record["DeveloperName"]).lower(): _agent(org, record) for record in records}
    except (KeyError, TypeError, ValueError):
        raise ServiceError(
            f"{org.host} described its agents in an unexpected format.", fix="Run the command again."
        ) from None
    return tuple(replace(states[name.lower()], name=name) for name in requested if name.lower() in states)


def set_active(org: Org, version: AgentVersion, *, active: bool) -> None:
    """Activate or deactivate a version; repeating it changes nothing. Activating one deactivates the agent's others.

    RefusedError: the org refused it. ServiceError: the org did not confirm it.
    """
    status = "Active" if active else "Inactive"
    answer = org.post(f"/connect/bot-versions/{version.id}/activation", {"status": status}, repeatable=True)
    if not isinstance(answer, dict) or answer.get("success") is not True:
        messages = answer.get("messages") if isinstance(answer, dict) else None
        detail = org.clean(str(messages or "no reason given"), 300)
        raise ServiceError(
            f"{org.host} did not {'activate' if active else 'deactivate'} version {version.number}: {detail}",
            fix="Check the agent in the org's Agent Builder, then run the command again.",
        )


def _agent(org: Org, record: dict[str, Any]) -> AgentState:
    # an agent without versions has no result of the subquery
    rows = org.records(record["BotVersions"]) if record.get("BotVersions") else []
    versions = sorted((_version(row) for row in rows), key=lambda version: version.number)
    return AgentState(id=str(record["Id"]), name=str(record["DeveloperName"]), versions=tuple(versions))


def _version(record: dict[str, Any]) -> AgentVersion:
    return AgentVersion(
        id=str(record["Id"]), number=int(record["VersionNumber"]), active=str(record["Status"]).lower() == "active"
    )
