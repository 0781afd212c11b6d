"""Which mutants run first: the most dangerous, and among them the cheapest."""

from collections.abc import Iterable, Mapping, Sequence

from wavegate.evidence.source import TestKey
from wavegate.guardrails.mutate.values import BoundKind, Mutant, Mutation

_KINDS = {kind: rank for rank, kind in enumerate(BoundKind)}
_MUTATIONS = {mutation: rank for rank, mutation in enumerate(Mutation)}


def in_order(
    mutants: Iterable[Mutant], tests: Mapping[str, Sequence[TestKey]], harmful: frozenset[str]
) -> tuple[Mutant, ...]:
    """The mutants that count, in the order to run them.

    First those that let the agent do more; then those that bound what changes something outside; of these, one of
    each place before a second one; those that few tests reach before others. tests: by the id of the place. harmful:
    ids of the places that bound an action which may change something outside.
    """
    different = [mutant for mutant in mutants if mutant.counts]

    def rank(mutant: Mutant) -> tuple[object, ...]:
        return (
            not mutant.widens,
            mutant.bound.id not in harmful,
            _MUTATIONS[mutant.mutation] >= _MUTATIONS[Mutation.OR],
            _KINDS[mutant.bound.kind],
            len(tests.get(mutant.bound.id, ())),
            _MUTATIONS[mutant.mutation],
        )

    return tuple(sorted(different, key=rank))
