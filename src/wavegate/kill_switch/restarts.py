"""Which agents a restart turns on, and at which version: the one that the live release left."""

from collections.abc import Iterable, Mapping, Sequence

from wavegate.errors import InputError
from wavegate.ledger.acts.holds import Holds, OpenStop
from wavegate.ledger.deployment import Deployment
from wavegate.release.manifest import Manifest
from wavegate.salesforce.org_values import AgentState
from wavegate.text import one_line


def stopped_agents(holds: Holds, live: Deployment | None, manifest: Manifest) -> tuple[str, ...]:
    """Agents of a manifest that may be stopped: those with an open stop, and those that the live release left active.

    The latter may have been stopped without a record.
    """
    names = [each.name for each in manifest.agents] + list(live.live if live else ())
    own = {each.casefold() for each in names}
    stops = (
        each.agent for each in holds.stops if each.agent.casefold() in own or each.act.manifest in ("", manifest.path)
    )
    active = (name for name, version in (live.live if live else {}).items() if version is not None)
    return tuple({each.casefold(): each for each in (*active, *stops)}.values())


def check_not_rolled_back(environment: str, holds: Holds, live: Deployment | None) -> None:
    """Check that the live release may be live. InputError: it is rolled back, so its versions are not activated."""
    release = live.release if live else None
    rollback = holds.rollback_of(release.content) if release else None
    if live is None or not (rollback or live.rolled_back):
        return
    page = f" ({one_line(rollback.page, 300)})" if rollback and rollback.page else ""
    raise InputError(
        f"{one_line(live.title, 100)} is rolled back in {one_line(environment, 100)}, so its versions stay inactive.",
        fix=f"Merge the rollback pull request{page} and promote it first, or name a good version with --agent and "
        "--to-version.",
    )


def restart_versions(
    names: Iterable[str],
    deployments: Sequence[Deployment],
    live: Deployment | None,
    *,
    pinned: Mapping[str, int],
) -> dict[str, int]:
    """The version to activate, by agent name. deployments: newest first. pinned: by the live release's manifest.

    InputError: the ledger does not say it.
    """
    return {name: _version(name, deployments, live, pinned) for name in names}


def _version(name: str, deployments: Sequence[Deployment], live: Deployment | None, pinned: Mapping[str, int]) -> int:
    for source in _sources(deployments, live, pinned):
        found = {agent.casefold(): version for agent, version in source.items()}.get(name.casefold())
        if found is not None:
            return found
    release = f"{one_line(live.title, 100)} left live" if live else "a release left live, since none is"
    raise InputError(
        f"The ledger does not say which version of {one_line(name, 100)} {release}.",
        fix="Name it with --agent and --to-version.",
    )


def _sources(
    deployments: Sequence[Deployment], live: Deployment | None, pinned: Mapping[str, int]
) -> Iterable[Mapping[str, int | None]]:
    """Versions by agent name, the best source first.

    A release that was deployed while an agent was stopped left it inactive; then an earlier deployment with the same
    content says which version it is, or the script that was published, or the manifest.
    """
    if live:
        yield live.live
        yield {each.agent: each.version for each in live.published}
    release = live.release if live else None
    if release and release.content:
        for each in deployments:
            other = each.release
            if other and each.succeeded and (other.content, other.org) == (release.content, release.org):
                yield each.live
    yield pinned


def not_stopped(states: Iterable[AgentState], stops: Iterable[OpenStop]) -> frozenset[str]:
    """Names of the agents that nobody stopped: active in the org, and without an open stop."""
    stopped = {each.agent.casefold() for each in stops}
    return frozenset(each.name for each in states if each.active and each.name.casefold() not in stopped)
