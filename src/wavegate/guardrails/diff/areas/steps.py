"""What a topic does without the model's choice: gates, runs and assignments."""

from collections.abc import Iterator, Mapping

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.agent_pair import AgentPair, TopicPair
from wavegate.guardrails.diff.areas.bindings import bound, input_changes, shown
from wavegate.guardrails.diff.areas.guards import condition_change
from wavegate.guardrails.diff.change import GuardrailChange, Sides, changed
from wavegate.guardrails.diff.effect_words import in_words
from wavegate.guardrails.diff.expressions import plain
from wavegate.guardrails.diff.pairing import paired
from wavegate.guardrails.diff.relation import related
from wavegate.guardrails.diff.rules import ChangeClass, Direction
from wavegate.guardrails.diff.steps import PHASES, TakenStep, steps_in
from wavegate.guardrails.diff.view import AgentView
from wavegate.guardrails.model import RunStep, SetStep, Topic, TransitionStep


def step_changes(topic: TopicPair, tools: Mapping[str, str]) -> Iterator[GuardrailChange]:
    """How the deterministic half of a topic changed. tools: new names of renamed tools."""
    agent = topic.agent
    before, after = list(steps_in(topic.before)), list(steps_in(topic.after))
    bases = {id(each): _base(each, agent, tools) for each in before} | {
        id(each): _base(each, None, {}) for each in after
    }

    def likeness(old: TakenStep, new: TakenStep) -> float:
        return 1.0 if bases[id(old)] == bases[id(new)] else 0.0

    def name(step: TakenStep) -> object:
        value = plain(step.statement.value) if isinstance(step.statement, SetStep) else None
        return (bases[id(step)], repr(plain(step.condition)), repr(value))

    pairs = paired(before, after, name, likeness, least=1)
    for old, new in pairs.both:
        yield from _step_change(topic, old, new)
    for old in pairs.removed:
        yield from _gone(topic, old)
    for new in pairs.added:
        yield from _come(topic, new)


def _base(step: TakenStep, agent: AgentPair | None, tools: Mapping[str, str]) -> object:
    """What a step does and where, whatever its condition and value."""
    where = (step.phase, tools.get(step.tool, step.tool))
    match step.statement:
        case TransitionStep(topic=target):
            return (*where, "transition", agent.new_name(target) if agent else target)
        case RunStep(action=action):
            return (*where, "run", action)
        case SetStep(variable=variable):
            return (*where, "set", variable)


def _step_change(topic: TopicPair, old: TakenStep, new: TakenStep) -> Iterator[GuardrailChange]:
    match (old.statement, new.statement):
        case (TransitionStep(), TransitionStep()):
            yield from _gate_change(topic, old, new)
            return
        case (RunStep() as was, RunStep() as now):
            yield from _run_change(topic, old, new, (was, now))
        case (SetStep() as was, SetStep() as now):
            yield from _assignment_change(topic, old, new, (was, now))
    yield from _moved_over_a_gate(topic, old, new)


def _sides(old: TakenStep, new: TakenStep) -> Sides:
    return Sides(before=old.statement.location, after=new.statement.location, texts=(old.text, new.text))


def _run_change(
    topic: TopicPair, old: TakenStep, new: TakenStep, runs: tuple[RunStep, RunStep]
) -> Iterator[GuardrailChange]:
    subject, name = topic.subject(new.tool), f"`run {runs[1].action}`"
    conditions = (old.condition, new.condition)
    if change := condition_change(name, conditions, subject, _sides(old, new), topic.agent.variables):
        yield change
    places = (runs[0].location, runs[1].location)
    yield from input_changes(bound(runs[0].bindings), bound(runs[1].bindings), subject, places, name)


def _gate_change(topic: TopicPair, old: TakenStep, new: TakenStep) -> Iterator[GuardrailChange]:
    """A gate that leaves in fewer cases is weaker."""
    found = related(old.condition, new.condition, topic.agent.variables)
    if found.relates in ("same", "equivalent"):
        return
    subject, sides = topic.subject(new.tool), _sides(old, new)
    if found.relates == "wider":
        message = f"The topic is left for `{new.leads_to}` also for {found.witness}: {new.when}, not {old.when}."
        yield changed("gate/added", subject, sides, message)
        return
    example = f", as with {found.witness}" if found.witness else ""
    message = f"The gate to `{new.leads_to}` is weaker{example}: it fires {new.when}, not {old.when}."
    direction = Direction.UNKNOWN if found.relates == "unknown" else None
    yield changed("gate/removed", subject, sides, message, direction=direction)


def _moved_over_a_gate(topic: TopicPair, old: TakenStep, new: TakenStep) -> Iterator[GuardrailChange]:
    """A step that a gate kept from running, and that now comes before the gate; or the reverse."""
    agent, subject, what = topic.agent, topic.subject(new.tool), _named(new)
    was = {agent.new_name(each) for each in old.behind}
    had = {agent.new_name(each.leads_to) for each in steps_in(topic.before) if _is_gate(each)}
    has = {each.leads_to for each in steps_in(topic.after) if _is_gate(each)}
    for gate in sorted((was - new.behind) & has):
        message = f"{what} comes before the gate to `{gate}`, not after it."
        yield changed("gate/removed", subject, _sides(old, new), message)
    for gate in sorted((new.behind - was) & had):
        message = f"{what} comes after the gate to `{gate}`, not before it."
        yield changed("gate/added", subject, _sides(old, new), message)


