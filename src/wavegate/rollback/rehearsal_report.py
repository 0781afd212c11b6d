"""The results of rollback rehearsals as log lines and step summary."""

from collections.abc import Iterator, Sequence

from wavegate.findings.finding import Severity
from wavegate.rollback.rehearsal_values import Rehearsal
from wavegate.text import code, one_line, pluralize


def rehearsal_lines(rehearsals: Sequence[Rehearsal]) -> Iterator[str]:
    """One line per environment."""
    for rehearsal in rehearsals:
        verdict = "can be rolled back" if rehearsal.passed else "CANNOT be rolled back"
        yield f"{one_line(rehearsal.environment, 100)}: {verdict}: {rehearsal_words(rehearsal)}"


def rehearsal_words(rehearsal: Rehearsal) -> str:
    """The effect of the rollback, as plain text."""
    missing = f"; no procedure for {', '.join(rehearsal.missing)}" if rehearsal.missing else ""
    return f"{_result(rehearsal)}{missing}"


def _result(rehearsal: Rehearsal) -> str:
    rollback = rehearsal.rollback
    if rollback is None:
        failed = any(each.severity is Severity.ERROR for each in rehearsal.findings)
        return (
            "no release can be restored" if failed else "only by disabling its agents, as no earlier release is known"
        )
    plan = rollback.plan
    if plan.same_release:
        return f"{one_line(rollback.good.name, 60)} has the same files"
    removed = f" and remove {len(plan.deleted)}" if plan.deleted else ""
    return f"to {rollback.good.title}: would restore {pluralize(len(plan.restored), 'file')}{removed}"


def rehearsal_markdown(rehearsals: Sequence[Rehearsal]) -> str:
    """A table with one row per environment; '' without rehearsals."""
    if not rehearsals:
        return ""
    rows = (
        f"| {'✅' if each.passed else '❌'} | {code(each.environment, 100)} | {code(rehearsal_words(each))} |"
        for each in rehearsals
    )
    return "\n".join(["### Rollback rehearsal", "", "| | Environment | Rollback |", "|---|---|---|", *rows, ""])
