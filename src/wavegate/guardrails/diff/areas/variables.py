"""Variables: who may set them, and what they start as."""

from collections.abc import Iterator
from dataclasses import dataclass

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.expression import Chosen, Expression
from wavegate.guardrails.diff.agent_pair import AgentPair
from wavegate.guardrails.diff.areas.bindings import shown
from wavegate.guardrails.diff.change import GuardrailChange, Sides, changed
from wavegate.guardrails.diff.expressions import plain, variables_in
from wavegate.guardrails.diff.relation import holds_at_start
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.guardrails.diff.view import AgentView
from wavegate.guardrails.model import Binding, Tool, ToolKind, Topic, Variable


def variable_changes(agent: AgentPair) -> Iterator[GuardrailChange]:
    """How the variables of an agent changed. One that comes or goes counts by what uses it."""
    before = {each.name: each for each in agent.before.model.variables}
    after = {each.name: each for each in agent.after.model.variables}
    for name, old in before.items():
        if name in after:
            yield from _declaration_change(agent, old, after[name])
        elif name in agent.after.decisive:
            sides = Sides(before=old.location, after=agent.after.model.location, texts=(_declared(old), ""))
            yield _undeclared(agent, sides, f"`{name}` is still read, and no longer declared.")
        elif old.external:
            sides = Sides(before=old.location, after=agent.after.model.location)
            yield changed(
                "variable/internal", agent.subject(), sides, f"A caller can no longer set `{name}`: it is gone."
            )
    for name, new in after.items():
        if name not in before and name in agent.before.decisive:
            sides = Sides(before=agent.before.model.location, after=new.location, texts=("", _declared(new)))
            yield _undeclared(agent, sides, f"`{name}` was read before, and is declared only now.")
        elif name not in before and new.external:
            sides = Sides(before=agent.before.model.location, after=new.location)
            message = f"A caller can set the new variable `{name}`."
            yield changed("variable/external", agent.subject(), sides, message, change_class=_review(agent, name))
    yield from _written_by_model(agent)


def _undeclared(agent: AgentPair, sides: Sides, message: str) -> GuardrailChange:
    review = ChangeClass.SECURITY_REVIEW
    return changed("variable/source-changed", agent.subject(), sides, message, change_class=review)


def _declaration_change(agent: AgentPair, old: Variable, new: Variable) -> Iterator[GuardrailChange]:
    subject, review = agent.subject(), _review(agent, new.name)
    places = (old.location, new.location)
    if old.external != new.external:
        rule = "variable/external" if new.external else "variable/internal"
        can = "can" if new.external else "can no longer"
        sides = Sides(before=places[0], after=places[1], texts=_visibility(old, new))
        more = review if new.external else None
        yield changed(rule, subject, sides, f"A caller {can} set `{new.name}`.", change_class=more)
    if (old.kind, old.type, old.source) != (new.kind, new.type, new.source):
        sides = Sides(before=places[0], after=places[1], texts=(_declared(old), _declared(new)))
        message = f"`{new.name}` is a {_declared(new)}, not a {_declared(old)}."
        yield changed("variable/source-changed", subject, sides, message, change_class=review)
    if old.default != new.default:
        yield _default_change(agent, old, new)


def _review(agent: AgentPair, name: str) -> ChangeClass | None:
    decides = name in agent.before.decisive | agent.after.decisive
    return ChangeClass.SECURITY_REVIEW if decides else None


def _visibility(old: Variable, new: Variable) -> tuple[str, str]:
    words = {True: "External", False: "Internal"}
    return words[old.external], words[new.external]


def _declared(variable: Variable) -> str:
    source = f" from {variable.source}" if variable.source else ""
    return f"{variable.kind} {variable.type}{source}".replace("  ", " ")


def _default_change(agent: AgentPair, old: Variable, new: Variable) -> GuardrailChange:
    values = (shown(old.default), shown(new.default))
    sides = Sides(before=old.location, after=new.location, texts=values)
    message = f"`{new.name}` starts as {values[1]}, not as {values[0]}"
    conditions = list(_conditions(agent.after, new.name))
    start, was = agent.after.model.variables, agent.before.model.variables
    opened = next((text for each, text in conditions if _opens(each, was, start)), "")
    closed = next((text for each, text in conditions if _opens(each, start, was)), "")
    if opened:
        return changed("variable/default-opens", agent.subject(), sides, f"{message}: `{opened}` holds at the start.")
    if closed:
        message = f"{message}: `{closed}` does not hold at the start any more."
        return changed("variable/default-closes", agent.subject(), sides, message)
    return changed("variable/default-changed", agent.subject(), sides, f"{message}.")


