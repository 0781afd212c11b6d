"""Rules about what an agent is: its model, and what was not understood of it."""

import re
from collections.abc import Iterable

from wavegate.guardrails.model import AgentSource, Guardrails, Setting, Unknown
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.scoped import RuleScope, ScopedFindings
from wavegate.release.policy.values import GuardrailPolicy
from wavegate.text import clip, join_names

_MODEL_SETTINGS = ("model", "primaryModel")


def opaque_agent(context: AgentContext) -> ScopedFindings:
    """An agent whose metadata is not modelled: nothing of it was checked."""
    if context.agent.source is AgentSource.OPAQUE:
        message = f"`{context.name}` is written in metadata that wavegate does not model: nothing of it was checked."
        fix = "Review it as a whole, or keep its Agent Script or planner bundle in the project."
        yield context.scope().warning("agent/opaque", context.agent.location, message, fix)


def not_understood(context: AgentContext) -> ScopedFindings:
    """What was not understood: a warning where a guard or a tool may hide in it, else a notice."""
    for each in context.agent.unknown if context.agent.source is not AgentSource.OPAQUE else ():
        scope = RuleScope(agent=context.name, topic=each.topic, tool=each.tool)
        report = scope.warning if each.tool or each.cut or _CALLABLE.search(each.text) else scope.notice
        if context.agent.source is AgentSource.PLANNER:
            yield report("agent/not-understood", each.location, f"Not understood: {_first(each, 200)}", _REVIEW)
        else:
            where = f" of tool `{each.tool}`" if each.tool else ""
            message = f"Not understood: `{_first(each, 80)}`{where}."
            yield report("agent/not-understood", each.location, message, _CORRECT)


def without_topics(context: AgentContext) -> ScopedFindings:
    """A script in which no topic was found: nothing of it was checked."""
    if context.agent.source is AgentSource.SCRIPT and not context.agent.topics:
        message = f"`{context.name}` has no topic that can be read: nothing of it was checked."
        fix = "Add a `start_agent`, or delete the script."
        yield context.scope().warning("agent/not-understood", context.agent.location, message, fix)


_CALLABLE = re.compile(r"@(?:actions|utils|subagent|topic|connected_subagent)\b")


def _first(unknown: Unknown, limit: int) -> str:
    """The first line of what was not understood."""
    return clip(unknown.text.strip().partition("\n")[0], limit)


_CORRECT = "Correct the line; if Salesforce's compiler accepts it, please report it to wavegate."
_REVIEW = "Keep what is missing in the project, or review what it bounds yourself."


_AGENT_FILES = (".agent", ".genAiPlannerBundle")


def unreadable_files(guardrails: Guardrails) -> ScopedFindings:
    """Files that were not understood."""
    for each in guardrails.unknown:
        message = f"Not understood: {clip(each.text, 200)}"
        # what a whole agent may do is then unknown
        report = RuleScope().error if each.location.file.endswith(_AGENT_FILES) else RuleScope().warning
        yield report("agent/not-understood", each.location, message, _REVIEW)


def disallowed_models(context: AgentContext) -> ScopedFindings:
    """Models of an agent that the policy does not allow."""
    agent = context.agent
    settings = [*agent.settings, *(each for topic in agent.topics for each in topic.settings)]
    yield from _disallowed(settings, context.policy, context.scope(), f"Agent `{context.name}`")
    if context.policy.models is not None and not any(_is_model(each) for each in agent.settings):
        message = f"`{context.name}` does not name its model, so the org's default applies, which may not be allowed."
        fix = "Set `model` in `model_config`."
        yield context.scope().warning("model/not-stated", agent.location, message, fix)


def disallowed_prompt_models(guardrails: Guardrails, policy: GuardrailPolicy) -> ScopedFindings:
    """Models of prompt templates that the policy does not allow."""
    for name, prompt in guardrails.prompts.items():
        yield from _disallowed(prompt.settings, policy, RuleScope(), f"Prompt template `{name}`")


def _disallowed(
    settings: Iterable[Setting], policy: GuardrailPolicy, scope: RuleScope, subject: str
) -> ScopedFindings:
    if policy.models is None:
        return
    names = [each.name for each in policy.models]
    allowed = {_plain(each) for each in names}
    for each in settings:
        if _is_model(each) and _plain(each.value) not in allowed:
            message = f"{subject} uses model `{each.value}`, which the policy does not allow."
            yield scope.error("model/not-allowed", each.location, message, f"Allowed: {join_names(names, 10)}.")


def _is_model(setting: Setting) -> bool:
    return setting.name.rpartition(".")[2] in _MODEL_SETTINGS


def _plain(model: str) -> str:
    return model.strip().removeprefix("model://").casefold()
