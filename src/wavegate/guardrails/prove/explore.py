"""All conversations of a program, with an adversary in place of the model and the customer, the shortest first."""

from collections import deque
from collections.abc import Iterator

from wavegate.guardrails.prove.choices import Choice, ConversationEdge, ConversationState, Explorer
from wavegate.guardrails.prove.execute import ExhaustedError, PropertyViolation
from wavegate.guardrails.prove.program import Program
from wavegate.guardrails.prove.proof import Bounds
from wavegate.text import pluralize


class Exploration:
    """Explores breadth first. parents: for each state the one before it and the choice, in the order of discovery."""

    def __init__(self, program: Program, bounds: Bounds, *, only_certain: bool = False) -> None:
        self.explorer = Explorer(program, bounds)
        self.bounds = bounds
        self.only_certain = only_certain
        self.parents: dict[ConversationState, tuple[ConversationState | None, Choice]] = {}
        self._queue: deque[ConversationState] = deque()

    def violation(self) -> PropertyViolation | None:
        """The first violation that is met on a shortest conversation; None if there is none.

        Errors: ExhaustedError if a bound is reached before.
        """
        for _ in self._edges():
            found = self._violation()
            if found:
                return found
        return self._violation()

    def edges(self) -> Iterator[tuple[ConversationState | None, ConversationEdge]]:
        """Every choice of every state that can be reached, and the starts. Errors: ExhaustedError."""
        self.explorer.repeating = True
        yield from self._edges()

    def _edges(self) -> Iterator[tuple[ConversationState | None, ConversationEdge]]:
        for edge in self.explorer.first():
            self._discover(None, edge)
            yield None, edge
        while self._queue:
            state = self._queue.popleft()
            for edge in self.explorer.choices(state):
                self._discover(state, edge)
                yield state, edge

    def _violation(self) -> PropertyViolation | None:
        execution = self.explorer.execution
        found, execution.violations = execution.violations, []
        return next((each for each in found if each.certain or not self.only_certain), None)

    def _discover(self, state: ConversationState | None, edge: ConversationEdge) -> None:
        if edge.target is None or edge.target in self.parents or (self.only_certain and not edge.certain):
            return
        self.parents[edge.target] = (state, edge.choice)
        if len(self.parents) > self.bounds.states:
            raise ExhaustedError(f"more than {pluralize(self.bounds.states, 'state')}")
        self._queue.append(edge.target)
