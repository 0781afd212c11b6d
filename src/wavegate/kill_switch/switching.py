"""Switching agents in an org: all of them, even if one fails, with the versions that are live afterwards."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from wavegate.deploy.rollout_values import AgentChange
from wavegate.errors import InputError, ServiceError, WavegateError
from wavegate.findings.suggestions import suggestion
from wavegate.kill_switch.decisions import TargetState
from wavegate.salesforce.agents import agent_names, find_agents, no_agent, read_agents, set_active
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState
from wavegate.text import one_line

Choose = Callable[[Sequence[AgentState]], Sequence[TargetState]]
"""Chooses the target states of agents."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Switched:
    """agents: as read back. missed: names of those that are not as requested. failures: why, worst first.

    suspects: names of those that were only looked at, and are active.
    """

    agents: tuple[AgentChange, ...]
    missed: tuple[str, ...]
    failures: tuple[WavegateError, ...]
    suspects: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the live version of any agent changed."""
        return any(each.before != each.live for each in self.agents)


def switch_agents(
    org: Org,
    names: Sequence[str],
    choose: Choose,
    *,
    known: Collection[str],
    copies: Collection[str] = (),
    suspects: Collection[str] = (),
) -> Switched:
    """Bring agents into their target states.

    choose: the target states, from the current ones of the agents that the org has. known: names in the manifest.
    copies: further names, which are switched as well if they are active. suspects: those only looked at.
    InputError: the org has none of the agents.
    ServiceError: what is live afterwards cannot be read.
    """
    names, copied = tuple(dict.fromkeys(names)), {each.casefold() for each in copies}
    known_states = find_agents(org, (*names, *copies, *suspects))
    before = tuple(
        each for each in known_states if each.name in names or (each.active and each.name.casefold() in copied)
    )
    handled = {each.name for each in before}
    missing = [each for each in names if each not in handled]
    if not before:
        raise unknown_agent(org, missing[0], known)
    targets = choose(before)
    failures: list[WavegateError] = []
    for switch in (each.switch for each in targets):
        try:
            if switch:
                set_active(org, switch.version, active=switch.on)
        except WavegateError as error:
            failures.append(error)
    states = [each.agent for each in targets]
    live = _read_back(org, states) if any(each.switch for each in targets) else states
    missed = (each.agent.name for each, now in zip(targets, live, strict=True) if each.version != now.live)
    return Switched(
        agents=tuple(
            AgentChange(name=now.name, before=then.live, live=now.live)
            for then, now in zip(states, live, strict=True)
        ),
        missed=(*missed, *missing),
        failures=(*(unknown_agent(org, each, known) for each in missing[:1]), *failures),
        suspects=tuple(each.name for each in known_states if each.active and each.name not in handled),
    )


def read_others(org: Org, names: Sequence[str], switched: Collection[str]) -> tuple[AgentChange, ...] | None:
    """The agents that were not switched, as they are; None if the org does not say. names: of the manifest.

    Nothing depends on it, so it raises no error.
    """
    done = {each.casefold() for each in switched}
    others = [each for each in names if each.casefold() not in done]
    try:
        return tuple(
            AgentChange(name=each.name, before=each.live, live=each.live) for each in find_agents(org, others)
        )
    except WavegateError:
        return None


def _read_back(org: Org, states: Sequence[AgentState]) -> Sequence[AgentState]:
    try:
        return read_agents(org, [each.name for each in states])
    except WavegateError as error:
        # even if the org rejected the request: the switch was pulled, so this must not be an InputError
        message = f"The kill switch was pulled, but the live versions cannot be read back: {error.message}"
        raise ServiceError(
            message, fix=f"{error.fix} Then run the command again; it first reads which versions are live."
        ) from error


def unknown_agent(org: Org, name: str, known: Collection[str]) -> InputError:
    """The error for an agent that the org does not show, with the names that it could have been."""
    ours = sorted({*known} - {name})
    if name in known or not ours:
        return no_agent(org, name, known=_names_in(org))
    listed = one_line(", ".join(ours), 300)
    return InputError(
        f"{org.host} has no agent named {one_line(name, 100)}.",
        fix=f"Name an agent of the manifest by its API name: {listed}.{suggestion(name, ours)}",
    )


def _names_in(org: Org) -> Sequence[str]:
    try:
        return agent_names(org)
    except WavegateError:
        return ()
