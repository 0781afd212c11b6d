"""The manifest: what a release ships, to which environments, and how it is rolled back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from wavegate.errors import InputError
from wavegate.release.freeze import Freeze
from wavegate.release.notify_settings import NotifySettings
from wavegate.text import one_line


class Kind(StrEnum):
    """Kinds of shipped components. The manifest has at most one rollback procedure per kind."""

    PROMPTS = "prompts"
    ACTIONS = "actions"
    FLOWS = "flows"
    APEX = "apex"
    PERMISSIONS = "permissions"
    CREDENTIALS = "credentials"
    AGENTS = "agents"
    METADATA = "metadata"

    __hash__ = str.__hash__  # an enum's own is written in Python, and kinds are keys


class RollbackStrategy(StrEnum):
    """How a kind is rolled back: from git, by activating its previous version, by disabling it, or manually."""

    RESTORE = "restore"
    ACTIVATE_PREVIOUS = "activate-previous"
    DISABLE = "disable"
    MANUAL = "manual"


@dataclass(frozen=True, kw_only=True, slots=True)
class RollbackProcedure:
    """How one kind is rolled back. runbook: path of a file in the checkout. owner: `@name` or `@org/team`."""

    kind: Kind
    strategy: RollbackStrategy
    runbook: str | None = None
    owner: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Agent:
    """An agent that the release ships. name: API name. version: pinned version; None means what the commit ships."""

    name: str
    version: int | None = None

    def version_in(self, environment: str) -> int | None:  # noqa: ARG002 - as AgentByEnvironment has it
        """The version that is pinned for an environment, the same for all; None means what the commit ships."""
        return self.version


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentByEnvironment:
    """An agent whose pinned version differs between environments, since each org numbers versions by itself.

    versions: by environment; an environment without an entry ships the version of the commit.
    """

    name: str
    versions: Mapping[str, int]

    def version_in(self, environment: str) -> int | None:
        """The version that is pinned for an environment; None means what the commit ships."""
        return self.versions.get(environment)


@dataclass(frozen=True, kw_only=True, slots=True)
class Included:
    """Further metadata that the release ships. metadata: `Type:FullName`. path: a file or folder of the checkout.

    At least one is given. Both are needed for a type whose files wavegate cannot find by the component's name.
    """

    metadata: str | None = None
    path: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """Details of a prompt or action in the manifest.

    metadata: `Type:FullName`. version: identifier of a prompt version. impact None: the manifest does not say.
    acceptance: acceptance criteria in plain language, by `answer`, `act`, `ask` and `escalate`. acceptance_tests:
    the tests that would notice a breach, by the same keys.
    """

    kind: Kind
    name: str
    metadata: str | None = None
    version: str | None = None
    owner: str | None = None
    impact: Literal["high", "normal"] | None = None
    acceptance: dict[str, str] = field(default_factory=dict)
    acceptance_tests: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Capability:
    """What is expected of an agent or a topic. acceptance, acceptance_tests: as of a `Detail`."""

    kind: Literal["agents", "topics"]
    name: str
    acceptance: dict[str, str]
    acceptance_tests: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Journey:
    """A user journey of high value. tests: names of the tests that cover it."""

    name: str
    tests: tuple[str, ...]
    owner: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """Who fills a role around the agents, such as `serviceLeaders`. owns: in the team's own words."""

    name: str
    owners: tuple[str, ...]
    owns: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassApproval:
    """Which roles must approve a change of a class. name: `codeReview` or `securityReview`. roles: all are needed."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SupportReadiness:
    """What a person confirmed of support. trained: who is. runbook: path of a file in the checkout."""

    trained: str | None = None
    runbook: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Owners:
    """Who is responsible for what: GitHub users or teams, `@name` or `@org/team`."""

    release: tuple[str, ...] = ()
    dashboards: tuple[str, ...] = ()
    escalations: tuple[str, ...] = ()
    kill_switch: tuple[str, ...] = ()


class Strategy(StrEnum):
    """How a cohort gets a release before everyone else.

    pilot-copy, routing-flow: a second agent, beside the live one; reached by a permission set, or by a flow.
    first-launch: a permission set of an agent that was never live. pilot-org: an org of its own. time-boxed: everyone
    gets it.
    """

    PILOT_COPY = "pilot-copy"
    ROUTING_FLOW = "routing-flow"
    FIRST_LAUNCH = "first-launch"
    PILOT_ORG = "pilot-org"
    TIME_BOXED = "time-boxed"


COPYING = frozenset({Strategy.PILOT_COPY, Strategy.ROUTING_FLOW})
"""The strategies that deploy a copy of the agent, and leave the live one as it is."""
LIMITING_BY_ACCESS = frozenset({Strategy.FIRST_LAUNCH, Strategy.PILOT_COPY})
"""The strategies by which a cohort's members get access, and nobody else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cohort:
    """How a pilot cohort gets access.

    strategy None: `first-launch` where the agent was never live, else `pilot-copy`. group: a public group of the org.
    users: further user names of the org. live_agent: what its users have of the live agent while they have a copy.
    flow, constant, value: of a routing flow, the constant that leads conversations to the copy, and its value from
    the cohort's step on.
    """

    name: str
    strategy: Strategy | None = None
    permission_set: str | None = None
    group: str | None = None
    users: tuple[str, ...] = ()
    live_agent: Literal["keep", "remove"] = "keep"
    flow: str | None = None
    constant: str | None = None
    value: float | str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PackGate:
    """The packs that an environment requires. packs None: every pack of the folder."""

    packs: tuple[str, ...] | None = None
    max_evidence_age: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryStep:
    """One step of a canary. cohorts None: everybody."""

    cohorts: tuple[str, ...] | None
    pause: Literal["approval"] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryMetric:
    """One monitored metric. margin: absolute. margin_ratio: relative to the baseline. guard: a failure means hold."""

    name: str
    direction: Literal["increase", "decrease"] | None = None
    margin: float | None = None
    margin_ratio: float | None = None
    guard: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """Policy violations of one severity that a canary tolerates: a count, or a rate per thousand sessions."""

    count: int | None = None
    per_thousand: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Canary:
    """How a canary is monitored and expanded.

    maximum_copied_classes: a pilot copy that needs more copies of Apex classes is refused. reaches_everyone: whether
    components that cannot be copied may change for everyone. stop: when the agents are disabled as well.
    """

    steps: tuple[CanaryStep, ...]
    metrics: tuple[CanaryMetric, ...] = ()
    baseline_window: timedelta = timedelta(days=56)
    initial_delay: timedelta = timedelta(minutes=30)
    interval: timedelta = timedelta(hours=24)
    minimum_sessions: int = 100
    progress_deadline: timedelta = timedelta(days=14)
    confidence: float = 0.95
    policy_budget: dict[str, Budget] = field(default_factory=dict)
    maximum_copied_classes: int = 10
    reaches_everyone: Literal["refuse", "accept"] = "refuse"
    stop: Literal["never", "critical", "rollback"] = "critical"
    dry_run: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """A limit of one signal of the live release. Rates are fractions; latency is in milliseconds; volume per day."""

    name: str
    minimum: float | None = None
    maximum: float | None = None
    guard: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthSettings:
    """What must hold of the live release outside a canary. window: older sessions do not count."""

    thresholds: tuple[Threshold, ...]
    window: timedelta = timedelta(days=7)
    confidence: float = 0.95
    policy_budget: dict[str, Budget] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """What a conversation with the agent costs. currency: its ISO 4217 code."""

    amount: float
    currency: str

    def of(self, conversations: float) -> str:
        """The price of that many conversations, in words."""
        return f"{self.amount * conversations:,.2f} {self.currency}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """One environment. prompts and actions already include inherited ones; defaults are filled in.

    org: name of the org's credentials. expected_org: id of that org, 15 or 18 characters; None accepts any.
    gate: the packs that must pass, in the environment before, for a release to enter. verify: the packs that must
    pass here after a deployment; the gate's by default. states_rollout: whether the manifest has the key, so that
    the settings of a canary are not there by mistake. canary: None unless the rollout is, or was, a canary.
    telemetry: path of the file that says where its sessions are found; None for the usual one.
    """

    name: str
    org: str
    expected_org: str | None = None
    prompts: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    rollout: Literal["all-at-once", "canary"] = "all-at-once"
    states_rollout: bool = False
    pilot_users: tuple[str, ...] = ()
    gate: PackGate = PackGate()
    verify: PackGate
    canary: Canary | None = None
    telemetry: str | None = None
    health: HealthSettings | None = None

    @property
    def current_cohorts(self) -> tuple[str, ...]:
        """The cohorts that get a canary now: the pilot users, else those of its first step."""
        steps = self.canary.steps if self.canary else ()
        return self.pilot_users or (steps[0].cohorts or () if steps else ())


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """A release manifest, read from a file.

    environments: in the order of promotion. resume: whether the release turns stopped agents on again.
    maximum_deletions: largest share (0..1) of the live release's components that a promotion may delete.
    allow_deletions: whether it may delete more. path: relative to the checkout. digest: hexadecimal SHA-256 of the
    file, line endings as LF.
    """

    release: str
    environments: tuple[Environment, ...]
    owners: Owners = Owners()
    agents: tuple[Agent | AgentByEnvironment, ...] = ()
    details: tuple[Detail, ...] = ()
    include: tuple[Included, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    journeys: tuple[Journey, ...] = ()
    roles: tuple[Role, ...] = ()
    classes: tuple[ClassApproval, ...] = ()
    support: SupportReadiness = SupportReadiness()
    rollback: tuple[RollbackProcedure, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    readiness: Literal["warn", "enforce"] = "warn"
    resume: bool = False
    maximum_deletions: float = 0.25
    allow_deletions: bool = False
    price_per_conversation: Price | None = None
    freeze: tuple[Freeze, ...] = ()
    notify: NotifySettings | None = None
    review_cadence: timedelta | None = None
    review_owner: str | None = None
    path: str = field(default="", compare=False)
    digest: str = field(default="", compare=False)

    def environment(self, name: str) -> Environment | None:
        """The environment with this name, or None."""
        return next((each for each in self.environments if each.name == name), None)

    def agents_in(self, environment: str) -> tuple[Agent, ...]:
        """The agents, each with the version that is pinned for that environment."""
        return tuple(Agent(name=each.name, version=each.version_in(environment)) for each in self.agents)

    def pinned_versions(self, environment: str) -> dict[str, int]:
        """The versions that are pinned for an environment, by agent name. Agents without a pin are left out."""
        return {each.name: each.version for each in self.agents_in(environment) if each.version is not None}

    def before(self, name: str) -> Environment | None:
        """The environment in which a release must be live before it enters the named one; None for the first."""
        names = [each.name for each in self.environments]
        index = names.index(name)
        return self.environments[index - 1] if index else None


def environment_of(manifest: Manifest, name: str) -> Environment:
    """The environment with this name. InputError: it does not exist; the fix lists those that do."""
    environment = manifest.environment(name)
    if environment is None:
        known = ", ".join(each.name for each in manifest.environments)
        message = f"The manifest has no environment {one_line(name, 100)}."
        raise InputError(message, fix=f"Choose one of: {known}.", file=manifest.path)
    return environment
