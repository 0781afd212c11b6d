"""Proofs for people, in a terminal."""

from collections.abc import Iterable, Iterator

from wavegate.findings.finding import Location
from wavegate.guardrails.prove.proof import ConversationStep, Proof, ProofVerdict
from wavegate.text import join_names, one_line, pluralize

ABSTRACTION = (
    "All conversations means: the model may call any enabled tool in any order with any input, actions may "
    "return anything, and the script is executed as it is compiled. Flows, Apex and the wording of answers are not "
    "looked at."
)
"""What a proof is about."""


def proofs_text(proofs: Iterable[Proof]) -> str:
    """The report: each property with its verdict, and the conversation that refutes it."""
    lines = [line for proof in proofs for line in _lines(proof)]
    return "\n".join([*lines, ABSTRACTION])


def proof_summary(proof: Proof) -> str:
    """What a proof found, in sentences."""
    return " ".join(_sentences(proof))


def _lines(proof: Proof) -> Iterator[str]:
    yield f"{proof.agent}: {proof.property}"
    yield f"  {proof.verdict.upper()}: {proof_summary(proof)}"
    yield from _conversation(proof.conversation, "  ")
    for companion in proof.companions:
        yield f"  and {companion.property}"
        yield f"    {companion.verdict.upper()}: {proof_summary(companion)}"
        yield from _conversation(companion.conversation, "    ")
    yield ""


def _sentences(proof: Proof) -> Iterator[str]:
    yield one_line(proof.reason)
    if proof.states:
        yield f"{pluralize(proof.states, 'state')}."
    if proof.dropped:
        yield f"The values of {join_names(proof.dropped)} were not followed."
    if proof.written not in (None, proof.verdict):
        lost = ", ".join(f"{loss.rule} at {_place(loss.location)}" for loss in proof.losses[:5])
        yield f"As it is written, it would be {proof.written}; the compiler emits something else ({lost})."
    if proof.verdict is ProofVerdict.PROVED and any(
        each.verdict is ProofVerdict.REFUTED for each in proof.companions
    ):
        yield "That is worth little, because the variable may be set otherwise:"


def _conversation(steps: Iterable[ConversationStep], indent: str) -> Iterator[str]:
    number = 0
    for step in steps:
        number += step.by_model
        mark = f"{number}." if step.by_model else "  "
        place = f"  [{_place(step.location)}]" if step.location else ""
        yield f"{indent}  {mark} {one_line(step.text)}{place}"


def _place(location: Location) -> str:
    """Without the folders: a conversation is about the file of its agent."""
    return f"{one_line(location.file.rpartition('/')[2])}:{location.line}"
