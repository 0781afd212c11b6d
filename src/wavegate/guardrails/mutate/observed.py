"""Sorts out the mutants that no conversation can show: other bounds keep closed what this one kept closed."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from wavegate.guardrails.model import AgentModel, ToolKind
from wavegate.guardrails.mutate.conversations import closed_unless, proof_of
from wavegate.guardrails.mutate.values import BoundKind, Mutant
from wavegate.guardrails.properties import Property
from wavegate.guardrails.prove.proof import ProofVerdict
from wavegate.guardrails.script.read import read_script_model
from wavegate.guardrails.topology import tool_named

_CLOSED = frozenset({ProofVerdict.PROVED, ProofVerdict.VACUOUS})


def without_redundant(
    mutants: Iterable[Mutant], model: AgentModel, late: Callable[[], bool] = lambda: False
) -> tuple[Mutant, ...]:
    """The mutants, those of a guard of an action with the reason why it is redundant, if the checker proves that.

    Only a mutant with which the agent may still do all that it could can be redundant. Of a guard on the way to a
    topic nothing is claimed: what the agent says there may show the mutant. late: whether there is no time left for
    proofs; the rest is then left as it is.
    """
    kept: dict[str, Property | None] = {}

    def watched(mutant: Mutant) -> Property | None:
        bound = mutant.bound
        if bound.id not in kept:
            found = closed_unless(bound, model) if _guards_action(mutant, model) else None
            proved = found and proof_of(model, found).verdict in _CLOSED
            kept[bound.id] = found if proved else None
        return kept[bound.id]

    return tuple(
        _sorted(mutant, found)
        if not mutant.equivalent and mutant.only_widens and not late() and (found := watched(mutant))
        else mutant
        for mutant in mutants
    )


def _guards_action(mutant: Mutant, model: AgentModel) -> bool:
    tool = tool_named(model, mutant.bound.topic, mutant.bound.tool)
    return mutant.bound.kind is BoundKind.GUARD and tool is not None and tool.kind is ToolKind.ACTION


def _sorted(mutant: Mutant, watched: Property) -> Mutant:
    mutated = read_script_model(mutant.script, mutant.bound.location.file).emitted
    proof = proof_of(mutated, watched)
    if proof.verdict not in _CLOSED:
        return mutant
    reason = "no conversation shows it: "
    if proof.verdict is ProofVerdict.VACUOUS:
        return replace(mutant, redundant=f"{reason}none calls the action")
    return replace(mutant, redundant=f"{reason}other bounds keep `{watched.text}`")
