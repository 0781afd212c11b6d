"""An agent's planner bundle beside its script: which of the two runs is not known from git."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from wavegate.guardrails.model import Action, RunStep, ToolKind
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.paths import every_step
from wavegate.guardrails.policy.rules.actions import unprotected_calls
from wavegate.guardrails.policy.scoped import ScopedFindings
from wavegate.text import clip, join_names

_Called = Mapping[str, Sequence[Action]]
_GRAPH = "/agentGraph/"
_ID = re.compile(r"\d[a-z0-9]{14}(?:[a-z0-9]{3})?")


def wider_planner(context: AgentContext) -> ScopedFindings:
    """What the planner of an agent's newest version may do and the agent's script may not."""
    if context.name not in context.guardrails.beside:
        return
    planner = replace(context, reading=context.guardrails.beside[context.name])
    graph = any(_GRAPH in each.location.file for each in planner.agent.unknown)
    scripted, planned = _called(context, defined=graph), _called(planner)
    new = [each for each in planned if each not in scripted and not _named_by_id(each, planned, scripted)]
    # the guards of a compiled agent are in its graph alone
    opened = [] if graph else [each for each in _open(planner) if each in scripted and each not in _open(context)]
    unconfirmed = [
        each for each in planned if each in scripted and _asks(scripted[each]) and not _asks(planned[each])
    ]
    wider = {
        "calls": new,
        "guards and confirms nothing before": opened,
        "asks nobody before": [each for each in unconfirmed if each not in opened],
    }
    parts = [f"{words} {_names(targets, planned)}" for words, targets in wider.items() if targets]
    if parts:
        place = planned[(*new, *opened, *unconfirmed)[0]][0].location
        message = (
            f"`{context.name}` has a planner bundle, too, which may be what runs, and only its script was checked. "
            f"Unlike the script, the bundle {' and '.join(parts)}."
        )
        fix = "Delete the bundle, or retrieve it again; if the bundle is what runs, delete the script."
        yield context.scope().warning("agent/other-planner", place, message, fix)


def _called(context: AgentContext, *, defined: bool = False) -> _Called:
    """The actions that an agent calls, by target. defined: also those that it only defines."""
    agent = context.agent
    found: dict[str, list[Action]] = {}
    run = [(topic, step.action) for topic, step, _ in every_step(agent) if isinstance(step, RunStep)]
    run += [(topic, tool.target) for topic in agent.topics for tool in topic.tools if tool.kind is ToolKind.ACTION]
    run += [(None, tool.target) for tool in agent.everywhere if tool.kind is ToolKind.ACTION]
    run += [(topic, action.name) for topic in agent.topics for action in topic.actions if defined]
    for topic, name in run:
        actions = {each.name: each for each in (*agent.everywhere_actions, *(topic.actions if topic else ()))}
        if name in actions:
            found.setdefault(_key(actions[name]), []).append(actions[name])
    return found


def _key(action: Action) -> str:
    """What an action calls, in one spelling; its name if it has no target."""
    scheme, _, name = (action.target or f"://{action.name}").casefold().partition("://")
    return f"{'prompt' if scheme == 'generatepromptresponse' else scheme}://{name}"


def _named_by_id(target: str, planned: _Called, scripted: _Called) -> bool:
    """Whether a bundle names a target by an org's id, and the script has one of that scheme for every such id."""
    scheme, _, name = target.partition("://")
    if not _ID.fullmatch(name):
        return False
    others = {each for each in planned if each.startswith(f"{scheme}://") and each not in scripted}
    return len(others) <= sum(each.startswith(f"{scheme}://") and each not in planned for each in scripted)


def _asks(actions: Sequence[Action]) -> bool:
    return all(each.confirmed for each in actions)


def _open(context: AgentContext) -> Sequence[str]:
    """The targets with a side effect that the model may call at any time."""
    found = ((call.action, context.effects(call.action)) for call in unprotected_calls(context))
    return list(dict.fromkeys(_key(action) for action, effects in found if effects.changes or effects.unclear))


def _names(targets: Sequence[str], called: _Called) -> str:
    actions = [called[each][0] for each in targets]
    return join_names([clip(each.target or each.name, 100) for each in actions])
