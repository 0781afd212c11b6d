"""A canary's decision as a command prints it."""

from collections.abc import Iterator

from wavegate.canary.decision import CanaryDecision
from wavegate.text import markdown


def render(decision: CanaryDecision, data: bytes, form: str) -> str:
    """The decision in a format. data: its file."""
    if form == "json":
        return data.decode()
    lines = [f"{decision.verdict}: {decision.claim}", *(f"- {each.text}" for each in decision.reasons)]
    return "\n".join(map(markdown, lines) if form == "markdown" else lines)


def decision_annotations(decision: CanaryDecision) -> Iterator[tuple[str, str]]:
    """Level and message."""
    for each in decision.reasons:
        if each.weight:
            yield ("error" if each.weight == "rollback" else "warning"), f"{each.text} {each.fix}"