def _opens(condition: Expression, before: tuple[Variable, ...], after: tuple[Variable, ...]) -> bool:
    """Whether a condition may hold at the start where it did not."""
    return holds_at_start(condition, before) is False and holds_at_start(condition, after) is not False


def _conditions(view: AgentView, name: str) -> Iterator[tuple[Expression, str]]:
    """The guards that read a variable."""
    for topic in view.model.topics:
        for tool in view.tools(topic):
            if tool.guard and name in variables_in(tool.guard.condition):
                yield tool.guard.condition, tool.guard.text


def _written_by_model(agent: AgentPair) -> Iterator[GuardrailChange]:
    """Tools by which the model sets a variable, whether it fills the value in or only decides when."""
    before, after = _model_writers(agent.before, agent), _model_writers(agent.after, None)
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old is None and new:
            sides = Sides(
                before=_near(agent.before, new, agent), after=new.binding.location, texts=("", shown(new.value))
            )
            yield _model_may_set(agent, key[1], new, sides)
        elif old and new is None:
            sides = Sides(
                before=old.binding.location, after=_near(agent.after, old, None), texts=(shown(old.value), "")
            )
            yield _model_may_not_set(agent, key[1], old, sides)
        elif old and new and plain(old.value) != plain(new.value):
            texts = (shown(old.value), shown(new.value))
            sides = Sides(before=old.binding.location, after=new.binding.location, texts=texts)
            yield _model_sets_otherwise(agent, key[1], old, new, sides)


def _near(view: AgentView, writer: "WritingTool", agent: AgentPair | None) -> Location:
    name = writer.topic.name
    return view.near(agent.old_name(name) if agent else name, writer.tool.name)


def _model_may_set(agent: AgentPair, variable: str, writer: "WritingTool", sides: Sides) -> GuardrailChange:
    subject, review = agent.subject(writer.topic, writer.tool.name), _review(agent, variable)
    what = "" if isinstance(writer.value, Chosen) else f" to `{shown(writer.value)}`"
    message = f"The model may set `{variable}`{what} by `{writer.tool.name}`."
    return changed("variable/model-written", subject, sides, message, change_class=review)


def _model_may_not_set(agent: AgentPair, variable: str, writer: "WritingTool", sides: Sides) -> GuardrailChange:
    subject = agent.subject(writer.topic, writer.tool.name)
    message = f"The model may no longer set `{variable}` as it likes by `{writer.tool.name}`."
    return changed("variable/model-read-only", subject, sides, message)


def _model_sets_otherwise(
    agent: AgentPair, variable: str, old: "WritingTool", new: "WritingTool", sides: Sides
) -> GuardrailChange:
    if isinstance(new.value, Chosen):
        return _model_may_set(agent, variable, new, sides)
    if isinstance(old.value, Chosen):
        return _model_may_not_set(agent, variable, new, sides)
    subject = agent.subject(new.topic, new.tool.name)
    message = f"`{new.tool.name}` sets `{variable}` to `{sides.texts[1]}`, not to `{sides.texts[0]}`."
    return changed("variable/writer-changed", subject, sides, message, change_class=_review(agent, variable))


@dataclass(frozen=True, kw_only=True, slots=True)
class WritingTool:
    """A tool by which the model sets a variable."""

    topic: Topic
    tool: Tool
    binding: Binding

    @property
    def value(self) -> Expression:
        """What the variable becomes."""
        return self.binding.value


def _model_writers(view: AgentView, agent: AgentPair | None) -> dict[tuple[str, str], WritingTool]:
    """By topic and variable, a tool by which the model sets it. agent: to follow renamed topics."""
    found: dict[tuple[str, str], WritingTool] = {}
    for topic in view.model.topics:
        name = agent.new_name(topic.name) if agent else topic.name
        for tool in view.tools(topic):
            for each in tool.bindings if tool.kind is ToolKind.SET else ():
                writer = WritingTool(topic=topic, tool=tool, binding=each)
                # a value that the model fills in matters more than one that it only chooses the time of
                if isinstance(each.value, Chosen) or (name, each.name) not in found:
                    found[(name, each.name)] = writer
    return found