def _is_gate(step: TakenStep) -> bool:
    return step.phase == "before" and bool(step.leads_to)


def _assignment_change(
    topic: TopicPair, old: TakenStep, new: TakenStep, steps: tuple[SetStep, SetStep]
) -> Iterator[GuardrailChange]:
    was, now = steps
    values, variable = (shown(was.value), shown(now.value)), now.variable
    sides = Sides(before=was.location, after=now.location, texts=values)
    if plain(was.value) != plain(now.value):
        message = f"`{variable}` is set to `{values[1]}` {_where(new)}, not to `{values[0]}`."
    elif related(old.condition, new.condition, topic.agent.variables).relates not in ("same", "equivalent"):
        message = f"`{variable}` is set {_where(new)} {new.when}, not {old.when}."
    else:
        return
    yield _assignment(topic, variable, new, sides, message)


def _assignment(topic: TopicPair, variable: str, step: TakenStep, sides: Sides, message: str) -> GuardrailChange:
    decides = variable in topic.agent.before.decisive | topic.agent.after.decisive
    review = ChangeClass.SECURITY_REVIEW if decides else None
    return changed("variable/writer-changed", topic.subject(step.tool), sides, message, change_class=review)


def _come(topic: TopicPair, new: TakenStep) -> Iterator[GuardrailChange]:
    view, subject = topic.agent.after, topic.subject(new.tool)
    sides = Sides(before=_near(topic.before, new), after=new.statement.location, texts=("", new.text))
    when = f" when `{new.text}`" if new.text else ""
    match new.statement:
        case RunStep(action=action):
            effects = in_words(view.effects(topic.after, action))
            message = f"`{action}` runs {_where(new)}{when} without the model's choice: it {effects}."
            review = ChangeClass.SECURITY_REVIEW if view.may_write(topic.after, action) else None
            rule = "action/chained" if new.phase == "then" else "action/exposed"
            yield changed(rule, subject, sides, message, change_class=review)
        case TransitionStep(topic=target):
            yield changed("gate/added", subject, sides, f"The topic is left for `{target}` {_where(new)}{when}.")
            if _is_new_entry(topic.agent.before, topic.before, topic.agent.old_name(target)):
                review = ChangeClass.SECURITY_REVIEW if view.leads_to_writing(target) else None
                message = f"A conversation comes to topic `{target}` {_where(new)}{when}."
                yield changed("topic/entry-added", subject, sides, message, change_class=review)
        case SetStep(variable=variable, value=value):
            message = f"`{variable}` is set to `{shown(value)}` {_where(new)}{when}."
            yield _assignment(topic, variable, new, sides, message)


def _gone(topic: TopicPair, old: TakenStep) -> Iterator[GuardrailChange]:
    subject = topic.subject(old.tool)
    sides = Sides(before=old.statement.location, after=_near(topic.after, old), texts=(old.text, ""))
    when = f" when `{old.text}`" if old.text else ""
    match old.statement:
        case RunStep(action=action):
            rule = "action/unchained" if old.phase == "then" else "action/withdrawn"
            yield changed(rule, subject, sides, f"`{action}` no longer runs {_where(old)}{when}.")
        case TransitionStep(topic=target):
            message = f"The gate to `{target}` {_where(old)}{when} is gone: the conversation stays in the topic."
            yield changed("gate/removed", subject, sides, message)
            if _is_new_entry(topic.agent.after, topic.after, topic.agent.new_name(target)):
                message = f"A conversation no longer comes to topic `{target}` {_where(old)}{when}."
                yield changed("topic/entry-removed", subject, sides, message)
        case SetStep(variable=variable, value=value):
            message = f"`{variable}` is no longer set to `{shown(value)}` {_where(old)}{when}."
            yield _assignment(topic, variable, old, sides, message)


def _is_new_entry(other: AgentView, topic: Topic, target: str) -> bool:
    """Whether a step adds a path to a topic that the other side has neither from here nor without a condition."""
    return target not in other.ways(topic) and not other.is_open(target)


def _near(topic: Topic, step: TakenStep) -> Location:
    tool = next((each for each in topic.tools if each.name == step.tool), None)
    return tool.location if tool else topic.location


def _named(step: TakenStep) -> str:
    match step.statement:
        case RunStep(action=action):
            return f"`run {action}`"
        case SetStep(variable=variable):
            return f"The assignment of `{variable}`"
        case TransitionStep(topic=target):
            return f"The way to `{target}`"


def _where(step: TakenStep) -> str:
    return f"after `{step.tool}`" if step.tool else PHASES[step.phase]
