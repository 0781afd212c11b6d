"""`collect @variables.NAME`: the compiler adds a tool that captures the fields, one that cancels, and a resumption.

The topic takes the next turn too until every field has a value, and the model writes each of them. The statement is
experimental in the official compiler.
"""

from collections.abc import Iterator, Sequence

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.expression import AtReference, Binary, Chosen, Expression, Group, Literal
from wavegate.guardrails.model import Binding, BranchStep, Guard, SetStep, Tool, ToolKind, TransitionStep
from wavegate.guardrails.script.lines import keyword, place, reference, rest
from wavegate.guardrails.script.tree import ScriptLine

MAX_FIELDS = 30


def collected(nodes: Sequence[ScriptLine]) -> list[list[str]]:
    """The variables that a topic's instructions collect, step by step. `if` statements in a row are one step."""
    steps: list[list[str]] = []
    branch: list[str] | None = None
    for node in nodes:
        word = keyword(node)
        inside = [] if word == "collect" else [name for child in node.children for name in _field(child)]
        if word in {"if", "else"} and inside:
            if branch is None:
                branch = []
                steps.append(branch)
            branch += [name for name in inside if name not in branch]
        elif word != "else":
            branch = None
            steps += [[name] for name in _field(node)]
    return steps[:MAX_FIELDS]


def _field(node: ScriptLine) -> Iterator[str]:
    if keyword(node) == "collect":
        space, name, _ = reference(rest(node, "collect").text)
        if space == "variables":
            yield name


def collecting_tools(steps: list[list[str]], topic: str, start: str, location: Location) -> tuple[Tool, ...]:
    """The tools that the compiler adds to a topic. start: the topic that cancelling leads to."""
    fields = list(dict.fromkeys(name for step in steps for name in step))
    capture = Tool(
        name=f"capture_{topic}_fields",
        kind=ToolKind.SET,
        target="",
        guard=None,
        bindings=tuple(Binding(name=name, value=Chosen(), location=location) for name in fields),
        then=tuple(SetStep(variable=name, value=Chosen(), location=location) for name in fields),
        description="Capture fields as the user provides them.",
        location=location,
    )
    cancel = Tool(
        name=f"cancel_{topic}_collect",
        kind=ToolKind.TRANSITION,
        target=start,
        guard=None,
        bindings=(),
        then=(),
        description="Stop collecting and return to the start.",
        location=location,
    )
    return (capture, cancel)


def resumption(steps: list[list[str]], topic: str, location: Location) -> BranchStep:
    """What the compiler adds behind reasoning: back into the topic while a field has no value."""
    condition = _joined([_grouped([_missing(name) for name in step], "and") for step in steps], "or")
    text = "a collected field has no value"
    guard = Guard(condition=condition, text=text, location=location)
    then = (TransitionStep(topic=topic, location=location),)
    return BranchStep(guard=guard, then=then, otherwise=(), location=location)


def _missing(name: str) -> Expression:
    return Binary(operator="is", left=AtReference(space="variables", name=name), right=Literal(value=None))


def _grouped(terms: list[Expression], operator: str) -> Expression:
    return terms[0] if len(terms) == 1 else Group(inner=_joined(terms, operator))


def _joined(terms: list[Expression], operator: str) -> Expression:
    """The terms joined from the right: `a or (b or c)`."""
    joined = terms[-1]
    for index, term in enumerate(reversed(terms[:-1])):
        joined = Binary(operator=operator, left=term, right=Group(inner=joined) if index else joined)
    return joined


def collect_place(nodes: Sequence[ScriptLine], path: str) -> Location:
    """Where the first `collect` stands, or the first line of the instructions."""
    pending = list(reversed(nodes))
    while pending:
        node = pending.pop()
        if keyword(node) == "collect":
            return place(node, path)
        pending.extend(reversed(node.children))
    return place(nodes[0], path)
