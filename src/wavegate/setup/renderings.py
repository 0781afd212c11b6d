"""What doctor found, as text, Markdown and JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from wavegate.setup.health import Check, Health, overall
from wavegate.text import code, markdown, one_line, pluralize

_WORD = {Health.OK: "ok     ", Health.PROBLEM: "PROBLEM", Health.UNKNOWN: "unknown"}
_SIGN = {Health.OK: "✅", Health.PROBLEM: "❌", Health.UNKNOWN: "❔"}


def doctor_text(checks: Sequence[Check]) -> str:
    """The checks by subject, each with its fix."""
    lines = []
    for subject, group in groupby(_by_subject(checks), lambda each: each.subject):
        lines.append(one_line(subject, 100))
        for each in group:
            lines.append(f"  {_WORD[each.health]}  {one_line(each.message)} [{each.rule}]")
            if each.fix:
                lines.append(f"           → {one_line(each.fix)}")
        lines.append("")
    return "\n".join([*lines, _totals(checks)])


def doctor_markdown(checks: Sequence[Check]) -> str:
    """A table, worst first."""
    order = (Health.PROBLEM, Health.UNKNOWN, Health.OK)
    rows = (
        f"| {_SIGN[each.health]} | {code(each.subject, 100)} | {markdown(each.message)} | {markdown(each.fix)} |"
        for each in sorted(checks, key=lambda each: order.index(each.health))
    )
    head = ["| | Subject | Finding | Fix |", "|---|---|---|---|"]
    return "\n".join([f"### {_SIGN[overall(checks)]} wavegate doctor", "", _totals(checks), "", *head, *rows, ""])


def doctor_json(checks: Sequence[Check]) -> str:
    """One object: the overall state, and the checks in the order in which they were made."""
    return json.dumps({"overall": overall(checks), "checks": [asdict(each) for each in checks]}, indent=2)


def _by_subject(checks: Sequence[Check]) -> list[Check]:
    subjects = list(dict.fromkeys(each.subject for each in checks))
    return sorted(checks, key=lambda each: subjects.index(each.subject))


def _totals(checks: Sequence[Check]) -> str:
    counts = {health: sum(each.health is health for each in checks) for health in Health}
    return (
        f"{pluralize(counts[Health.PROBLEM], 'problem')}, {counts[Health.UNKNOWN]} unknown, {counts[Health.OK]} ok."
    )
