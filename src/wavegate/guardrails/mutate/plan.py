"""Which mutants are run, in which order, and by which tests."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from wavegate.evidence.source import TestKey
from wavegate.guardrails.model import AgentModel, AgentSource, Guardrails
from wavegate.guardrails.mutate.conversations import guarded_action
from wavegate.guardrails.mutate.generate import mutants_of
from wavegate.guardrails.mutate.observed import without_redundant
from wavegate.guardrails.mutate.order import in_order
from wavegate.guardrails.mutate.reach import TestAim, relevant_tests
from wavegate.guardrails.mutate.values import Bound, BoundKind, Mutant
from wavegate.guardrails.reach import may_write


@dataclass(frozen=True, kw_only=True, slots=True)
class MutationPlan:
    """The mutants of some agents. mutants: those to run, in that order. tests: by the id of a bound, the likeliest
    first. sorted_out: the mutants that do not count. models: of the agents, as they are emitted."""

    models: Mapping[str, AgentModel]
    mutants: tuple[Mutant, ...]
    tests: Mapping[str, tuple[TestKey, ...]]
    sorted_out: tuple[Mutant, ...]
    unchanged: tuple[Bound, ...]


def plan_mutations(
    guardrails: Guardrails,
    scripts: Mapping[str, str],
    aims: Sequence[TestAim],
    late: Callable[[], bool] = lambda: False,
) -> MutationPlan:
    """The plan for agents. scripts: the texts of their scripts, by agent. late: no time is left for proofs."""
    models = {name: guardrails.agents[name].emitted for name in scripts}
    found: list[Mutant] = []
    unchanged: list[Bound] = []
    for name, text in scripts.items():
        made = mutants_of(text, models[name].location.file, name)
        found += without_redundant(made.mutants, models[name], late)
        unchanged += made.unchanged
    bounds = {mutant.bound.id: mutant.bound for mutant in found}
    tests = {id_: relevant_tests(bound, aims, models[bound.agent]) for id_, bound in bounds.items()}
    harmful = frozenset(_harmful(bounds.values(), models, guardrails))
    return MutationPlan(
        models=models,
        mutants=in_order(found, tests, harmful),
        tests=tests,
        sorted_out=tuple(mutant for mutant in found if not mutant.counts),
        unchanged=tuple(unchanged),
    )


def mutable_agents(guardrails: Guardrails) -> Mapping[str, str]:
    """The agents that are written in Agent Script, with the paths of their scripts."""
    return {
        name: reading.written.location.file
        for name, reading in guardrails.agents.items()
        if reading.written.source is AgentSource.SCRIPT
    }


def _harmful(bounds: Iterable[Bound], models: Mapping[str, AgentModel], guardrails: Guardrails) -> Iterator[str]:
    """The ids of the bounds of an action that may change something outside."""
    for bound in bounds:
        model = models[bound.agent]
        name = bound.action
        if bound.kind in (BoundKind.GUARD, BoundKind.GATE):
            name = guarded_action(bound, model) or name
        topics = (topic for topic in model.topics if name)
        actions = (action for topic in topics for action in topic.actions if action.name == name)
        if any(may_write(action, guardrails) for action in actions):
            yield bound.id
