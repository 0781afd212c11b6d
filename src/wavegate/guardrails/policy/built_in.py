"""The built-in rules: which there are, how severe each one is, and what they find in a commit."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from wavegate.guardrails.model import Guardrails
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.rules import (
    actions,
    agents,
    code,
    escalation,
    losses,
    planners,
    runs,
    texts,
    topics,
    variables,
)
from wavegate.guardrails.policy.scoped import RuleScope, ScopedFinding, ScopedFindings
from wavegate.release.policy.values import GuardrailPolicy

_OF_AN_AGENT: tuple[Callable[[AgentContext], ScopedFindings], ...] = (
    losses.losses,
    actions.unprotected_actions,
    runs.unprotected_runs,
    actions.unknown_effects,
    actions.bypassed_entries,
    actions.unpinned_identities,
    actions.placeholder_targets,
    topics.undefined_topics,
    variables.model_set_variables,
    variables.unset_variables,
    variables.undeclared_variables,
    variables.empty_without_default,
    escalation.missing_escalation,
    escalation.unreachable_escalation,
    agents.disallowed_models,
    agents.opaque_agent,
    agents.not_understood,
    agents.without_topics,
    planners.wider_planner,
)


def built_in_findings(
    contexts: Sequence[AgentContext], guardrails: Guardrails, policy: GuardrailPolicy, files: Mapping[str, str]
) -> Iterator[ScopedFinding]:
    """What the built-in rules find. contexts: of all agents. files: text of the scripts and prompt
    templates, by path."""
    for context in contexts:
        for rule in _OF_AN_AGENT:
            yield from rule(context)
    yield from code.unshared_code(contexts)
    yield from code.wide_permissions(contexts, guardrails)
    yield from agents.disallowed_prompt_models(guardrails, policy)
    yield from agents.unreadable_files(guardrails)
    names = {reading.emitted.location.file: name for name, reading in guardrails.agents.items()}
    for path, text in files.items():
        scope = RuleScope(agent=names.get(path, ""))
        yield from texts.secrets(path, text, scope)
        if path in names and not path.endswith(".agent"):
            continue  # the elements of a planner are named by ids
        yield from texts.record_ids(path, text, scope)
        if path.endswith(".agent"):
            yield from texts.mixed_indentation(path, text, scope)
