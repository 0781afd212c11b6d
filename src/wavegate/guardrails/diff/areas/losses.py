"""What is written and does not take effect, where that is new in a commit; and what was not understood."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.agent_pair import AgentPair
from wavegate.guardrails.diff.change import ChangeSubject, GuardrailChange, Sides, changed
from wavegate.guardrails.diff.rules import RULES, ChangeClass, Direction
from wavegate.guardrails.diff.steps import steps_in
from wavegate.guardrails.diff.view import AgentView
from wavegate.guardrails.model import AgentModel, Loss, SetStep, TransitionStep, Unknown

Near = Callable[[Unknown, int], Location | None]
"""The place nearest to something unknown in the earlier commit, which is 0, or in the later, which is 1."""


def loss_changes(
    agent: AgentPair, before: Sequence[Loss], after: Sequence[Loss], written: tuple[AgentModel, AgentModel]
) -> Iterator[GuardrailChange]:
    """Losses of the one commit that the other does not have. written: both models as they are written."""
    old = {_key(each, agent, number): each for each, number in _numbered(before, agent)}
    new = {_key(each, None, number): each for each, number in _numbered(after, None)}
    for key, loss in new.items():
        if key not in old:
            yield _lost(loss, agent, written[1])
    for key, loss in old.items():
        if key not in new:
            yield _restored(loss, agent, written[0])


def _numbered(losses: Sequence[Loss], agent: AgentPair | None) -> Iterator[tuple[Loss, int]]:
    seen: Counter[object] = Counter()
    for each in losses:
        base = _key(each, agent, 0)
        yield each, seen[base]
        seen[base] += 1


def _key(loss: Loss, agent: AgentPair | None, number: int) -> tuple[str, str, str, int]:
    return (loss.rule, agent.new_name(loss.topic) if agent else loss.topic, loss.tool, number)


def _lost(loss: Loss, agent: AgentPair, written: AgentModel) -> GuardrailChange:
    sides = Sides(before=agent.before.near(agent.old_name(loss.topic), loss.tool), after=loss.location)
    subject = ChangeSubject(agent=agent.name, topic=loss.topic, tool=loss.tool)
    direction, review = _direction(loss, agent.after, written), ChangeClass.SECURITY_REVIEW
    return changed(loss.rule, subject, sides, loss.message, direction=direction, change_class=review)


def _direction(loss: Loss, view: AgentView, written: AgentModel) -> Direction:
    if loss.rule == "statement/dropped" and _matters(loss, view, written):
        return Direction.WIDENS
    return RULES[loss.rule].direction if loss.rule in RULES else Direction.UNKNOWN


def _restored(loss: Loss, agent: AgentPair, written: AgentModel) -> GuardrailChange:
    sides = Sides(before=loss.location, after=agent.after.near(agent.new_name(loss.topic), loss.tool))
    subject = ChangeSubject(agent=agent.name, topic=agent.new_name(loss.topic), tool=loss.tool)
    message = f"What was lost takes effect, or is gone: {loss.message}"
    # what takes effect again may also open something
    unclear = _direction(loss, agent.before, written) is Direction.UNKNOWN
    return changed("guard/restored", subject, sides, message, direction=Direction.UNKNOWN if unclear else None)


def _matters(loss: Loss, view: AgentView, written: AgentModel) -> bool:
    """Whether the statement that is dropped leaves the topic, or sets a variable that decides something."""
    found = [
        step.statement
        for topic in written.topics
        for step in steps_in(topic)
        if step.statement.location == loss.location
    ]
    return any(
        isinstance(each, TransitionStep) or (isinstance(each, SetStep) and each.variable in view.decisive)
        for each in found
    )


def unknown_changes(
    before: Sequence[Unknown], after: Sequence[Unknown], subject: ChangeSubject, near: Near
) -> Iterator[GuardrailChange]:
    """What was not understood and is not the same on both sides. near: the place on the other side."""
    old, new = Counter(map(_unknown_key, before)), Counter(map(_unknown_key, after))
    lost, come = old - new, new - old
    for each in after:
        if come[_unknown_key(each)] > 0:
            come[_unknown_key(each)] -= 1
            sides = Sides(before=near(each, 0), after=each.location, texts=("", each.text))
            yield _opaque(each, subject, sides, "is new")
    for each in before:
        if lost[_unknown_key(each)] > 0:
            lost[_unknown_key(each)] -= 1
            sides = Sides(before=each.location, after=near(each, 1), texts=(each.text, ""))
            yield _opaque(each, subject, sides, "is gone")


def _unknown_key(unknown: Unknown) -> tuple[str, str]:
    return (" ".join(unknown.text.split()), unknown.tool)


def _opaque(unknown: Unknown, subject: ChangeSubject, sides: Sides, what: str) -> GuardrailChange:
    where = ChangeSubject(agent=subject.agent, topic=unknown.topic, tool=unknown.tool)
    text = " ".join(unknown.text.split())[:200]
    message = f"`{text}` is not understood and {what}, so what it opens is undetermined."
    return changed("opaque/changed", where, sides, message)
