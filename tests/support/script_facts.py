"""What bounds the model in each topic, as plain values: of our reading, and of the official compiler's output.

Both sides of the comparison have the shape `{node: {aspect: value}}`, so that a difference names node and aspect.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from wavegate.guardrails.conditions.emit import emitted_text
from wavegate.guardrails.conditions.expression import Chosen, Expression
from wavegate.guardrails.model import (
    Action,
    AgentModel,
    Binding,
    BranchStep,
    RunStep,
    SetStep,
    Statement,
    Tool,
    ToolKind,
    Topic,
    TransitionStep,
    VariableKind,
)

Facts = dict[str, dict[str, Any]]

NEXT = "AgentScriptInternal_next_topic"
INSTRUCTIONS = "AgentScriptInternal_agent_instructions"
SLOT = "AgentScriptInternal_condition_"
UPDATE = "__state_update_action__"
NOWHERE = '"__EMPTY__"'
SETTLED = f'state.{NEXT}=="__EMPTY__"'

_ALIASES = {
    "prompt": "generatePromptResponse",
    "serviceCatalog": "createCatalogItemRequest",
    "integrationProcedureAction": "executeIntegrationProcedure",
    "expressionSet": "runExpressionSet",
    "placeholder": "stub",
}
_REFERENCE = re.compile(r"@variables\.(\w+)")
_PLACES = (
    ("@outputs.", "result."),
    ("@outputs[", "result["),
    ("@inputs.", "inputs."),
    ("@system_variables.user_input", "system.input_text"),
)


def compiled_facts(nodes: Iterable[Mapping[str, Any]]) -> Facts:
    """Of the nodes in the compiler's output; connected agents have none of their own."""
    found = {node["developer_name"]: (node["type"], _of_node(node)) for node in nodes}
    return {
        name: _of_router(facts) if kind == "router" else facts
        for name, (kind, facts) in found.items()
        if kind in {"subagent", "router", "byon"}
    }


def model_facts(model: AgentModel) -> Facts:
    """Of our reading, as the compiler would print it."""
    linked = {each.name for each in model.variables if each.kind is VariableKind.LINKED}
    knowledge = {each.name: each.value for each in model.settings if each.name.startswith("knowledge.")}
    writer = _Writer(linked, {f"@{name}": _literal(value) for name, value in knowledge.items()})
    return {topic.name: writer.topic(topic) for topic in model.topics}


def _of_node(node: Mapping[str, Any]) -> dict[str, Any]:
    tools = node.get("tools") or []
    return {
        "tools": [(each["name"], each["target"], each.get("enabled")) for each in tools],
        "inputs": [(each["name"], each.get("bound_inputs") or {}, each.get("llm_inputs") or []) for each in tools],
        "updates": [(each["name"], _updates(each)) for each in tools],
        "actions": [_of_definition(each) for each in node.get("action_definitions") or []],
        "hand-offs": [each["target"] for each in node.get("after_all_tool_calls") or []],
        "before": _of_actions(node.get("before_reasoning")),
        "during": _of_actions(node.get("before_reasoning_iteration")),
        "after": _of_actions(node.get("after_reasoning")),
        "then": [(each["target"], _of_actions(each["actions"])) for each in node.get("post_tool_call") or []],
    }


