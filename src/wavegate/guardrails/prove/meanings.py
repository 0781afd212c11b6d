"""What a name in a property means where an action, a tool and a topic share it: the action, else the tool."""

from collections.abc import Iterable

from wavegate.guardrails.model import AgentModel, BranchStep, RunStep, Statement, Tool, ToolKind


class NameMeanings:
    """The meaning of each name in one agent. actions: those that a tool calls or a step runs. tools: the tools."""

    def __init__(self, model: AgentModel) -> None:
        tools = [*model.everywhere, *(tool for topic in model.topics for tool in topic.tools)]
        steps = [step for topic in model.topics for step in (*topic.before, *topic.during, *topic.after)]
        steps += [step for tool in tools for step in tool.then]
        self.actions = {tool.target for tool in tools if tool.kind is ToolKind.ACTION and tool.target}
        self.actions.update(_run(steps))
        self.tools = {tool.name for tool in tools}

    def of_tool(self, tool: Tool) -> frozenset[str]:
        """The names that mean a tool: the action that it calls, and its own if that is not another action's."""
        action = {tool.target} if tool.kind is ToolKind.ACTION and tool.target else set()
        own = {tool.name} - self.actions
        return frozenset(action | own)

    def of_topic(self, name: str) -> frozenset[str]:
        """The name of a topic if it means the topic."""
        return frozenset({name}) - self.actions - self.tools


def _run(steps: Iterable[Statement]) -> set[str]:
    found: set[str] = set()
    waiting = list(steps)
    while waiting:
        match waiting.pop():
            case RunStep(action=action, then=then):
                found.add(action)
                waiting += then
            case BranchStep(then=then, otherwise=otherwise):
                waiting += (*then, *otherwise)
            case _:
                pass
    return found
