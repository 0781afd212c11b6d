"""What wavegate reads from a Salesforce org: who is logged in, and which versions its agents and flows have."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who is logged in. Ids have 18 characters."""

    org_id: str
    user_id: str
    username: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentVersion:
    """One version of an agent. number: from 1 (0 in some orgs)."""

    id: str
    number: int
    active: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentState:
    """An agent in an org. versions: by number, lowest first; at most one is active."""

    id: str
    name: str
    versions: tuple[AgentVersion, ...]

    @property
    def active(self) -> AgentVersion | None:
        """The version that users talk to; None while the agent is inactive."""
        return next((each for each in self.versions if each.active), None)

    @property
    def live(self) -> int | None:
        """The number of the active version; None while the agent is inactive."""
        return self.active.number if self.active else None

    @property
    def newest(self) -> AgentVersion | None:
        """The version with the highest number; None for an agent without versions."""
        return self.versions[-1] if self.versions else None

    def version(self, number: int) -> AgentVersion | None:
        """The version with that number, or None."""
        return next((each for each in self.versions if each.number == number), None)

    def before(self, number: int) -> AgentVersion | None:
        """The version with the highest number below that one, or None."""
        return next((each for each in reversed(self.versions) if each.number < number), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowVersions:
    """Version numbers of a flow. active: None while no version is. latest: the highest, None if the org has none."""

    active: int | None = None
    latest: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowState:
    """A flow in an org. id: of its FlowDefinition. name: its developer name."""

    id: str
    name: str
    versions: FlowVersions
