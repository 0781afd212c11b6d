"""What is watched during a conversation, one monitor for each form of property."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from wavegate.guardrails.conditions.emit import shown
from wavegate.guardrails.conditions.evaluate import Evaluator, Test, Valuation
from wavegate.guardrails.conditions.expression import Expression
from wavegate.guardrails.properties import (
    AlwaysConfirm,
    AtMost,
    NeverBefore,
    NeverBeforeValue,
    NeverUnless,
    OnlyFrom,
    Property,
    Reachable,
    SetOnlyBy,
)
from wavegate.text import pluralize


class ActionCalled(NamedTuple):
    """A call of an action. names: of the action and of the tool. confirmed: the user is asked before."""

    names: frozenset[str]
    topic: str
    confirmed: bool


class VariableWritten(NamedTuple):
    """A variable is set. sources: names of the topic, tool and action that do it. chosen: the model fills it in."""

    variable: str
    sources: frozenset[str]
    chosen: bool


class Watched(NamedTuple):
    """What a monitor remembers after an event. violation: a sentence, '' if there is none. certain: it is one."""

    memory: int
    violation: str = ""
    certain: bool = True


@dataclass(kw_only=True, slots=True)
class Monitor:
    """Watches the events that concern a property; the memory is a small number.

    subject: the action that the property is about, or ''. actions: names whose calls the monitor wants to see.
    variable: whose writing it wants to see. condition: what it reads.
    """

    subject: str = ""
    actions: frozenset[str] = frozenset()
    variable: str = ""
    condition: Expression | None = None
    test: Test | None = field(default=None, init=False)

    def bind(self, evaluator: Evaluator) -> None:
        """Prepares the condition for valuations of the evaluator's form."""
        self.test = evaluator.test(self.condition) if self.condition else None

    def called(self, call: ActionCalled, valuation: Valuation, memory: int) -> Watched:  # noqa: ARG002
        """What a call means; the valuation is that of the moment before it."""
        return Watched(memory)

    def written(self, write: VariableWritten, memory: int) -> Watched:  # noqa: ARG002
        """What the writing of the variable means."""
        return Watched(memory)

    def valued(self, valuation: Valuation, memory: int) -> int:  # noqa: ARG002
        """What the values of the variables mean, at the start and after each change."""
        return memory


def monitor_of(watched: Property) -> Monitor:
    """The monitor of a property."""
    match watched:
        case NeverUnless(action=action, condition=condition):
            return _Unless(subject=action, actions=frozenset({action}), condition=condition)
        case NeverBefore(action=action, other=other):
            return _Before(subject=action, actions=frozenset({action, other}), other=other)
        case NeverBeforeValue(action=action, condition=condition):
            return _BeforeValue(subject=action, actions=frozenset({action}), condition=condition)
        case AlwaysConfirm(action=action):
            return _Confirmed(subject=action, actions=frozenset({action}))
        case OnlyFrom(action=action, topics=topics):
            return _OnlyFrom(subject=action, actions=frozenset({action}), topics=topics)
        case AtMost(action=action, times=times):
            return _AtMost(subject=action, actions=frozenset({action}), times=times)
        case SetOnlyBy(variable=variable, sources=sources):
            return _SetOnlyBy(variable=variable, sources=frozenset(sources))
        case Reachable():
            return Monitor()


@dataclass(kw_only=True, slots=True)
class _Unless(Monitor):
    def called(self, call: ActionCalled, valuation: Valuation, memory: int) -> Watched:  # noqa: ARG002
        holds = self.test(valuation) if self.test else None
        if holds or self.condition is None:
            return Watched(memory)
        unknown = " is not known to hold" if holds is None else " does not hold"
        return Watched(memory, f"`{shown(self.condition)}`{unknown} when it is called", certain=holds is False)


@dataclass(kw_only=True, slots=True)
class _Before(Monitor):
    other: str

    def called(self, call: ActionCalled, valuation: Valuation, memory: int) -> Watched:  # noqa: ARG002
        after = 1 if self.other in call.names else memory
        if self.subject in call.names and not memory:
            return Watched(after, f"`{self.other}` was not called before")
        return Watched(after)


@dataclass(kw_only=True, slots=True)
class _BeforeValue(Monitor):
    def valued(self, valuation: Valuation, memory: int) -> int:
        return 1 if self.test and self.test(valuation) else memory

    def called(self, call: ActionCalled, valuation: Valuation, memory: int) -> Watched:  # noqa: ARG002
        if memory or self.condition is None:
            return Watched(memory)
        certain = self.test is not None and self.test(valuation) is False
        return Watched(memory, f"`{shown(self.condition)}` never held before", certain=certain)


@dataclass(kw_only=True, slots=True)
class _Confirmed(Monitor):
    def called(self, call: ActionCalled, valuation: Valuation, memory: int) -> Watched:  # noqa: ARG002
        return Watched(memory) if call.confirmed else Watched(memory, "the user is not asked")


@dataclass(kw_only=True, slots=True)
class _OnlyFrom(Monitor):
    topics: Sequence[str]

    def called(self, call: ActionCalled, valuation: Valuation, memory: int) -> Watched:  # noqa: ARG002
        return Watched(memory) if call.topic in self.topics else Watched(memory, f"it is called from `{call.topic}`")


@dataclass(kw_only=True, slots=True)
class _AtMost(Monitor):
    times: int

    def called(self, call: ActionCalled, valuation: Valuation, memory: int) -> Watched:  # noqa: ARG002
        if memory < self.times:
            return Watched(memory + 1)
        return Watched(memory, f"it is called {pluralize(self.times + 1, 'time')}")


@dataclass(kw_only=True, slots=True)
class _SetOnlyBy(Monitor):
    sources: frozenset[str]

    def written(self, write: VariableWritten, memory: int) -> Watched:
        if write.chosen:
            return Watched(memory, "the model fills it in")
        if self.sources & write.sources:
            return Watched(memory)
        names = ", ".join(f"`{name}`" for name in sorted(write.sources))
        return Watched(memory, f"it is set by {names or 'a step of a topic'}")
