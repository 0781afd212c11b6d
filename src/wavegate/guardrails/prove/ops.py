"""What is executed without a choice, with its conditions as functions."""

from dataclasses import dataclass

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.evaluate import Read, Test
from wavegate.guardrails.prove.monitor import ActionCalled, VariableWritten
from wavegate.guardrails.prove.values import VariableValues


@dataclass(frozen=True, kw_only=True, slots=True)
class SetOp:
    """A variable is set. place: of its value, None if it is not followed. written: for the monitor, or None.

    chosen: the model fills it in. answer: what comes from outside and is assigned by other statements, too; or ''.
    """

    variable: str
    chosen: bool
    place: int | None
    values: VariableValues | None
    read: Read | None
    written: VariableWritten | None
    location: Location
    answer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOp:
    """An action is run without the model's choice. called: for the monitor, or None."""

    action: str
    called: ActionCalled | None
    then: tuple["Op", ...]
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class GoOp:
    """The conversation moves to a topic."""

    topic: str
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class IfOp:
    """A branch. text: the condition for people."""

    test: Test
    text: str
    then: tuple["Op", ...]
    otherwise: tuple["Op", ...]
    location: Location


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenOp:
    """A value that the session or the caller gives. Not executed: it only stands in a trail."""

    variable: str
    location: Location


Op = SetOp | RunOp | GoOp | IfOp | GivenOp
