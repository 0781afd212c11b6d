"""The kill switch: who may pull it, and which version it leaves live."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wavegate.deploy.rollout import Switch
from wavegate.errors import InputError
from wavegate.release.manifest import Agent, Kind, Manifest, Owners, RollbackStrategy
from wavegate.salesforce.org_values import AgentState


class Authorization(StrEnum):
    """Whether a person may pull the kill switch, as far as the manifest alone tells."""

    OPEN = "open"
    """The manifest names nobody, so whoever can start the run may."""
    LISTED = "listed"
    NEEDS_TEAM_LOOKUP = "needs-team-lookup"
    """Only the members of teams may, beside listed people: GitHub knows who they are."""
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetState:
    """What becomes of an agent: this version live, None for off."""

    agent: AgentState
    version: int | None

    @property
    def switch(self) -> Switch | None:
        """What to do for it; None where it is so already."""
        active = self.agent.active
        if self.version is None:
            return Switch(agent=self.agent.name, version=active, on=False) if active else None
        wanted = self.agent.version(self.version)
        return Switch(agent=self.agent.name, version=wanted, on=True) if wanted and not wanted.active else None


def authorization_of(owners: Owners, actor: str) -> Authorization:
    """What the manifest says of a GitHub user. actor: login, '' where nobody is known."""
    if not owners.kill_switch:
        return Authorization.OPEN
    if actor and f"@{actor}".casefold() in {each.casefold() for each in owners.kill_switch}:
        return Authorization.LISTED
    return Authorization.NEEDS_TEAM_LOOKUP if teams(owners) else Authorization.REFUSED


def failure_policy(manifest: Manifest) -> RollbackStrategy | None:
    """What the manifest asks to do with the agents of a release that fails: disable, activate-previous, or nothing.

    A procedure of any kind that says `disable` asks for it, since only an agent can be turned off.
    """
    strategies = {(each.strategy, each.kind) for each in manifest.rollback}
    if any(strategy is RollbackStrategy.DISABLE for strategy, _ in strategies):
        return RollbackStrategy.DISABLE
    previous = (RollbackStrategy.ACTIVATE_PREVIOUS, Kind.AGENTS)
    return RollbackStrategy.ACTIVATE_PREVIOUS if previous in strategies else None


def teams(owners: Owners) -> tuple[tuple[str, str], ...]:
    """Organization and slug of each team that may pull the kill switch."""
    names = (each.removeprefix("@").partition("/") for each in owners.kill_switch if "/" in each)
    return tuple((organization, slug) for organization, _, slug in names)


def target_states(
    states: Sequence[AgentState], agents: Sequence[Agent], *, to_previous: bool, to_version: int | None
) -> tuple[TargetState, ...]:
    """What becomes of each agent: off; the given version; or the one before the release's.

    The release's version is the pinned one, else the newest: not the live one, so that doing it again leads to the
    same version. InputError: an agent does not have the version that this means.
    """
    pins = {each.name.casefold(): each.version for each in agents}
    if to_version is not None and len(states) != 1:
        raise InputError("--to-version is for one agent.", fix="Name the agent with --agent.")
    if to_version is not None:
        return tuple(TargetState(agent=each, version=_having(each, to_version)) for each in states)
    if not to_previous:
        return tuple(TargetState(agent=each, version=None) for each in states)
    return tuple(TargetState(agent=each, version=_before(each, pins.get(each.name.casefold()))) for each in states)


def _having(state: AgentState, number: int) -> int:
    if state.version(number) is None:
        have = ", ".join(str(each.number) for each in state.versions) or "none"
        raise InputError(
            f"{state.name} has no version {number}; it has {have}.", fix="Name one of those, or turn the agent off."
        )
    return number


def _before(state: AgentState, pinned: int | None) -> int:
    newest = state.newest.number if state.newest else 0
    released = newest if pinned is None else pinned
    earlier = state.before(released)
    if earlier is None:
        raise InputError(
            f"{state.name} has no version before {released}.", fix="Turn the agent off: leave out --to-previous."
        )
    return earlier.number
