"""The brief as one screen of Markdown, for the reviewer of a deployment and for the pull request."""

from wavegate.findings.finding import Finding, Severity, worst_first
from wavegate.gate.words import ICONS, mark, share, worst_tests_first
from wavegate.promotion.brief.answer import NOTE, answer_lines, uncovered_lines
from wavegate.promotion.brief.changes import changes, deletions, folded, prompts, unchanged
from wavegate.promotion.brief.facts import facts
from wavegate.promotion.brief.guardrails import guardrails
from wavegate.promotion.brief.reviews import open_from_reviews
from wavegate.promotion.brief.values import Brief
from wavegate.rollback.rehearsal import IN_THE_ROLLBACK
from wavegate.text import clip, code, markdown, prose

LIMIT = 50_000
"""Maximum characters of the brief; a pull request comment holds 65,536."""
_FINDINGS = 5
_ROWS = 100
_STEPS = 6
_NOTES = {"apex/untested"}
"""Rules whose findings ask for no decision: the validation in the org shows whether they matter."""
_SIGNS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️"}


def brief_markdown(brief: Brief) -> str:
    """The brief within LIMIT. Long lists are folded; a section that does not fit is left out."""
    bounds = guardrails(brief)
    parts = [_head(brief), _errors(brief), facts(brief), bounds, deletions(brief), _manual_steps(brief)]
    parts.append(open_from_reviews(brief.reviews))
    rest = [changes(brief), prompts(brief), _tests(brief), unchanged(brief)]
    text = "\n\n".join(filter(None, parts))
    for part in filter(None, rest):
        if len(text) + len(part) + 2 <= LIMIT:
            text += f"\n\n{part}"
    return text + "\n"


def _errors(brief: Brief) -> str:
    lines = _findings(brief, Severity.ERROR)
    return "\n".join(["**Errors of the plan or of the rehearsed rollback:**", "", *lines]) if lines else ""


def _head(brief: Brief) -> str:
    """The answer, and all warnings in one list with what it follows from."""
    head = "\n".join(answer_lines(brief)).rstrip()
    lines = [*(f"- {each}" for each in uncovered_lines(brief)), *_findings(brief, Severity.WARNING)]
    # what asks for a decision comes first
    lines.sort(key=lambda line: line.startswith(f"- {NOTE}"))
    gap = "\n" if head.rpartition("\n")[2].startswith("- ") else "\n\n"
    return gap.join([head, "\n".join(lines)]) if lines else head


def _findings(brief: Brief, severity: Severity) -> list[str]:
    """Problems of the plan and of the rehearsed rollback; what both report is shown once."""
    said = {each.message for each in brief.plan.findings}
    rehearsed = brief.rehearsal.findings if brief.rehearsal else ()
    new = (each for each in rehearsed if each.message.removeprefix(IN_THE_ROLLBACK) not in said)
    found = sorted((each for each in (*brief.plan.findings, *new) if each.severity is severity), key=worst_first)
    lines = list(dict.fromkeys(_finding(each, brief) for each in found))
    more = [f"- and {len(lines) - _FINDINGS} more in the plan"] if len(lines) > _FINDINGS else []
    return [*lines[:_FINDINGS], *more]


def _finding(finding: Finding, brief: Brief) -> str:
    """A finding; what asks for a decision says of whom, and what there is to choose."""
    if finding.rule in _NOTES:
        return f"- {NOTE} {prose(finding.message)}"
    shown = f"- {_SIGNS[finding.severity]} {prose(finding.message)}"
    if finding.severity is not Severity.WARNING:
        return shown
    who = " ".join(code(each, 100) for each in brief.owners.release[:3]) or "The release's owner"
    return f"{shown} → {who}: {prose(finding.fix)}"


def _tests(brief: Brief) -> str:
    decision = brief.decision
    if decision is None or brief.doubt or not decision.tests:
        return ""
    rows = [
        f"| {ICONS[mark(row)]} {mark(row)} | {markdown(row.test, 80)} | {markdown(share(row))} |"
        for row in worst_tests_first(decision.tests)[:_ROWS]
    ]
    rows += [f"| ⏸️ | {markdown(each.test, 80)} | {markdown(clip(each.reason, 200))} |" for each in decision.waivers]
    return folded(f"Smoke tests: {len(decision.tests)}", ["| | Test | Passed |", "|---|---|---|", *rows])


def _manual_steps(brief: Brief) -> str:
    """What git cannot restore: open, unless it is long."""
    lines = [f"- {markdown(each, 500)}" for each in brief.manual_steps[:_ROWS]]
    title = "⚠️ After a rollback, people must do this: git cannot restore it"
    if len(lines) > _STEPS:
        return folded(title, lines)
    return "\n".join([f"**{title}**", "", *lines]) if lines else ""
