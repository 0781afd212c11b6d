"""Rules about the actions that a script runs itself, which the model causes by getting there."""

from collections.abc import Iterable, Iterator

from wavegate.guardrails.model import Action, BranchStep, Effect, RunStep, Statement, Topic, TransitionStep
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.effects import hands_over
from wavegate.guardrails.policy.paths import walk
from wavegate.guardrails.policy.scoped import ScopedFindings

_FIX = "Put it beneath an `if`, or guard the ways into the topic."


def unprotected_runs(context: AgentContext) -> ScopedFindings:
    """Actions with a side effect that a topic runs although nothing was ever checked."""
    seen = set()
    for topic in context.paths.reachable:
        for step, action in _open_runs(context, topic) if topic.name in context.paths.unguarded else ():
            effects = context.effects(action)
            if action.confirmed or not effects.changes or hands_over(action) or step.location in seen:
                continue
            seen.add(step.location)
            message = (
                f"Topic `{topic.name}` runs `{action.name}`, which {effects.shown}, without a condition or a "
                "confirmation: whoever gets there has it done."
            )
            scope = context.scope(topic, action.name)
            is_log = effects.assumed and effects.changes <= {Effect.WRITES}  # most of what scripts run is one
            report = scope.notice if is_log else scope.warning
            yield report("action/unprotected", step.location, message, _FIX)


def _open_runs(context: AgentContext, topic: Topic) -> Iterator[tuple[RunStep, Action]]:
    actions = context.actions(topic)
    for step in _before_a_gate((*topic.before, *topic.during, *topic.after)):
        for inner, guards in walk((step,)):
            if isinstance(inner, RunStep) and not context.paths.binding(guards):
                action = context.called(actions, inner.action, inner.location)
                if action:
                    yield inner, action


def _before_a_gate(steps: Iterable[Statement]) -> Iterator[Statement]:
    """The steps up to the first that may send the conversation elsewhere."""
    for step in steps:
        yield step
        if isinstance(step, BranchStep) and any(isinstance(inner, TransitionStep) for inner, _ in walk((step,))):
            return
