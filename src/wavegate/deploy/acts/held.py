"""The agents that a person stopped: a deployment leaves them as their stop left them.

The stops are read when the deployment begins, and again right before it activates or restores a version. Where the
ledger cannot be read by then, the org decides: an agent that somebody deactivated or moved to another version stays
so. What the deployment itself deactivated is activated again: an outage of GitHub must not be one of production.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from shlex import quote

from wavegate.deploy.rollout import Switch
from wavegate.deploy.rollout_values import HeldAgent
from wavegate.errors import ServiceError, WavegateError
from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import OpenStop
from wavegate.salesforce.org_values import AgentState
from wavegate.text import join_names, one_line

ReadStops = Callable[[], Iterable[OpenStop]]


class StopsUnknownError(ServiceError):
    """Nobody knows whether an agent was stopped; the next run finds out. Nothing more is done to the agents."""


@dataclass(kw_only=True, slots=True)
class HeldAgents:
    """The agents that one run of a deployment holds.

    read_stops: the open stops that the release does not lift; WavegateError if the ledger cannot be read. began: the
    live version of each agent when this run began, by name; None for inactive. problem: why the stops could not be
    read last.
    """

    environment: str
    read_stops: ReadStops
    began: Mapping[str, int | None]
    problem: WavegateError | None = None
    _unsure: set[str] = field(default_factory=set)
    _stops: dict[str, OpenStop] = field(default_factory=dict)
    _found: set[str] = field(default_factory=set)

    @property
    def versions(self) -> Mapping[str, int | None]:
        """The version that each agent is left at, by case-folded name; None for inactive."""
        return {name: stop.version for name, stop in self._stops.items()} | dict.fromkeys(self._found)

    @property
    def unexplained(self) -> bool:
        """Whether somebody deactivated an agent whose stop was not read so far."""
        return not self._found <= self._stops.keys()

    def read(self) -> bool:
        """Read the stops again, and return whether to look at the org again: the held agents changed, or may have.

        If the ledger cannot be read, the stops that were read last count. StopsUnknownError: it has an act that may
        be a stop.
        """
        before = self.versions
        try:
            self._stops = {each.agent.casefold(): each for each in self.read_stops()}
            self.problem = None
        except StopsUnknownError:
            raise
        except WavegateError as error:
            self.problem = error
        return self.problem is not None or self.versions != before

    def compare(self, states: Iterable[AgentState], *, switched_off: Iterable[str]) -> None:
        """Hold every agent that somebody else deactivated since this run began. switched_off: by this run."""
        ours = {each.casefold() for each in switched_off}
        self._found |= {
            each.name.casefold()
            for each in states
            if each.live is None and self.began.get(each.name) is not None and each.name.casefold() not in ours
        }

    def allowed(
        self,
        switches: Iterable[Switch],
        states: Iterable[AgentState],
        before: Mapping[str, int | None],
        *,
        activated: Mapping[str, int],
    ) -> tuple[Switch, ...]:
        """The switches without those that need to know the stops, if they are unknown.

        Then nothing is activated that was inactive before the deployment, or that somebody else has moved to another
        version. states: now. activated: versions that this run has activated, by agent name.
        """
        if self.problem is None:
            return tuple(switches)
        moved = {
            each.name
            for each in states
            if each.live not in (None, self.began.get(each.name), activated.get(each.name))
        }
        found = tuple(
            each for each in switches if not each.on or (before.get(each.agent) and each.agent not in moved)
        )
        self._unsure |= {each.agent for each in found if each.on}
        return found

    def agents(self, states: Iterable[AgentState], wanted: Mapping[str, int | None]) -> tuple[HeldAgent, ...]:
        """The agents that are not at the wanted version because of a stop. wanted: version by case-folded name."""
        return tuple(
            HeldAgent(name=each.name, live=each.live, wanted=wanted.get(name), stop=self._stop(name))
            for each in states
            if (name := each.name.casefold()) in self.versions and each.live != wanted.get(name)
        )

    def others(self, states: Iterable[AgentState]) -> tuple[AgentState, ...]:
        """The states of the agents that are not held."""
        return tuple(each for each in states if each.name.casefold() not in self.versions)

    @property
    def notes(self) -> tuple[str, ...]:
        """A note if the stops could not be read again, with what to do."""
        if self.problem is None:
            return ()
        agent = join_names(sorted(self._unsure)) or "an agent"
        where = quote(one_line(self.environment, 100))
        words = (
            f"⚠️ The ledger could not be read right before the activation, so whether somebody has stopped {agent} "
            f"during this deployment is unknown. {self.problem.message} Check it with `wavegate status {where}`; "
            f'`wavegate disable {where} --reason "…"` stops it again.'
        )
        return (words,)

    def unknown(self, switches: Iterable[Switch]) -> StopsUnknownError:
        """The error for switches that were not allowed."""
        names = join_names([each.agent for each in switches])
        reason = f" {self.problem.message}" if self.problem else ""
        return StopsUnknownError(
            f"Not activated, because it is unknown whether somebody has stopped it meanwhile: {names}.{reason}",
            fix="Run the command again: it resumes this deployment.",
        )

    def _stop(self, name: str) -> Act | None:
        stop = self._stops.get(name)
        return stop.act if stop else None
