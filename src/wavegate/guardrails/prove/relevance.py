"""Which variables bear on a property, and how closely: those of its conditions, then those that decide these."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from wavegate.guardrails.conditions.domains import references
from wavegate.guardrails.conditions.expression import Expression
from wavegate.guardrails.model import (
    AgentModel,
    BranchStep,
    RunStep,
    SetStep,
    Statement,
    Tool,
    ToolKind,
    Topic,
    TransitionStep,
)
from wavegate.guardrails.prove.meanings import NameMeanings
from wavegate.guardrails.prove.monitor import Monitor
from wavegate.guardrails.topology import steps_in

_UNCONNECTED = 50
"""The distance of a topic from which nothing that concerns the property is reached."""
_EVENT, _MOVE = 1, 2


def variables_of(expression: Expression) -> set[str]:
    """The names of the variables that an expression reads, without their fields."""
    return {
        reference.name
        for reference in references(expression).values()
        if reference.space == "variables" and not reference.rest
    }


def statements_of(model: AgentModel, topic: Topic) -> Iterator[tuple[Statement, Tool | None]]:
    """All statements of a topic with the tool that they follow."""
    for statement in steps_in((*topic.before, *topic.during, *topic.after)):
        yield statement, None
    for tool in tools_of(model, topic):
        for statement in steps_in(tool.then):
            yield statement, tool


def tools_of(model: AgentModel, topic: Topic) -> tuple[Tool, ...]:
    """What the model may choose in a topic."""
    return (*topic.tools, *model.everywhere)


def is_confirmed(model: AgentModel, topic: Topic, action: str) -> bool:
    """Whether the user is asked before the action is called in the topic."""
    definitions = (*topic.actions, *model.everywhere_actions)
    return any(each.confirmed for each in definitions if each.name == action)


def relevant_variables(model: AgentModel, monitor: Monitor) -> dict[str, int]:
    """The variables whose values bear on the property with their distance from it, nearest first.

    A variable that is left out guards only what neither concerns the property nor changes a variable that does.
    """
    declared = {variable.name for variable in model.variables}
    seeking = _Relevance(model, monitor, NameMeanings(model))
    if monitor.condition is not None:
        seeking.note(monitor.condition, 0)
    seeking.settle()
    found = {name: distance for name, distance in seeking.distances.items() if name in declared}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


@dataclass(slots=True)
class _Relevance:
    model: AgentModel
    monitor: Monitor
    meanings: NameMeanings
    distances: dict[str, int] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)
    changed: bool = False

    def settle(self) -> None:
        self.topics = _topic_distances(self.model, self.monitor, self.meanings)
        self.changed = True
        while self.changed:
            self.changed = False
            for topic in self.model.topics:
                self.look_at(topic)

    def note(self, condition: Expression, distance: int) -> None:
        for name in variables_of(condition):
            if self.distances.get(name, distance + 1) > distance:
                self.distances[name] = distance
                self.changed = True

    def look_at(self, topic: Topic) -> None:
        again = [self.of(statement) for statement in topic.during]
        for tool in tools_of(self.model, topic):
            ranks = [rank for rank in (self.of_tool(tool), *again) if rank is not None]
            if ranks and tool.guard is not None:
                self.note(tool.guard.condition, min(ranks))
        for statement in (*topic.before, *topic.after):
            self.of(statement)

    def of_tool(self, tool: Tool) -> int | None:
        ranks = [self.of(statement) for statement in tool.then]
        if self.meanings.of_tool(tool) & self.monitor.actions or tool.kind is ToolKind.ESCALATION:
            ranks.append(_EVENT)
        if tool.kind in (ToolKind.TRANSITION, ToolKind.DELEGATION):
            ranks.append(self.of_move(tool.target))
        return min((rank for rank in ranks if rank is not None), default=None)

    def of_move(self, topic: str) -> int:
        return _MOVE + self.topics.get(topic, _UNCONNECTED)

    def of(self, statement: Statement) -> int | None:
        """How closely a statement concerns the property; None if it does not. Notes what it depends on."""
        match statement:
            case SetStep():
                return self.of_set(statement)
            case TransitionStep(topic=topic):
                return self.of_move(topic)
            case RunStep(action=action, then=then):
                ranks = [self.of(inner) for inner in then]
                ranks.append(_EVENT if action in self.monitor.actions else None)
            case BranchStep(then=then, otherwise=otherwise):
                ranks = [self.of(inner) for inner in (*then, *otherwise)]
        rank = min((rank for rank in ranks if rank is not None), default=None)
        if rank is not None and isinstance(statement, BranchStep):
            self.note(statement.guard.condition, rank)
        return rank

    def of_set(self, statement: SetStep) -> int | None:
        if statement.variable in self.distances:
            rank = self.distances[statement.variable] + 1
            self.note(statement.value, rank)
            return rank
        return _EVENT if statement.variable == self.monitor.variable else None


def _topic_distances(model: AgentModel, monitor: Monitor, meanings: NameMeanings) -> dict[str, int]:
    """How many moves each topic is away from what concerns the property."""
    moves = {topic.name: _moves(model, topic) for topic in model.topics}
    pending = [topic.name for topic in model.topics if _concerns(model, topic, monitor, meanings)]
    distances = dict.fromkeys(pending, 0)
    for name in pending:
        for other, targets in moves.items():
            if name in targets and other not in distances:
                distances[other] = distances[name] + 1
                pending.append(other)
    return distances


def _moves(model: AgentModel, topic: Topic) -> set[str]:
    steps = {each.topic for each, _ in statements_of(model, topic) if isinstance(each, TransitionStep)}
    kinds = (ToolKind.TRANSITION, ToolKind.DELEGATION)
    return steps | {tool.target for tool in tools_of(model, topic) if tool.kind in kinds}


def _concerns(model: AgentModel, topic: Topic, monitor: Monitor, meanings: NameMeanings) -> bool:
    if any(meanings.of_tool(tool) & monitor.actions for tool in tools_of(model, topic)):
        return True
    return any(
        (isinstance(each, RunStep) and each.action in monitor.actions)
        or (isinstance(each, SetStep) and each.variable == monitor.variable)
        for each, _ in statements_of(model, topic)
    )
