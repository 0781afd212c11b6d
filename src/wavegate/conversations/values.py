"""A conversation with an agent, as it was recorded in production. All texts are untrusted, and may be personal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wavegate.findings.finding import Location


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionCall:
    """A call of an action. name: its API name. inputs: by name, as text. error: '' if it worked."""

    name: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationTurn:
    """What a person said, or what the agent answered and did for it.

    topic: the one that the agent chose; '' if it is unknown. actions: in the order of the calls; None if they were
    not recorded, which differs from none. latency: of the answer, in milliseconds; None if it is unknown.
    """

    speaker: Literal["user", "agent"]
    text: str
    topic: str = ""
    actions: tuple[ActionCall, ...] | None = None
    latency: float | None = None
    time: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """One session. id: the org's, '' if it is unknown. agent: API name. version: of the agent, '' if it is unknown.

    started: with a time zone. ended: how, in the words of the source; '' if it is unknown. escalated: whether it was
    handed to a person; None if it is unknown. variables: of the session, by name, as text. constant: those with
    one value from the first step to the last, so that the session may have started with it. place: where it was read.
    """

    id: str
    turns: tuple[ConversationTurn, ...]
    place: Location
    agent: str = ""
    version: str = ""
    started: datetime | None = None
    ended: str = ""
    escalated: bool | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    constant: frozenset[str] = frozenset()
