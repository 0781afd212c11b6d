"""The result of a stop or a restart: what is live now, what the ledger says about it, and what can be done next."""

from dataclasses import dataclass
from urllib.parse import quote

from wavegate.deploy.rollout_values import AgentChange
from wavegate.errors import WavegateError
from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import OpenStop
from wavegate.release.reference import ReleaseRef


@dataclass(frozen=True, kw_only=True, slots=True)
class KillSwitch:
    """What `disable` or `enable` did in the org.

    actor: GitHub login, or ''. note: how the actor's authorization was established. agents: as read back from the
    org. missed: names of the agents that are not as requested. chosen: title of the release whose versions were
    activated, '' if none was named. others: agents of the manifest that this did not touch, as they are; None if the
    org did not say.
    """

    environment: str
    host: str
    reason: str
    actor: str
    note: str
    agents: tuple[AgentChange, ...]
    missed: tuple[str, ...] = ()
    chosen: str = ""
    others: tuple[AgentChange, ...] | None = ()

    @property
    def changed(self) -> bool:
        """Whether the live version of any agent changed."""
        return any(each.before != each.live for each in self.agents)

    @property
    def reached(self) -> tuple[AgentChange, ...]:
        """The agents that are as requested."""
        return tuple(each for each in self.agents if each.name not in self.missed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """What the ledger says about a stop or restart.

    act: what was written; None if nothing had to be. earlier: the open stops that had left agents so before; after a
    restart, those that remain. problem: why it is not recorded; None if it is. required: whether a problem is an
    error, because GitHub was there to record it. live: the live release; good: the one that a rollback restores; None
    if it is unknown.
    """

    act: Act | None = None
    earlier: tuple[OpenStop, ...] = ()
    problem: WavegateError | None = None
    required: bool = True
    live: ReleaseRef | None = None
    good: ReleaseRef | None = None

    def stop_of(self, agent: str) -> Act | None:
        """The stop that holds an agent; None if the ledger has none."""
        found = next((each.act for each in self.earlier if each.agent.casefold() == agent.casefold()), None)
        return found or (self.act if self.act and agent in self.act.agents else None)


@dataclass(frozen=True, kw_only=True, slots=True)
class NextStep:
    """How to start a command: its line for a terminal, and the page of the workflow that runs it, '' without one."""

    line: str
    page: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NextSteps:
    """What a person can do after a stop. repository: its page on GitHub, '' if it is unknown."""

    environment: str
    enable: NextStep
    rollback: NextStep
    repository: str = ""

    @property
    def ledger(self) -> str:
        """The page of the environment's deployments, '' if it is unknown."""
        return f"{self.repository}/deployments/{quote(self.environment, safe='')}" if self.repository else ""

    def commit(self, commit: str) -> str:
        """The page of a commit, '' if it is unknown."""
        return f"{self.repository}/commit/{commit}" if self.repository else ""
