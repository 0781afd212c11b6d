"""The kill switch: who may use it, and which agent version it leaves live."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wavegate.deploy.rollout import Switch
from wavegate.errors import InputError
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import last_known_good, released_versions
from wavegate.pilot.names import copy_name
from wavegate.release.manifest import Agent, Kind, Manifest, Owners, RollbackStrategy
from wavegate.salesforce.org_values import AgentState


class Authorization(StrEnum):
    """Whether a person may use the kill switch, according to the manifest alone."""

    OPEN = "open"
    """The manifest names nobody, so anyone who can start the run may."""
    LISTED = "listed"
    NEEDS_TEAM_LOOKUP = "needs-team-lookup"
    """The person may use it only as a member of a listed team, which GitHub must confirm."""
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetState:
    """The state that an agent should have: this version live; None for inactive."""

    agent: AgentState
    version: int | None

    @property
    def switch(self) -> Switch | None:
        """The switch that reaches this state; None if the agent is already in it."""
        active = self.agent.active
        if self.version is None:
            return Switch(agent=self.agent.name, version=active, on=False) if active else None
        target = self.agent.version(self.version)
        return Switch(agent=self.agent.name, version=target, on=True) if target and not target.active else None


def authorization_of(owners: Owners, actor: str) -> Authorization:
    """What the manifest permits a GitHub user. actor: login, '' if unknown."""
    if not owners.kill_switch:
        return Authorization.OPEN
    if actor and f"@{actor}".casefold() in {each.casefold() for each in owners.kill_switch}:
        return Authorization.LISTED
    return Authorization.NEEDS_TEAM_LOOKUP if teams(owners) else Authorization.REFUSED


def failure_policy(manifest: Manifest) -> RollbackStrategy | None:
    """What to do with the agents of a failed release, per manifest: disable, activate-previous, or None for nothing.

    A `disable` procedure of any kind counts, because only an agent can be disabled.
    """
    strategies = {(each.strategy, each.kind) for each in manifest.rollback}
    if any(strategy is RollbackStrategy.DISABLE for strategy, _ in strategies):
        return RollbackStrategy.DISABLE
    previous = (RollbackStrategy.ACTIVATE_PREVIOUS, Kind.AGENTS)
    return RollbackStrategy.ACTIVATE_PREVIOUS if previous in strategies else None


def teams(owners: Owners) -> tuple[tuple[str, str], ...]:
    """Organization and slug of every team that may use the kill switch."""
    names = (each.removeprefix("@").partition("/") for each in owners.kill_switch if "/" in each)
    return tuple((organization, slug) for organization, _, slug in names)


def copies_of(agents: Sequence[Agent]) -> tuple[str, ...]:
    """Names that a pilot's copies of these agents have. What the manifest lists as an agent is never one of them."""
    own = {each.name.casefold() for each in agents}
    return tuple(name for each in agents if (name := copy_name(each.name)).casefold() not in own)


def target_states(
    states: Sequence[AgentState],
    agents: Sequence[Agent],
    *,
    to_previous: bool,
    to_version: int | None,
    copies: Sequence[str] = (),
) -> tuple[TargetState, ...]:
    """The target state of every agent: inactive, the version to_version, or the version before the release's.

    The release's version is the pinned one, else the newest. It does not depend on what is live, so that a repeated
    run reaches the same version. copies: a pilot's copies have no earlier version to return to, so they become
    inactive instead. InputError: an agent does not have the required version.
    """
    pins = {each.name.casefold(): each.version for each in agents}
    copied = {each.casefold() for each in copies}
    own = [each for each in states if each.name.casefold() not in copied]
    if to_version is not None and len(own) != 1:
        raise InputError("--to-version needs exactly one agent.", fix="Name the agent with --agent.")

    def target(state: AgentState) -> int | None:
        if state not in own:
            return None
        if to_version is not None:
            return _having(state, to_version, "Choose one of these, or omit --to-version to disable the agent.")
        return _before(state, pins.get(state.name.casefold())) if to_previous else None

    return tuple(TargetState(agent=each, version=target(each)) for each in states)


def target_versions(states: Sequence[AgentState], versions: Mapping[str, int | None]) -> tuple[TargetState, ...]:
    """The target state of every agent by name. InputError: an agent does not have that version."""
    wanted = {name.casefold(): version for name, version in versions.items()}
    found = ((each, wanted[each.name.casefold()]) for each in states)
    fix = "Name one of these with --agent and --to-version."
    return tuple(
        TargetState(agent=each, version=None if version is None else _having(each, version, fix))
        for each, version in found
    )


def release_with(
    versions: Mapping[str, int | None], deployments: Sequence[Deployment], live: Deployment | None
) -> Deployment | None:
    """The last known good release, if a stop left every agent at the version that was live with it in the same org.

    versions: by agent name, as the stop left them. deployments: newest first. None if it is not, or is unknown.
    """
    good = last_known_good(deployments, live) if live else None
    if live is None or good is None or live.release is None or good.release is None:
        return None
    was = {name.casefold(): version for name, version in released_versions(good, deployments).items()}
    same = all(version is not None and was.get(name.casefold()) == version for name, version in versions.items())
    return good if same and good.release.org == live.release.org else None


def _having(state: AgentState, number: int, fix: str) -> int:
    if state.version(number) is None:
        known = ", ".join(str(each.number) for each in state.versions) or "none"
        raise InputError(f"{state.name} has no version {number}; it has {known}.", fix=fix)
    return number


def _before(state: AgentState, pinned: int | None) -> int:
    newest = state.newest.number if state.newest else 0
    released = newest if pinned is None else pinned
    earlier = state.before(released)
    if earlier is None:
        raise InputError(
            f"{state.name} has no version before {released}.", fix="Omit --to-previous to disable the agent."
        )
    return earlier.number
