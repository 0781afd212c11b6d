"""The status of environments, from the ledger and from their orgs."""

from collections.abc import Iterable, Mapping, Sequence

from wavegate.ledger.deployment import Deployment, State
from wavegate.ledger.status_values import Drift, EnvironmentState, EnvironmentStatus
from wavegate.salesforce.org_values import AgentState


def environment_status(environment: str, deployments: Sequence[Deployment], *, whole: bool) -> EnvironmentStatus:
    """The status of an environment according to the ledger.

    deployments: its releases, newest first. whole: whether the list is complete.
    """
    attempted = [each for each in deployments if each.attempted]
    live = next((each for each in attempted if each.succeeded), None)
    attempt = attempted[0] if attempted and attempted[0] is not live else None
    return EnvironmentStatus(
        environment=environment,
        state=_state(live, attempt, whole=whole),
        live=live,
        attempt=attempt,
        rollback=next((each for each in attempted if each.rolled_back), None),
    )


def _state(live: Deployment | None, attempt: Deployment | None, *, whole: bool) -> EnvironmentState:
    if live:
        return EnvironmentState.ROLLED_BACK if live.rolled_back else EnvironmentState.LIVE
    if not whole:
        return EnvironmentState.UNKNOWN
    if attempt is None:
        return EnvironmentState.NOTHING
    return EnvironmentState.IN_PROGRESS if attempt.state is State.IN_PROGRESS else EnvironmentState.FAILED


def drift_of(live: Mapping[str, int | None], states: Iterable[AgentState]) -> Drift:
    """How an org's agents differ from what the deployment left active. live: version by name, None for inactive."""
    if not live:
        return Drift(unknown="the deployment recorded no agent versions")
    by_name = {each.name: each for each in states}
    return Drift(
        differences=tuple(
            difference
            for name, version in live.items()
            if (difference := _difference(name, version, by_name.get(name)))
        )
    )


def _difference(name: str, recorded: int | None, state: AgentState | None) -> str:
    if state is None:
        return f"{name} is no longer in the org"
    now = state.active.number if state.active else None
    return "" if now == recorded else f"{name} is {_words(now)}, but the deployment left it {_words(recorded)}"


def _words(version: int | None) -> str:
    return "inactive" if version is None else f"at version {version}"
