"""What bounds the agents of one commit, whichever metadata it is written in.

A model has one reading of each agent: what the compiler emits, or what is written where the two differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.expression import Expression


class Force(StrEnum):
    """What a sentence of the instructions asks for."""

    PROHIBITION = "prohibition"
    OBLIGATION = "obligation"
    OTHER = "other"


class ToolKind(StrEnum):
    """What a tool does when the model calls it."""

    ACTION = "action"
    TRANSITION = "transition"
    DELEGATION = "delegation"
    SET = "set"
    ESCALATION = "escalation"
    END = "end"


class VariableKind(StrEnum):
    """Who owns a variable's value: the conversation, a record or session behind it, or the script itself."""

    MUTABLE = "mutable"
    LINKED = "linked"
    CONSTANT = "constant"


class Effect(StrEnum):
    """What calling an action may do outside the conversation."""

    READS = "reads"
    WRITES = "writes"
    DELETES = "deletes"
    CALLS_OUT = "calls out"
    SENDS = "sends"
    PAYS = "pays"
    UNKNOWN = "unknown"


HARMLESS = frozenset({Effect.READS})
"""An action whose effects are only these changes nothing outside."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """One sentence of instructions, with white space joined."""

    text: str
    force: Force
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A setting that bounds behaviour, such as `model`, `runtime.groundedness`, `default_agent_user`."""

    name: str
    value: str
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """When a tool or branch is open. text: the condition as it takes effect. location: of the condition."""

    condition: Expression
    text: str
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """An input that a call binds, or that the model fills in (value: Chosen)."""

    name: str
    value: Expression
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class SetStep:
    """`set @variables.NAME = value`, or an output or flow that writes the variable."""

    variable: str
    value: Expression
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class RunStep:
    """`run @actions.NAME`: executed without the model's choice. then: what follows with its outputs."""

    action: str
    bindings: tuple[Binding, ...]
    then: tuple["Statement", ...]
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class TransitionStep:
    """`transition to @subagent.NAME`: leaves the topic for good."""

    topic: str
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchStep:
    """`if guard: then else: otherwise`; `else if` is a branch inside otherwise."""

    guard: Guard
    then: tuple["Statement", ...]
    otherwise: tuple["Statement", ...]
    location: Location


Statement = SetStep | RunStep | TransitionStep | BranchStep
"""A step of the deterministic half. The instructions' text is in `Topic.instructions`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """An input or output of an action.

    required: the model must fill an input that no call binds. shown: an output that the agent may say aloud
    (`is_displayable`). used: an output that the model sees (`is_used_by_planner` without `filter_from_agent`).
    """

    name: str
    type: str
    location: Location
    required: bool = False
    default: Expression | None = None
    shown: bool = False
    used: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """What a topic can call. target: `scheme://name`, '' if it has none. confirmed: the user is asked first."""

    name: str
    target: str
    confirmed: bool
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]
    description: str
    location: Location
    confirmed_at: Location | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """What the model may choose in a topic while its guard holds (None: always).

    target: of an action its name, of a transition or delegation the topic (or connected agent), else ''.
    bindings: inputs that are bound or filled by the model. then: what follows without the model's choice.
    certain: False if a line of it was not understood, so that its guard may not be what it looks like.
    label: the name that the model sees instead, '' if it has none.
    """

    name: str
    kind: ToolKind
    target: str
    guard: Guard | None
    bindings: tuple[Binding, ...]
    then: tuple[Statement, ...]
    description: str
    location: Location
    certain: bool = True
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """A topic, also called subagent.

    instructions: of the topic. system: those that replace the agent's own in this topic, None if it does not.
    before, during, after: the deterministic steps before reasoning, within the instructions, and after reasoning.
    """

    name: str
    label: str
    description: str
    tools: tuple[Tool, ...]
    actions: tuple[Action, ...]
    instructions: tuple[Sentence, ...]
    location: Location
    system: tuple[Sentence, ...] | None = None
    before: tuple[Statement, ...] = ()
    during: tuple[Statement, ...] = ()
    after: tuple[Statement, ...] = ()
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A variable of the conversation. default: None if it starts without a value. external: a caller may set it."""

    name: str
    kind: VariableKind
    type: str
    default: Expression | None
    external: bool
    source: str
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """What is written and does not take effect, or takes effect otherwise.

    rule: such as `guard/overwritten`. topic, tool: where, '' outside of one. message, fix: sentences.
    """

    rule: str
    topic: str
    tool: str
    location: Location
    message: str
    fix: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """What was not understood: counts as a widening when it changes. topic, tool: where, or ''.

    text: as written, with the lines beneath it. cut: it stands for more than is listed, which may be about anything.
    """

    text: str
    location: Location
    topic: str = ""
    tool: str = ""
    cut: bool = False


