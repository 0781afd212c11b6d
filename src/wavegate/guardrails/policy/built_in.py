"""The built-in rules: which there are, how severe each one is, and what they find in a commit."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from wavegate.guardrails.model import Guardrails
from wavegate.guardrails.policy import (
    action_rules,
    code_rules,
    loss_rules,
    model_rules,
    path_rules,
    text_rules,
    variable_rules,
)
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.scoped import RuleScope, ScopedFinding, ScopedFindings
from wavegate.release.policy.values import GuardrailPolicy

_OF_AN_AGENT: tuple[Callable[[AgentContext], ScopedFindings], ...] = (
    loss_rules.losses,
    action_rules.unprotected_actions,
    action_rules.unknown_effects,
    action_rules.bypassed_entries,
    action_rules.unpinned_identities,
    action_rules.placeholder_targets,
    variable_rules.model_set_variables,
    variable_rules.unset_variables,
    variable_rules.undeclared_variables,
    variable_rules.empty_without_default,
    path_rules.missing_escalation,
    path_rules.unreachable_escalation,
    model_rules.disallowed_models,
    model_rules.opaque_agent,
    model_rules.not_understood,
)


def built_in_findings(
    contexts: Sequence[AgentContext], guardrails: Guardrails, policy: GuardrailPolicy, texts: Mapping[str, str]
) -> Iterator[ScopedFinding]:
    """What the built-in rules find. contexts: of all agents. texts: of the scripts and prompt templates, by path."""
    for context in contexts:
        for rule in _OF_AN_AGENT:
            yield from rule(context)
    yield from code_rules.unshared_code(contexts)
    yield from code_rules.wide_permissions(contexts, guardrails)
    yield from model_rules.disallowed_prompt_models(guardrails, policy)
    yield from model_rules.unreadable_files(guardrails)
    agents = {reading.emitted.location.file: name for name, reading in guardrails.agents.items()}
    for path, text in texts.items():
        scope = RuleScope(agent=agents.get(path, ""))
        yield from text_rules.secrets(path, text, scope)
        if path in agents and not path.endswith(".agent"):
            continue  # the elements of a planner are named by ids
        yield from text_rules.record_ids(path, text, scope)
        if path.endswith(".agent"):
            yield from text_rules.mixed_indentation(path, text, scope)
