"""Changes as findings, for annotations and SARIF: at the line in the later commit, else in the earlier one."""

from collections.abc import Iterable

from wavegate.findings.finding import Finding, Location, Severity
from wavegate.guardrails.diff.change import GuardrailChange
from wavegate.guardrails.diff.rules import ChangeClass, Direction

WIDENING = frozenset({Direction.WIDENS, Direction.UNKNOWN})
"""Directions that count as a widening: what is undetermined is never harmless."""
_NEXT = {
    ChangeClass.SECURITY_REVIEW: "Ask for a security review, or restore what bounded the agent.",
    ChangeClass.CODE_REVIEW: "Ask for a code review.",
    ChangeClass.TUNABLE: "An administrator may make this change alone.",
}


def change_findings(changes: Iterable[GuardrailChange], *, failing: bool = False) -> list[Finding]:
    """A finding for each change. failing: whether a widening is an error, not a warning."""
    return [_finding(each, failing=failing) for each in changes]


def _finding(change: GuardrailChange, *, failing: bool) -> Finding:
    widening = Severity.ERROR if failing else Severity.WARNING
    return Finding(
        rule=change.rule,
        severity=widening if change.direction in WIDENING else Severity.NOTICE,
        location=place_of(change),
        message=f"{direction_word(change)}: {change.message}{_was(change)}",
        fix=_NEXT[change.change_class],
    )


def place_of(change: GuardrailChange) -> Location:
    """Where a change is shown."""
    return change.after or change.before or Location("")


def direction_word(change: GuardrailChange) -> str:
    """The direction as the start of a line."""
    return "Undetermined" if change.direction is Direction.UNKNOWN else change.direction.value.capitalize()


def _was(change: GuardrailChange) -> str:
    before = change.before
    return f" Before: {before.file}:{before.line}." if before and change.after else ""
