"""Changes as JSON with a stable shape: `schemas/guardrail-changes.schema.json`. null means that there is none."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.change import GuardrailChange, class_of
from wavegate.guardrails.diff.rules import Direction


def changes_json(changes: Sequence[GuardrailChange], *, base: str, head: str) -> str:
    """One object. base, head: the commits, by full id."""
    counts = Counter(each.direction for each in changes)
    values = {
        "schema": 1,
        "base": base,
        "head": head,
        "class": class_of(changes).value,
        "counts": {each.value: counts[each] for each in Direction},
        "changes": [change_values(each) for each in changes],
    }
    return json.dumps(values, indent=2)


def change_values(change: GuardrailChange) -> dict[str, Any]:
    """One change as a JSON object."""
    return {
        "rule": change.rule,
        "direction": change.direction.value,
        "class": change.change_class.value,
        "agent": change.subject.agent,
        "topic": change.subject.topic,
        "tool": change.subject.tool,
        "before": _place(change.before),
        "after": _place(change.after),
        "message": change.message,
        "textBefore": change.text_before,
        "textAfter": change.text_after,
    }


def _place(location: Location | None) -> dict[str, Any] | None:
    return location._asdict() if location else None
