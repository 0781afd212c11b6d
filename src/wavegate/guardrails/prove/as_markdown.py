"""Proofs as Markdown, for a job's summary."""

from collections.abc import Iterable, Iterator

from wavegate.guardrails.prove.as_text import ABSTRACTION, proof_summary
from wavegate.guardrails.prove.proof import Proof, ProofVerdict
from wavegate.text import code, markdown

_ICONS = {
    ProofVerdict.PROVED: "✅",
    ProofVerdict.REFUTED: "❌",
    ProofVerdict.VACUOUS: "⚠️",
    ProofVerdict.UNKNOWN: "⚠️",
}


def proofs_markdown(proofs: Iterable[Proof]) -> str:
    """A list of the properties with their verdicts and conversations."""
    lines = ["### What holds in every conversation", ""]
    for proof in proofs:
        lines += _item(proof, "")
        for companion in proof.companions:
            lines += _item(companion, "  ")
    return "\n".join([*lines, "", f"<sub>{ABSTRACTION}</sub>"]) + "\n"


def _item(proof: Proof, indent: str) -> Iterator[str]:
    summary = markdown(proof_summary(proof), 2_000)
    asked = f"{code(proof.property)} of {code(proof.agent)}"
    yield f"{indent}- {_ICONS[proof.verdict]} {asked}: {proof.verdict}. {summary}"
    for step in proof.conversation:
        yield f"{indent}  1. {markdown(step.text)}" if step.by_model else f"{indent}     - {markdown(step.text)}"
