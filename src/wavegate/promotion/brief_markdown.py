"""The brief as one screen of Markdown, for the reviewer of a deployment and for the pull request."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.findings.finding import Severity, worst_first
from wavegate.gate.attempt.attempt_words import attempt_sentences, linked_verdict
from wavegate.gate.decision import Verdict
from wavegate.gate.words import headline, share, worst_tests_first
from wavegate.plan.as_markdown import change_cell
from wavegate.plan.values import PromptChange, RiskLevel
from wavegate.promotion.brief import Brief, ValidationResult, ValidationSummary
from wavegate.rollback.rehearsal_report import rehearsal_words
from wavegate.text import clip, code, fenced, markdown, pluralize

LIMIT = 50_000
"""Maximum characters of the brief; a pull request comment holds 65,536."""
_REASONS = 5
_FINDINGS = 5
_PROMPTS = 10
_CHANGES = 100
_DELETIONS = 10_000
"""Maximum characters of the deleted components' names."""
_VERDICT = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.INCONCLUSIVE: "⚠️"}
_RISK = {RiskLevel.LOW: "🟢 low", RiskLevel.MEDIUM: "🟡 medium", RiskLevel.HIGH: "🔴 **high**"}

_VALIDATION: dict[ValidationResult, str] = {
    "validated": "✅ yes",
    "validated-in-part": "✅ yes, in part: see the validation's summary",
    "unchanged": "✅ yes: there is nothing to deploy",
    "no-credentials": "⚠️ no: there are no credentials for the org before the approval",
    "off": "⚠️ no: the validation is disabled",
}


def title(brief: Brief) -> str:
    """The verdict in one sentence, not escaped; a warning if no valid decision authorizes the promotion."""
    plan = brief.plan
    if brief.decision is None or brief.doubt:
        return f"⚠️ No valid decision authorizes promoting {plan.release} to {plan.environment}"
    return f"{_VERDICT[brief.decision.verdict]} {headline(brief.decision)}"


def brief_markdown(brief: Brief) -> str:
    """The brief within LIMIT. Long lists are folded; a section that does not fit is left out."""
    parts = [_head(brief), _facts(brief), _findings(brief), _deletions(brief.plan.changes)]
    folded = [_prompts(brief.prompts), _changes(brief.plan.changes), _tests(brief), _manual_steps(brief)]
    text = "\n\n".join(filter(None, parts))
    for part in filter(None, folded):
        if len(text) + len(part) + 2 <= LIMIT:
            text += f"\n\n{part}"
    return text + "\n"


def _head(brief: Brief) -> str:
    lines = [f"## {markdown(title(brief))}", ""]
    if brief.doubt:
        return "\n".join([*lines, f"> {markdown(brief.doubt, 1000)}"])
    if brief.decision:
        lines.append(f"> {markdown(brief.decision.claim, 1000)}")
        attempts = " ".join(attempt_sentences(brief.decision, linked_verdict))
        lines += ["", attempts] if attempts else []
        reasons = [each for each in brief.decision.reasons if each.weight]
        lines += ["", *(f"- **{markdown(each.code)}** {markdown(each.text)}" for each in reasons[:_REASONS])]
        if len(reasons) > _REASONS:
            lines.append(f"- and {len(reasons) - _REASONS} more reasons in the decision file")
    return "\n".join(lines).rstrip()


def _facts(brief: Brief) -> str:
    rows = [
        ("Risk", f"{_RISK[brief.risk.level]}: {markdown('; '.join(brief.risk.reasons), 600)}"),
        ("Changes", _counts(brief.plan.changes)),
        *([("Validated in the org", _validation(brief.validation))] if brief.validation else []),
        ("Live now", _live(brief)),
        ("Rollback", _rollback(brief)),
        ("Owners", _owners(brief)),
    ]
    if brief.decision and brief.decision.commit:
        rows.append(("Commit", code(brief.decision.commit)))
    rows.append(("Content", f"sha256 {code(brief.plan.content)}"))
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _counts(changes: Sequence[ComponentChange]) -> str:
    kinds = Counter(_kind(each) for each in changes)
    changed = Counter(each.kind for each in changes)
    if not kinds:
        return "none"
    counts = ", ".join(f"{name}: {count}" for name, count in sorted(kinds.items()))
    return f"{counts} ({', '.join(f'{changed[kind]} {kind.value}' for kind in ChangeKind if changed[kind])})"


def _kind(change: ComponentChange) -> str:
    return change.component.kind.value if change.component.kind else "tests"


def _validation(validation: ValidationSummary) -> str:
    org = f", {code(validation.org.partition('://')[2], 100)}" if validation.org else ""
    tests = f", {pluralize(validation.tests, 'Apex test')}" if validation.tests is not None else ""
    return f"{_VALIDATION[validation.result]}{org}{tests}"


