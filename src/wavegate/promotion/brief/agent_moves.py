"""Which version of each agent a promotion leaves live, and which was live before."""

from collections.abc import Mapping, Sequence

from wavegate.components.agent_versions import agent_version
from wavegate.components.changes import EFFECTIVE, ComponentChange
from wavegate.ledger.deployment import Deployment
from wavegate.promotion.brief.values import AgentMove, EnvironmentHolds
from wavegate.promotion.stops import StopEffect
from wavegate.release.manifest import Agent, Kind


def agent_moves(
    agents: Sequence[Agent],
    live: Deployment | None,
    holds: EnvironmentHolds | None,
    changes: Sequence[ComponentChange] = (),
) -> tuple[AgentMove, ...]:
    """What becomes of each agent. agents: with the version that the commit ships. changes: of the promotion."""
    changed = _changed(changes)
    stops = {stop.agent.casefold(): (stop.version, effect) for stop, effect in (holds.stops if holds else ())}
    known = _live_versions(live)
    moves = []
    for agent in agents:
        name = agent.name.casefold()
        version, effect = stops.get(name, (None, None))
        before = _left(version) if effect else known.get(name, "")
        after = _words(agent.version) if agent.version is not None else ""
        after = before if effect is StopEffect.KEPT else after
        moves.append(AgentMove(name=agent.name, before=before, after=after, changed=name in changed))
    return tuple(moves)


def _live_versions(live: Deployment | None) -> Mapping[str, str]:
    """Versions in words by folded name: those of the release, for agents that nobody has stopped."""
    if live is None:
        return {}
    read_back = {name.casefold(): _words(version) for name, version in {**live.live, **live.released}.items()}
    return {name.casefold(): version for name, version in live.agents.items()} | read_back


def _words(version: int | None) -> str:
    return "inactive" if version is None else f"v{version}"


def _left(version: int | None) -> str:
    """The version that a stop left, in words."""
    return "stopped" if version is None else f"v{version}"


def _changed(changes: Sequence[ComponentChange]) -> set[str]:
    """Folded names of the agents whose own components change."""
    names = (
        each.component.id.name for each in changes if each.kind in EFFECTIVE and each.component.kind is Kind.AGENTS
    )
    return {(found[0] if (found := agent_version(name)) else name).casefold() for name in names}
