"""Which agents a restart turns on, and at which version: the one that the live release left."""

from collections.abc import Iterable, Mapping, Sequence

from wavegate.errors import InputError
from wavegate.ledger.acts.act import Act, ActKind
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.environment import EnvironmentLedger, ShippedRelease, withdrawal_command
from wavegate.ledger.history import released_versions
from wavegate.release.manifest import Manifest
from wavegate.salesforce.org_values import AgentState
from wavegate.text import one_line


def stopped_agents(ledger: EnvironmentLedger, manifest: Manifest) -> tuple[str, ...]:
    """Agents of a manifest that may be stopped: those with an open stop, and those that were left active.

    The latter may have been stopped without a record; the live release left them active, or a restart.
    """
    live = ledger.live.live if ledger.live else {}
    own = {each.casefold() for each in (*(agent.name for agent in manifest.agents), *live)}
    restarts = (each for each in ledger.acts if each.kind is ActKind.RESTART and each.manifest == manifest.path)
    active = [name for each in (live, *(act.agents for act in restarts)) for name in each if each[name] is not None]
    stops = (
        each.agent
        for each in ledger.holds.stops
        if each.agent.casefold() in own or each.act.manifest in ("", manifest.path)
    )
    copies = ledger.pilot.live if ledger.pilot else {}
    active += [name for name, version in copies.items() if version is not None]
    found = {each.casefold(): each for each in (*active, *stops)}
    return tuple(each for name, each in found.items() if name not in ledger.copies_out_of_use)


def check_not_rolled_back(ledger: EnvironmentLedger) -> None:
    """Check that the live release may be live. InputError: it is rolled back, so its versions are not activated."""
    live = ledger.live
    if live is None:
        return
    content = live.release.content if live.release else ""
    rollback = ledger.rollback_of(ShippedRelease(content=content, commit=live.commit))
    if rollback is None:
        return
    page = f" ({one_line(rollback.page, 300)})" if isinstance(rollback, Act) and rollback.page else ""
    environment = one_line(ledger.environment, 100)
    raise InputError(
        f"{one_line(live.title, 100)} is rolled back in {environment}, so its versions stay inactive.",
        fix=f"Merge the rollback pull request{page} and promote it first. Or withdraw the rollback: "
        f"`{withdrawal_command(ledger.environment, rollback)}`. Or name a good version: --agent and --to-version.",
    )


def restart_versions(names: Iterable[str], ledger: EnvironmentLedger, *, pinned: Mapping[str, int]) -> dict[str, int]:
    """The version to activate, by agent name. pinned: by the live release's manifest.

    InputError: the ledger does not say it.
    """
    return {name: _version(name, ledger, pinned) for name in names}


def _version(name: str, ledger: EnvironmentLedger, pinned: Mapping[str, int]) -> int:
    live = ledger.release_of(name)
    for source in _sources(ledger.deployments, live, pinned):
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

    A release that was deployed while an agent was stopped may not say it; then the script that was published does, or
    an earlier deployment with the same content, or the manifest.
    """
    if live:
        yield live.released
        yield {each.agent: each.version for each in live.published}
        yield released_versions(live, deployments)
    yield pinned


def not_stopped(states: Iterable[AgentState], stops: Iterable[OpenStop]) -> frozenset[str]:
    """Names of the agents that nobody stopped: active in the org, and without an open stop."""
    stopped = {each.agent.casefold() for each in stops}
    return frozenset(each.name for each in states if each.active and each.name.casefold() not in stopped)