class AgentSource(StrEnum):
    """What an agent is written in."""

    SCRIPT = "Agent Script"
    PLANNER = "planner bundle"
    OPAQUE = "metadata that is not modelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentModel:
    """One agent in one reading. start: name of the topic it starts in, '' if every topic may be entered first.

    everywhere: tools that every topic offers besides its own. escalations: where a hand-off to a human goes.
    resets: whether each turn starts in the start topic; None if unknown.
    """

    name: str
    source: AgentSource
    start: str
    topics: tuple[Topic, ...]
    variables: tuple[Variable, ...]
    instructions: tuple[Sentence, ...]
    settings: tuple[Setting, ...]
    location: Location
    everywhere: tuple[Tool, ...] = ()
    everywhere_actions: tuple[Action, ...] = ()
    escalations: tuple[Setting, ...] = ()
    resets: bool | None = None
    unknown: tuple[Unknown, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentReading:
    """An agent as the compiler emits it and as it is written; the same value if nothing is lost. losses: why not."""

    emitted: AgentModel
    written: AgentModel
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeMember:
    """A method of a class, or all of it that is not in a method. calls: addresses such as `apex://Class.method`.

    is_entry: an action, a page or a web service may call it.
    """

    effects: frozenset[Effect] = frozenset()
    objects: frozenset[tuple[Effect, str]] = frozenset()
    calls: frozenset[str] = frozenset()
    dynamic: bool = False
    system_mode: bool = False
    is_entry: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """A flow or an Apex class that an action calls, or that those call.

    id: `flow://Name` or `apex://Name`. effects: of its own statements. objects: `(effect, object)` where the object
    is known. mode: how it sees records, such as `without sharing` or `SystemModeWithoutSharing`, '' if not said.
    system_mode: some statement of it ignores the user's permissions by its own words. calls: addresses of what it
    runs. dynamic: it builds queries or types at run time. members: the methods of a class, by name in lower case,
    with '' for its fields; all the rest is of all of them together.
    """

    id: str
    effects: frozenset[Effect]
    objects: frozenset[tuple[Effect, str]]
    mode: str
    calls: frozenset[str]
    dynamic: bool
    location: Location
    system_mode: bool = False
    members: Mapping[str, CodeMember] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Grant:
    """One permission. kind: object, field, class, flow, agent, user or credential. level: read, create, edit, …"""

    kind: str
    name: str
    level: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PermissionGrants:
    """A permission set, permission set group, or profile, with the place of each grant.

    muting: the grants are of a muting permission set, which takes them away from the groups that it is in.
    """

    name: str
    grants: Mapping[Grant, Location]
    location: Location
    muting: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """The live version of a prompt template. settings: model, data providers, citations and their like."""

    name: str
    sentences: tuple[Sentence, ...]
    settings: tuple[Setting, ...]
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class Guardrails:
    """What bounds the agents of one commit. Each mapping's key is the name, in the case it is written in.

    permissions: profiles, groups and muting permission sets by `Type:Name`. code: by id such as `flow://Name`.
    unknown: files that were not understood, with the reason as text. others: files by agent that define it too and do
    not count, such as older versions, and planners of an agent that has a script. beside: the newest of those
    planners, by agent. namespace: the project's own.
    """

    agents: Mapping[str, AgentReading] = field(default_factory=dict)
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    permissions: Mapping[str, PermissionGrants] = field(default_factory=dict)
    code: Mapping[str, Code] = field(default_factory=dict)
    unknown: tuple[Unknown, ...] = ()
    others: Mapping[str, tuple[Location, ...]] = field(default_factory=dict)
    beside: Mapping[str, AgentReading] = field(default_factory=dict)
    namespace: str = ""