def _of_router(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a node whose tools name their topics, as if it handed off to them."""
    targets = [(name, target) for name, target, _ in facts["tools"]]
    return facts | {
        "tools": [(name, UPDATE, enabled) for name, _, enabled in facts["tools"]],
        "updates": [(name, [(NEXT, f'"{target}"')]) for name, target in targets],
        "hand-offs": [target for _, target in targets],
    }


def _of_definition(action: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        action["developer_name"],
        f"{action['invocation_target_type']}://{action['invocation_target_name']}",
        action["require_user_confirmation"],
        [(each["developer_name"], each["required"]) for each in action.get("input_type") or []],
        [
            (each["developer_name"], each["is_displayable"], each["is_used_by_planner"])
            for each in action.get("output_type") or []
        ],
    )


def _of_actions(actions: Iterable[Mapping[str, Any]] | None) -> list[tuple[Any, ...]]:
    """Without what only appends to the instructions."""
    return [
        (each["target"], each.get("enabled"), each.get("bound_inputs") or {}, each.get("llm_inputs") or [], updates)
        for each in actions or ()
        if (updates := _updates(each)) or each["target"] != UPDATE
    ]


def _updates(action: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = (pair for update in action.get("state_updates") or () for pair in update.items())
    return [(name, text) for name, text in pairs if name != INSTRUCTIONS]


def _literal(value: str) -> str:
    return value if value in {"True", "False"} else f'"{value}"'


class _Writer:
    """Prints a model's parts as the compiler does.

    linked: variables that belong to a record. constants: text of what the compiler replaces by its value.
    """

    def __init__(self, linked: set[str], constants: Mapping[str, str]) -> None:
        self._linked = linked
        self._places = [*_PLACES, *constants.items()]

    def text(self, expression: Expression) -> str:
        printed = emitted_text(expression)
        for ours, theirs in self._places:
            printed = printed.replace(ours, theirs)
        return _REFERENCE.sub(lambda match: f"{self._space(match[1])}.{match[1]}", printed)

    def _space(self, variable: str) -> str:
        return "variables" if variable in self._linked else "state"

    def topic(self, topic: Topic) -> dict[str, Any]:
        required = {each.name: [one.name for one in each.inputs if one.required] for each in topic.actions}
        optional = {each.name: {one.name for one in each.inputs if one.default is not None} for each in topic.actions}
        custom = any(each.name == "schema" for each in topic.settings)
        filled = {name: [one for one in names if one not in optional[name]] for name, names in required.items()}
        filled = {} if custom else filled
        return {
            "tools": [self.tool(each) for each in topic.tools],
            "inputs": [(each.label or each.name, *self.inputs(each, filled)) for each in topic.tools],
            "updates": [(each.label or each.name, self.updates(each)) for each in topic.tools],
            "actions": [self.action(each) for each in topic.actions],
            "hand-offs": [target for each in topic.tools for target in self.hand_offs(each)],
            "before": self.procedure(topic.before),
            "during": list(self.steps(topic.during, [], "", {})),
            "after": self.procedure(topic.after),
            "then": [
                (each.target, steps)
                for each in topic.tools
                if each.kind in {ToolKind.ACTION, ToolKind.DELEGATION}
                and (steps := list(self.post(each.then, filled)))
            ],
        }

    def action(self, action: Action) -> tuple[Any, ...]:
        scheme, found, name = action.target.partition("://")
        target = f"{_ALIASES.get(scheme, scheme)}://{name}" if found else f"externalService://{action.name}"
        return (
            action.name,
            f"stub://{action.name}" if scheme == "placeholder" else target,
            action.confirmed,
            [(each.name, each.required) for each in action.inputs],
            [(each.name, each.shown, each.used) for each in action.outputs],
        )

    def tool(self, tool: Tool) -> tuple[Any, ...]:
        targets = {
            ToolKind.ACTION: tool.target,
            ToolKind.DELEGATION: tool.target,
            ToolKind.END: "__end_session_action__",
        }
        enabled = self.text(tool.guard.condition) if tool.guard else None
        return (tool.label or tool.name, targets.get(tool.kind, UPDATE), enabled)

    def inputs(self, tool: Tool, filled: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], list[str]]:
        if tool.kind is ToolKind.SET:
            return {}, [each.name for each in tool.bindings if isinstance(each.value, Chosen)]
        if tool.kind is not ToolKind.ACTION:
            return {}, []
        return self.bound(tool.bindings, filled.get(tool.target, ()))

    def bound(self, bindings: Iterable[Binding], filled: Iterable[str]) -> tuple[dict[str, str], list[str]]:
        bound = {each.name: self.text(each.value) for each in bindings if not isinstance(each.value, Chosen)}
        chosen = [each.name for each in bindings if isinstance(each.value, Chosen)]
        return bound, chosen + [name for name in filled if name not in bound and name not in chosen]

    def updates(self, tool: Tool) -> list[tuple[str, str]]:
        match tool.kind:
            case ToolKind.TRANSITION:
                return [(NEXT, f'"{tool.target}"')]
            case ToolKind.ESCALATION:
                return [(NEXT, "'__human__'")]
        filled = [each.name for each in tool.bindings if tool.kind is ToolKind.SET and isinstance(each.value, Chosen)]
        if tool.name.startswith("capture_") and tool.description.startswith("Capture fields"):
            return [(each, f'result.{each} if "{each}" in result else state.{each}') for each in filled]
        return [
            (each.variable, f"result.{each.variable}") if each.variable in filled else self.update(each)
            for each in tool.then
            if isinstance(each, SetStep)
        ]

    def update(self, step: SetStep) -> tuple[str, str]:
        return step.variable, self.text(step.value)

    def hand_offs(self, tool: Tool) -> Iterator[str]:
        if tool.kind is ToolKind.TRANSITION and tool.description.startswith("Stop collecting"):
            return  # the compiler emits none, although the tool sets the next topic
        if tool.kind is ToolKind.TRANSITION:
            yield tool.target
        elif tool.kind is ToolKind.ESCALATION:
            yield "__human__"
        else:
            yield from _topics(tool.then)

    def procedure(self, steps: Sequence[Statement]) -> list[tuple[Any, ...]]:
        reset: tuple[Any, ...] = (UPDATE, "True", {}, [], [(NEXT, NOWHERE)])
        if not steps:
            return []
        *before, last = steps
        if not isinstance(last, BranchStep) or not last.guard.text.startswith("a collected"):
            return [reset, *self.steps(steps, [], SETTLED, {})]
        [transition] = last.then
        assert isinstance(transition, TransitionStep)
        enabled = f"({self.text(last.guard.condition)}) and {SETTLED}"
        return [*self.procedure(before), (transition.topic, enabled, {}, [], [(NEXT, NOWHERE)])]

    def steps(
        self, steps: Iterable[Statement], gates: list[str], settled: str, filled: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[Any, ...]]:
        """The flat list of a procedure's actions. gates: conditions of the branches around them."""
        enabled = _enabled(gates, settled)
        for step in steps:
            match step:
                case BranchStep():
                    yield from self.branch(step, gates, settled, filled)
                case TransitionStep():
                    yield from _hand_off(step.topic, enabled)
                case SetStep():
                    yield (UPDATE, enabled, {}, [], [self.update(step)])
                case RunStep():
                    bound = {each.name: self.text(each.value) for each in step.bindings}
                    yield (step.action, enabled, bound, [], [self.update(each) for each in _sets(step)])

    def branch(
        self, step: BranchStep, gates: list[str], settled: str, filled: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[Any, ...]]:
        before: list[str] = []
        links, last = _chain(step)
        for number, link in enumerate(links, 1):
            always = None if settled or gates else "True"
            condition = [(f"{SLOT}{number}", self.text(link.guard.condition))]
            yield (UPDATE, _enabled(gates, settled) or always, {}, [], condition)
            yield from self.steps(link.then, [*gates, *before, f"state.{SLOT}{number}"], settled, filled)
            before.append(f"not (state.{SLOT}{number})")
        yield from self.steps(last, [*gates, *before], settled, filled)

    def post(self, steps: Iterable[Statement], filled: Mapping[str, Sequence[str]]) -> Iterator[tuple[Any, ...]]:
        """What follows a tool."""
        for step in steps:
            if isinstance(step, BranchStep):
                before: list[str] = []
                links, last = _chain(step)
                for number, link in enumerate(links, 1):
                    yield (UPDATE, "True", {}, [], [(f"{SLOT}{number}", self.text(link.guard.condition))])
                    slot = f"state.{SLOT}{number}"
                    gate = " and ".join(f"({each})" for each in (*before, slot)) if before or len(links) > 1 else slot
                    yield from self.gated(link.then, gate, filled)
                    before.append(f"not ({slot})")
                gate = f"not state.{SLOT}1" if len(links) == 1 else " and ".join(before)
                yield from self.gated(last, gate, filled)
            elif isinstance(step, RunStep):
                yield self.run(step, None, filled)

    def gated(
        self, steps: Iterable[Statement], gate: str, filled: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[Any, ...]]:
        for step in steps:
            match step:
                case TransitionStep():
                    yield (UPDATE, gate, {}, [], [(NEXT, f'"{step.topic}"')])
                case SetStep():
                    yield (UPDATE, gate, {}, [], [self.update(step)])
                case RunStep():
                    yield self.run(step, gate, filled)

    def run(self, step: RunStep, gate: str | None, filled: Mapping[str, Sequence[str]]) -> tuple[Any, ...]:
        bound, chosen = self.bound(step.bindings, filled.get(step.action, ()))
        return (step.action, gate, bound, chosen, [self.update(each) for each in _sets(step)])


def _sets(step: RunStep) -> list[SetStep]:
    return [each for each in step.then if isinstance(each, SetStep)]


def _chain(step: BranchStep) -> tuple[list[BranchStep], tuple[Statement, ...]]:
    links = [step]
    while len(links[-1].otherwise) == 1 and isinstance(inner := links[-1].otherwise[0], BranchStep):
        links.append(inner)
    return links, links[-1].otherwise


def _topics(steps: Iterable[Statement]) -> Iterator[str]:
    """The topics that the branches among these steps lead to."""
    for step in steps:
        if isinstance(step, BranchStep):
            for each in (*step.then, *step.otherwise):
                if isinstance(each, TransitionStep):
                    yield each.topic
            yield from _topics((*step.then, *step.otherwise))


def _enabled(gates: list[str], settled: str) -> str | None:
    joined = gates[0] if len(gates) == 1 else " and ".join(f"({each})" for each in gates)
    parts = [each for each in (settled, joined) if each]
    return parts[0] if len(parts) == 1 else " and ".join(f"({each})" for each in parts) or None


def _hand_off(topic: str, enabled: str | None) -> Iterator[tuple[Any, ...]]:
    yield (UPDATE, enabled, {}, [], [(NEXT, f'"{topic}"')])
    yield (topic, f'state.{NEXT}=="{topic}"', {}, [], [(NEXT, NOWHERE)])
