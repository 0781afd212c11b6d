"""Definitions of actions: confirmation, target, inputs and outputs."""

from collections.abc import Iterator

from wavegate.guardrails.diff.agent_pair import AgentPair, TopicPair
from wavegate.guardrails.diff.areas.instructions import reworded
from wavegate.guardrails.diff.change import ChangeSubject, GuardrailChange, Sides, changed
from wavegate.guardrails.diff.pairing import paired
from wavegate.guardrails.diff.view import AgentView
from wavegate.guardrails.model import Action, Parameter


def action_changes(
    before: tuple[Action, ...], after: tuple[Action, ...], topic: TopicPair
) -> Iterator[GuardrailChange]:
    """How the definitions of a topic changed. One that comes or goes is nothing until something calls it."""
    pairs = paired(before, after, lambda each: each.name, _likeness, least=1)
    for old, new in pairs.both:
        yield from _definition_change(old, new, topic.subject(new.name))
    called = set(topic.agent.after.calls(topic.after)) & set(topic.agent.before.calls(topic.before))
    for old in pairs.removed:
        if old.name in called:
            sides = Sides(before=old.location, after=topic.after.location, texts=(old.target, ""))
            message = f"`{old.name}` is still called, and no longer defined."
            yield changed("action/retargeted", topic.subject(old.name), sides, message)
    for new in pairs.added:
        if new.name in called:
            sides = Sides(before=topic.before.location, after=new.location, texts=("", new.target))
            message = f"`{new.name}` was called before, and is defined only now: it calls `{new.target}`."
            yield changed("action/retargeted", topic.subject(new.name), sides, message)


def _likeness(old: Action, new: Action) -> float:
    return 1.0 if old.target and old.target == new.target else 0.0


def _definition_change(old: Action, new: Action, subject: ChangeSubject) -> Iterator[GuardrailChange]:
    if old.confirmed != new.confirmed:
        yield _confirmation(old, new, subject)
    if old.target != new.target:
        sides = Sides(before=old.location, after=new.location, texts=(old.target, new.target))
        was, now = old.target or "no target", new.target or "no target"
        yield changed("action/retargeted", subject, sides, f"`{new.name}` calls `{now}`, not `{was}`.")
    if old.description != new.description:
        sides = Sides(before=old.location, after=new.location, texts=(old.description, new.description))
        yield reworded("description/changed", subject, sides, f"The description of `{new.name}` was reworded.")
    yield from _input_changes(old, new, subject)
    yield from _output_changes(old, new, subject)


def _confirmation(old: Action, new: Action, subject: ChangeSubject) -> GuardrailChange:
    sides = Sides(
        before=old.confirmed_at or old.location,
        after=new.confirmed_at or new.location,
        texts=("confirmed", "not confirmed") if old.confirmed else ("not confirmed", "confirmed"),
    )
    if old.confirmed:
        return changed("confirm/removed", subject, sides, f"`{new.name}` acts without asking the user first.")
    return changed("confirm/added", subject, sides, f"`{new.name}` asks the user before it acts.")


def _input_changes(old: Action, new: Action, subject: ChangeSubject) -> Iterator[GuardrailChange]:
    """Types of inputs; what fills them is compared where the action is called."""
    after = {each.name: each for each in new.inputs}
    for each in old.inputs:
        now = after.get(each.name)
        if now and each.type != now.type:
            sides = Sides(before=each.location, after=now.location, texts=(each.type, now.type))
            message = f"The input `{each.name}` of `{new.name}` is a {now.type}, not a {each.type}."
            yield changed("input/changed", subject, sides, message)


def _output_changes(old: Action, new: Action, subject: ChangeSubject) -> Iterator[GuardrailChange]:
    before = {each.name: each for each in old.outputs}
    after = {each.name: each for each in new.outputs}
    for name in {**before, **after}:
        was, now = before.get(name), after.get(name)
        sides = Sides(
            before=was.location if was else old.location,
            after=now.location if now else new.location,
            texts=(_seen(was), _seen(now)),
        )
        label = f"The output `{name}` of `{new.name}`"
        if was and now:
            yield from _filter_change(was, now, label, subject, sides)
        elif now and _reaches_the_model(now):
            yield changed("output/added", subject, sides, f"{label} is new: {_seen(now)}.")
        elif was and _reaches_the_model(was):
            yield changed("output/removed", subject, sides, f"{label} is gone: it was {_seen(was)}.")


def _filter_change(
    was: Parameter, now: Parameter, label: str, subject: ChangeSubject, sides: Sides
) -> Iterator[GuardrailChange]:
    if (now.used and not was.used) or (now.shown and not was.shown):
        yield changed("output/unfiltered", subject, sides, f"{label} is {_seen(now)}; it was {_seen(was)}.")
    if (was.used and not now.used) or (was.shown and not now.shown):
        yield changed("output/filtered", subject, sides, f"{label} is {_seen(now)}; it was {_seen(was)}.")


def _reaches_the_model(output: Parameter) -> bool:
    return output.used or output.shown


def _seen(output: Parameter | None) -> str:
    if output is None:
        return ""
    used = "seen by the model" if output.used else "hidden from the model"
    return f"{used} and shown to the user" if output.shown else used


def scheme_changes(agent: AgentPair) -> Iterator[GuardrailChange]:
    """Kinds of targets that an agent calls for the first time, or no longer."""
    before, after = _schemes(agent.before), _schemes(agent.after)
    for scheme in sorted(after.keys() - before.keys()):
        action = after[scheme]
        sides = Sides(before=agent.before.model.location, after=action.location, texts=("", action.target))
        message = f"The agent calls `{scheme}` for the first time: `{action.target}`."
        yield changed("action/new-scheme", agent.subject(tool=action.name), sides, message)
    for scheme in sorted(before.keys() - after.keys()):
        action = before[scheme]
        sides = Sides(before=action.location, after=agent.after.model.location, texts=(action.target, ""))
        message = f"The agent no longer calls `{scheme}`."
        yield changed("action/scheme-removed", agent.subject(tool=action.name), sides, message)


def _schemes(view: AgentView) -> dict[str, Action]:
    """An action for each kind of target that something calls."""
    found: dict[str, Action] = {}
    for topic in view.model.topics:
        for name in view.calls(topic):
            action = view.action(topic, name)
            if action and "://" in action.target:
                found.setdefault(action.target.partition("://")[0], action)
    return found
