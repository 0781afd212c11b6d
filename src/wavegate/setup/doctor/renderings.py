"""The results of doctor as text, Markdown and JSON."""

import json
from collections.abc import Sequence
from itertools import groupby

from wavegate.setup.doctor.health import Check, Health, overall
from wavegate.text import code, link, markdown, one_line, pluralize

_WORD = {Health.OK: "ok     ", Health.PROBLEM: "PROBLEM", Health.UNKNOWN: "unknown"}
_SIGN = {Health.OK: "✅", Health.PROBLEM: "❌", Health.UNKNOWN: "❔"}


def doctor_text(checks: Sequence[Check]) -> str:
    """The checks by subject, with their fixes."""
    lines = []
    for subject, group in groupby(_by_subject(checks), lambda each: each.subject):
        lines.append(one_line(subject, 100))
        for check in group:
            lines.append(f"  {_WORD[check.health]}  {one_line(check.message)} [{check.rule}]")
            if check.fix:
                lines.append(f"           → {one_line(check.fix)}")
            if check.page:
                lines.append(f"             {one_line(check.page)}")
        lines.append("")
    return "\n".join([*lines, _totals(checks)])


def doctor_markdown(checks: Sequence[Check]) -> str:
    """A table of the checks, worst first."""
    order = (Health.PROBLEM, Health.UNKNOWN, Health.OK)
    rows = (
        f"| {_SIGN[each.health]} | {code(each.subject, 100)} | {markdown(each.message)} | {_what_to_do(each)} |"
        for each in sorted(checks, key=lambda each: order.index(each.health))
    )
    head = ["| | Subject | Result | What to do |", "|---|---|---|---|"]
    return "\n".join([f"### {_SIGN[overall(checks)]} wavegate doctor", "", _totals(checks), "", *head, *rows, ""])


def doctor_json(checks: Sequence[Check]) -> str:
    """One object: overall, and the checks in the order in which they were made."""
    return json.dumps({"overall": overall(checks), "checks": [_values(each) for each in checks]}, indent=2)


def _what_to_do(check: Check) -> str:
    page = f" {link('Open the page', check.page)}" if check.page else ""
    return f"{markdown(check.fix)}{page}"


def _values(check: Check) -> dict[str, object]:
    return {
        "rule": check.rule,
        "subject": check.subject,
        "health": check.health,
        "message": check.message,
        "fix": check.fix,
        "page": check.page,
        "canBeFixed": bool(check.remedies),
    }


def _by_subject(checks: Sequence[Check]) -> list[Check]:
    subjects = list(dict.fromkeys(each.subject for each in checks))
    return sorted(checks, key=lambda each: subjects.index(each.subject))


def _totals(checks: Sequence[Check]) -> str:
    counts = {health: sum(each.health is health for each in checks) for health in Health}
    fixable = sum(bool(each.remedies) for each in checks)
    more = f" `wavegate doctor --fix` can fix {fixable} of them." if fixable else ""
    problems = pluralize(counts[Health.PROBLEM], "problem")
    return f"{problems}, {counts[Health.UNKNOWN]} unknown, {counts[Health.OK]} ok.{more}"
