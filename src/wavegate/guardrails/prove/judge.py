"""Whether a property is broken in one execution, judged by what happened in it alone."""

from wavegate.guardrails.properties import (
    AlwaysConfirm,
    AtMost,
    NeverBefore,
    NeverBeforeValue,
    NeverUnless,
    OnlyFrom,
    Property,
    Reachable,
    SetOnlyBy,
)
from wavegate.guardrails.prove.monitor import ActionCalled, VariableWritten
from wavegate.guardrails.prove.replay import ConcreteExecution


def violated(watched: Property, replay: ConcreteExecution) -> bool:
    """Whether the property is broken in the execution, judged by its log alone."""
    log = list(enumerate(replay.log))
    calls = [(at, each.event, each.values) for at, each in log if isinstance(each.event, ActionCalled)]
    writes = [each.event for _, each in log if isinstance(each.event, VariableWritten)]
    match watched:
        case NeverUnless(action=action, condition=condition):
            test = replay.evaluator.test(condition)
            return any(action in call.names and test(values) is False for _, call, values in calls)
        case NeverBefore(action=action, other=other):
            named = [(call.names & {action, other}, at) for at, call, _ in calls if call.names & {action, other}]
            return bool(named) and action in named[0][0]
        case NeverBeforeValue(action=action, condition=condition):
            test = replay.evaluator.test(condition)
            held = [at for at, each in enumerate(replay.log) if test(each.values) is not False]
            return any(action in call.names and not any(then <= at for then in held) for at, call, _ in calls)
        case AlwaysConfirm(action=action):
            return any(action in call.names and not call.confirmed for _, call, _ in calls)
        case OnlyFrom(action=action, topics=topics):
            return any(action in call.names and call.topic not in topics for _, call, _ in calls)
        case AtMost(action=action, times=times):
            return sum(action in call.names for _, call, _ in calls) > times
        case SetOnlyBy(variable=variable, sources=sources):
            mine = [write for write in writes if write.variable == variable]
            return any(write.chosen or not write.sources & set(sources) for write in mine)
        case Reachable():
            return True