def _live(brief: Brief) -> str:
    live = brief.live
    if live is None:
        return markdown(brief.live_note) or "unknown"
    since = f", since {live.live_since:%Y-%m-%d %H:%M} UTC" if live.live_since else ""
    agents = ", ".join(f"{name} {version}" for name, version in sorted(live.agents.items()))
    release = f"{markdown(live.title, 100)} at {code(live.commit[:12])}{since}"
    return release + (f", with {markdown(agents, 200)}" if agents else "")


def _rollback(brief: Brief) -> str:
    rehearsal = brief.rehearsal
    if rehearsal is None:
        result = "not rehearsed: the live release is unknown"
    elif rehearsal.passed:
        result = f"✅ rehearsed: {markdown(rehearsal_words(rehearsal))}"
    else:
        result = f"❌ **rehearsal failed**: {markdown(rehearsal_words(rehearsal))}"
    steps = len(brief.manual_steps)
    return result + (f"; {pluralize(steps, 'manual step')} listed below" if steps else "")


def _owners(brief: Brief) -> str:
    owners = brief.owners
    named = (("release", owners.release), ("escalations", owners.escalations), ("kill switch", owners.kill_switch))
    # as code, so that the brief does not notify them
    duties = [f"{duty} {' '.join(code(each, 100) for each in people[:5])}" for duty, people in named if people]
    return ", ".join(duties) or "none named"


def _findings(brief: Brief) -> str:
    rehearsed = brief.rehearsal.findings if brief.rehearsal else ()
    findings = [each for each in (*brief.plan.findings, *rehearsed) if each.severity is not Severity.NOTICE]
    shown = sorted(findings, key=worst_first)[:_FINDINGS]
    sign = {Severity.ERROR: "❌", Severity.WARNING: "⚠️"}
    lines = [f"- {sign[each.severity]} {markdown(each.message)}" for each in shown]
    if len(findings) > _FINDINGS:
        lines.append(f"- and {len(findings) - _FINDINGS} more in the plan")
    return "\n".join(lines)


def _deletions(changes: Sequence[ComponentChange]) -> str:
    """What the promotion deletes, by name and not folded: a reviewer must not overlook it."""
    removed = [str(each.component.id) for each in changes if each.kind is ChangeKind.REMOVED]
    if not removed:
        return ""
    names = [f"- {code(each, 200)}" for each in removed]
    lengths = accumulate(len(each) for each in names)
    shown = [each for each, length in zip(names, lengths, strict=True) if length <= _DELETIONS]
    more = [f"- and {len(names) - len(shown)} more in the plan"] if len(names) > len(shown) else []
    return "\n".join([f"### ➖ Deletes {pluralize(len(removed), 'component')}", "", *shown, *more])


def _prompts(prompts: Sequence[PromptChange]) -> str:
    return _folded(f"Prompts: {pluralize(len(prompts), 'change')}", _prompt_lines(prompts)) if prompts else ""


def _prompt_lines(prompts: Sequence[PromptChange]) -> Iterator[str]:
    for prompt in prompts[:_PROMPTS]:
        yield f"**{markdown(prompt.name, 200)}** {prompt.kind.value}: +{prompt.added} −{prompt.removed} lines\n"
        if prompt.lines:
            yield fenced(prompt.lines, "diff")
        if prompt.more:
            yield f"\nand {prompt.more} more lines"
        yield ""
    if len(prompts) > _PROMPTS:
        yield f"and {len(prompts) - _PROMPTS} more prompts in the plan"


def _changes(changes: Sequence[ComponentChange]) -> str:
    if not changes:
        return ""
    rows = [f"| {code(str(each.component.id), 200)} | {change_cell(each)} |" for each in changes[:_CHANGES]]
    more = [f"\n{len(changes) - _CHANGES} more in the plan."] if len(changes) > _CHANGES else []
    return _folded(f"Components: {pluralize(len(changes), 'change')}", ["| Component | |", "|---|---|", *rows, *more])


def _tests(brief: Brief) -> str:
    decision = brief.decision
    if decision is None or brief.doubt or not decision.tests:
        return ""
    rows = [
        f"| {_VERDICT[row.verdict]} | {markdown(row.test, 80)} | {markdown(share(row))} |"
        for row in worst_tests_first(decision.tests)[:_CHANGES]
    ]
    rows += [f"| ⏸️ | {markdown(each.test, 80)} | {markdown(clip(each.reason, 200))} |" for each in decision.waivers]
    return _folded(f"Smoke tests: {len(decision.tests)}", ["| | Test | Passed |", "|---|---|---|", *rows])


def _manual_steps(brief: Brief) -> str:
    lines = [f"- {markdown(each, 500)}" for each in brief.manual_steps[:_CHANGES]]
    return _folded("Manual rollback steps: git cannot restore these", lines) if lines else ""


def _folded(summary: str, lines: Sequence[str] | Iterator[str]) -> str:
    return "\n".join([f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"])
