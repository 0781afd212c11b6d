"""The manifest: what a release ships, to which environments, and how it comes back."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from wavegate.errors import InputError
from wavegate.text import one_line


class Kind(StrEnum):
    """Kinds of what a release ships; the manifest has one rollback procedure for each."""

    PROMPTS = "prompts"
    ACTIONS = "actions"
    FLOWS = "flows"
    APEX = "apex"
    PERMISSIONS = "permissions"
    CREDENTIALS = "credentials"
    AGENTS = "agents"

    __hash__ = str.__hash__  # an enum's own is written in Python, and kinds are keys


class RollbackStrategy(StrEnum):
    """How a kind comes back: from git, by activating the previous version, by turning it off, or by hand."""

    RESTORE = "restore"
    ACTIVATE_PREVIOUS = "activate-previous"
    DISABLE = "disable"
    MANUAL = "manual"


@dataclass(frozen=True, kw_only=True, slots=True)
class RollbackProcedure:
    """How one kind comes back. runbook: a file of the checkout."""

    kind: Kind
    strategy: RollbackStrategy
    runbook: str | None = None
    owner: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Agent:
    """An agent that the release ships. name: API name. version: pinned version; None takes the newest."""

    name: str
    version: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """Detail for a prompt or action that the manifest names.

    metadata: `Type:FullName`. version: a prompt version's identifier. acceptance: criteria in plain language,
    keyed by answer, act, ask, escalate.
    """

    kind: Kind
    name: str
    metadata: str | None = None
    version: str | None = None
    owner: str | None = None
    impact: Literal["high", "normal"] = "normal"
    acceptance: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Owners:
    """Who answers for what: GitHub users or teams, `@name` or `@org/team`."""

    release: tuple[str, ...] = ()
    dashboards: tuple[str, ...] = ()
    escalations: tuple[str, ...] = ()
    kill_switch: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Cohort:
    """How a pilot cohort is let in. group: a public group of the org. users: user names of the org beside it."""

    name: str
    strategy: Literal["permission-set", "routing", "pilot-org", "time-boxed"]
    permission_set: str | None = None
    group: str | None = None
    users: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PackGate:
    """Packs that an environment asks for. packs None: every pack of the folder."""

    packs: tuple[str, ...] | None = None
    max_evidence_age: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryStep:
    """One step of a canary. cohorts None: everybody."""

    cohorts: tuple[str, ...] | None
    pause: Literal["approval"] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryMetric:
    """One watched metric. margin: absolute. margin_ratio: of the baseline. guard: a failure means hold."""

    name: str
    direction: Literal["increase", "decrease"] | None = None
    margin: float | None = None
    margin_ratio: float | None = None
    guard: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """Policy violations of one severity that a canary may have: a count, or a rate per thousand sessions."""

    count: int | None = None
    per_thousand: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Canary:
    """How a canary is watched and expanded."""

    steps: tuple[CanaryStep, ...]
    metrics: tuple[CanaryMetric, ...] = ()
    baseline_window: timedelta = timedelta(days=14)
    initial_delay: timedelta = timedelta(minutes=30)
    interval: timedelta = timedelta(hours=24)
    minimum_sessions: int = 100
    progress_deadline: timedelta = timedelta(days=14)
    confidence: float = 0.95
    policy_budget: dict[str, Budget] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """One environment, in the order of promotion; prompts and actions are already inherited.

    org: name of the org's credentials. canary: of an environment that rolls out by one, with defaults filled in.
    """

    name: str
    prompts: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    org: str = ""
    rollout: Literal["all-at-once", "canary"] = "all-at-once"
    pilot_users: tuple[str, ...] = ()
    gate: PackGate = PackGate()
    verify: PackGate | None = None
    canary: Canary | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """A release manifest as read from a file.

    path: where it was read, relative to the checkout. digest: `sha256` of the file, hexadecimal.
    """

    release: str
    environments: tuple[Environment, ...]
    owners: Owners = Owners()
    agents: tuple[Agent, ...] = ()
    details: tuple[Detail, ...] = ()
    rollback: tuple[RollbackProcedure, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    readiness: Literal["warn", "enforce"] = "warn"
    review_cadence: timedelta | None = None
    review_owner: str | None = None
    path: str = field(default="", compare=False)
    digest: str = field(default="", compare=False)

    def environment(self, name: str) -> Environment | None:
        """The environment of that name, or None."""
        return next((each for each in self.environments if each.name == name), None)

    def before(self, name: str) -> Environment | None:
        """The environment that a release must hold before it enters the named one; None for the first."""
        names = [each.name for each in self.environments]
        index = names.index(name)
        return self.environments[index - 1] if index else None


def environment_of(manifest: Manifest, name: str) -> Environment:
    """The environment of that name. Raises InputError that says which there are."""
    environment = manifest.environment(name)
    if environment is None:
        known = ", ".join(each.name for each in manifest.environments)
        message = f"The manifest has no environment {one_line(name, 100)}."
        raise InputError(message, fix=f"It has {known}.", file=manifest.path)
    return environment
