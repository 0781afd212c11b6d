"""Two commits' guardrails as a list of changes: what the agents may do now, and what they may no longer do."""

from collections.abc import Iterator

from wavegate.guardrails.diff.areas.agents import added_agent, agent_changes, removed_agent
from wavegate.guardrails.diff.areas.code import code_changes
from wavegate.guardrails.diff.areas.instructions import SentenceLists, instruction_changes
from wavegate.guardrails.diff.areas.losses import unknown_changes
from wavegate.guardrails.diff.areas.permissions import permission_changes
from wavegate.guardrails.diff.areas.settings import setting_changes
from wavegate.guardrails.diff.change import ChangeSubject, GuardrailChange, Sides, changed, widest_first
from wavegate.guardrails.diff.pairing import Pairs, overlap, paired
from wavegate.guardrails.model import AgentReading, Guardrails, Prompt

_ALIKE = 0.6
"""Share of topics and tools that two agents of different names have in common if one was renamed to the other."""


def compare_guardrails(before: Guardrails, after: Guardrails) -> tuple[GuardrailChange, ...]:
    """Every change of what bounds the agents, what widens first.

    Only what takes effect is compared, by what it is about and not by line: order, indentation, comments and quotes
    make no difference. What is not understood and differs is a change of direction `unknown`.
    """
    if before == after:
        return ()
    return tuple(sorted(set(_changes(before, after)), key=widest_first))


def _changes(before: Guardrails, after: Guardrails) -> Iterator[GuardrailChange]:
    agents = _paired_agents(before, after)
    for old, new in agents.both:
        if old != new:
            yield from agent_changes(old, new, (before, after))
    for old in agents.removed:
        yield from removed_agent(old, before)
    for new in agents.added:
        yield from added_agent(new, after)
    yield from _prompt_changes(before, after)
    yield from permission_changes(before.permissions, after.permissions)
    yield from code_changes(before, after)
    yield from unknown_changes(before.unknown, after.unknown, ChangeSubject(), lambda *_: None)


def _paired_agents(before: Guardrails, after: Guardrails) -> Pairs[AgentReading]:
    return paired(
        before.agents.values(),
        after.agents.values(),
        lambda each: each.emitted.name,
        lambda old, new: overlap(_traits(old), _traits(new)),
        least=_ALIKE,
    )


def _traits(reading: AgentReading) -> frozenset[tuple[str, str]]:
    return frozenset((topic.name, tool.name) for topic in reading.emitted.topics for tool in topic.tools)


def _prompt_changes(before: Guardrails, after: Guardrails) -> Iterator[GuardrailChange]:
    prompts = paired(
        before.prompts.values(), after.prompts.values(), lambda each: each.name, _prompt_likeness, least=_ALIKE
    )
    for old, new in prompts.both:
        yield from _prompt_change(old, new)
    for old in prompts.removed:
        sides = Sides(before=old.location, after=None, texts=(old.name, ""))
        yield changed(
            "prompt/removed", ChangeSubject(agent=old.name), sides, f"Prompt template `{old.name}` is gone."
        )
    for new in prompts.added:
        sides = Sides(before=None, after=new.location, texts=("", new.name))
        yield changed("prompt/added", ChangeSubject(agent=new.name), sides, f"New prompt template `{new.name}`.")


def _prompt_likeness(old: Prompt, new: Prompt) -> float:
    return overlap((each.text for each in old.sentences), (each.text for each in new.sentences))


def _prompt_change(old: Prompt, new: Prompt) -> Iterator[GuardrailChange]:
    subject, places = ChangeSubject(agent=new.name), (old.location, new.location)
    yield from instruction_changes(SentenceLists(old.sentences, new.sentences, places), subject)
    yield from setting_changes(old.settings, new.settings, subject, places, f"prompt template `{new.name}`")
