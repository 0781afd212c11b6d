"""Proofs as JSON."""

import json
from collections.abc import Iterable
from typing import Any

from wavegate.findings.finding import Location
from wavegate.guardrails.prove.proof import Proof


def proofs_json(proofs: Iterable[Proof]) -> str:
    """One object with all proofs, the properties in the order of the question."""
    return json.dumps({"schema": 1, "proofs": [_values(proof) for proof in proofs]}, indent=2, ensure_ascii=False)


def _values(proof: Proof) -> dict[str, Any]:
    return {
        "agent": proof.agent,
        "property": proof.property,
        "verdict": proof.verdict,
        "reason": proof.reason,
        "states": proof.states,
        "confirmed": proof.confirmed,
        "conversation": [
            {"text": step.text, "byModel": step.by_model, "location": _place(step.location)}
            for step in proof.conversation
        ],
        "dropped": list(proof.dropped),
        "written": proof.written,
        "losses": [
            {"rule": loss.rule, "message": loss.message, "location": _place(loss.location)} for loss in proof.losses
        ],
        "companions": [_values(companion) for companion in proof.companions],
    }


def _place(location: Location | None) -> dict[str, Any] | None:
    if location is None:
        return None
    return {"file": location.file, "line": location.line, "column": location.column}
