"""What a team requires of its agents, as its policy says it. `guardrails.policy` checks it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from wavegate.findings.finding import Location, Severity


class RuleLevel(StrEnum):
    """How severe the findings of a rule are."""

    OFF = "off"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedName:
    """A name that the policy mentions, and where."""

    name: str
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyLine:
    """One property, as written. agent: '' for every agent. severity: of a violation."""

    text: str
    agent: str
    reason: str
    severity: Severity
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleSetting:
    """The severity that the policy gives to a rule."""

    rule: str
    level: RuleLevel
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class Exemption:
    """Findings that are accepted through the day `expires`, in UTC. agent, topic, tool: '' for every one."""

    rule: str
    agent: str
    topic: str
    tool: str
    reason: str
    owner: str
    expires: date
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailPolicy:
    """A whole policy. models: those that are allowed, None if every one is. path: of its file, '' without one."""

    path: str = ""
    models: tuple[PlacedName, ...] | None = None
    properties: tuple[PropertyLine, ...] = ()
    levels: tuple[RuleSetting, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    customer_facing: tuple[PlacedName, ...] = ()
