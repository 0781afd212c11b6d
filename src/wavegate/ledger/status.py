"""What environments hold, from the ledger and from what their orgs say."""

from collections.abc import Iterable, Mapping, Sequence

from wavegate.ledger.deployment import Deployment, State
from wavegate.ledger.status_values import Drift, EnvironmentState, EnvironmentStatus
from wavegate.salesforce.org_values import AgentState


def environment_status(environment: str, deployments: Sequence[Deployment], *, whole: bool) -> EnvironmentStatus:
    """What the ledger says of an environment.

    deployments: its releases, newest first. whole: they are all that there are.
    """
    attempted = [each for each in deployments if each.attempted]
    live = next((each for each in attempted if each.succeeded), None)
    attempt = attempted[0] if attempted and attempted[0] is not live else None
    return EnvironmentStatus(
        environment=environment,
        standing=_standing(live, attempt, whole=whole),
        live=live,
        attempt=attempt,
        rollback=next((each for each in attempted if each.rolled_back), None),
    )


def _standing(live: Deployment | None, attempt: Deployment | None, *, whole: bool) -> EnvironmentState:
    if live:
        return EnvironmentState.ROLLED_BACK if live.rolled_back else EnvironmentState.LIVE
    if not whole:
        return EnvironmentState.UNKNOWN
    if attempt is None:
        return EnvironmentState.NOTHING
    return EnvironmentState.IN_PROGRESS if attempt.state is State.IN_PROGRESS else EnvironmentState.FAILED


def drift_of(live: Mapping[str, int | None], states: Iterable[AgentState]) -> Drift:
    """What an org's agents are now, where that is not what was read back. live: version by name, None for off."""
    if not live:
        return Drift(unknown="no agent version was recorded")
    found = {each.name: each for each in states}
    return Drift(
        differences=tuple(
            words for name, version in live.items() if (words := _difference(name, version, found.get(name)))
        )
    )


def _difference(name: str, recorded: int | None, state: AgentState | None) -> str:
    if state is None:
        return f"{name} is not in the org any more"
    now = state.active.number if state.active else None
    return "" if now == recorded else f"{name} is {_words(now)}, and was {_words(recorded)}"


def _words(version: int | None) -> str:
    return "off" if version is None else f"at version {version}"
