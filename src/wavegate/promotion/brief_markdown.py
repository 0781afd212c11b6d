"""The brief as one screen of Markdown: for the reviewer of a deployment, and for the pull request."""

from collections import Counter
from collections.abc import Iterator, Sequence

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.findings.finding import Severity, worst_first
from wavegate.gate.decision import Verdict
from wavegate.gate.words import headline, share, worst_tests_first
from wavegate.plan.as_markdown import CHANGE_WORDS
from wavegate.plan.values import PromptChange, RiskLevel
from wavegate.promotion.brief import Brief
from wavegate.rollback.rehearsal_report import rehearsal_words
from wavegate.text import clip, code, fenced, markdown, pluralize

LIMIT = 50_000
"""Characters of the brief: a comment on a pull request holds 65,536."""
_REASONS = 5
_FINDINGS = 5
_PROMPTS = 10
_CHANGES = 100
_VERDICT = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.INCONCLUSIVE: "⚠️"}
_RISK = {RiskLevel.LOW: "🟢 low", RiskLevel.MEDIUM: "🟡 medium", RiskLevel.HIGH: "🔴 **high**"}


def title(brief: Brief) -> str:
    """The verdict in one sentence, not escaped; without a decision that counts, it is that there is none."""
    plan = brief.plan
    if brief.decision is None or brief.doubt:
        return f"⚠️ No decision lets {plan.release} into {plan.environment}"
    return f"{_VERDICT[brief.decision.verdict]} {headline(brief.decision)}"


def brief_markdown(brief: Brief) -> str:
    """The whole brief; long lists are folded, and what does not fit is left out from the end."""
    parts = [_head(brief), _facts(brief), _findings(brief)]
    folded = [_prompts(brief.prompts), _changes(brief.plan.changes), _tests(brief), _way_back(brief)]
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
        reasons = [each for each in brief.decision.reasons if each.weight]
        lines += ["", *(f"- **{markdown(each.code)}** {markdown(each.text)}" for each in reasons[:_REASONS])]
        if len(reasons) > _REASONS:
            lines.append(f"- and {len(reasons) - _REASONS} more reasons in the decision")
    return "\n".join(lines).rstrip()


def _facts(brief: Brief) -> str:
    rows = [
        ("Risk", f"{_RISK[brief.risk.level]}: {markdown('; '.join(brief.risk.reasons), 600)}"),
        ("Changes", _counts(brief.plan.changes)),
        ("Live now", _live(brief)),
        ("If it turns out bad", _rollback(brief)),
        ("Owners", _owners(brief)),
    ]
    if brief.decision and brief.decision.commit:
        rows.append(("Commit", code(brief.decision.commit)))
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _counts(changes: Sequence[ComponentChange]) -> str:
    kinds = Counter(_kind(each) for each in changes)
    ways = Counter(each.kind for each in changes)
    if not kinds:
        return "nothing"
    told = ", ".join(f"{name}: {count}" for name, count in sorted(kinds.items()))
    return f"{told} ({', '.join(f'{ways[way]} {way.value}' for way in ChangeKind if ways[way])})"


def _kind(change: ComponentChange) -> str:
    return change.component.kind.value if change.component.kind else "tests"


def _live(brief: Brief) -> str:
    live = brief.live
    if live is None:
        return markdown(brief.live_note) or "unknown"
    since = f", since {live.live_since:%Y-%m-%d %H:%M} UTC" if live.live_since else ""
    agents = ", ".join(f"{name} {version}" for name, version in sorted(live.agents.items()))
    told = f"{markdown(live.title, 100)} at {code(live.commit[:12])}{since}"
    return told + (f", with {markdown(agents, 200)}" if agents else "")


def _rollback(brief: Brief) -> str:
    rehearsal = brief.rehearsal
    if rehearsal is None:
        told = "not rehearsed: nothing says what is live"
    elif rehearsal.passed:
        told = f"✅ rehearsed: {markdown(rehearsal_words(rehearsal))}"
    else:
        told = f"❌ **the rehearsal failed**: {markdown(rehearsal_words(rehearsal))}"
    return told + (f"; {len(brief.by_hand)} to do by hand, below" if brief.by_hand else "")


def _owners(brief: Brief) -> str:
    owners = brief.owners
    named = (("release", owners.release), ("escalations", owners.escalations), ("kill switch", owners.kill_switch))
    # as code: a brief is no reason to notify everybody
    told = [f"{duty} {' '.join(code(each, 100) for each in people[:5])}" for duty, people in named if people]
    return ", ".join(told) or "nobody is named"


def _findings(brief: Brief) -> str:
    rehearsed = brief.rehearsal.findings if brief.rehearsal else ()
    found = [each for each in (*brief.plan.findings, *rehearsed) if each.severity is not Severity.NOTICE]
    shown = sorted(found, key=worst_first)[:_FINDINGS]
    sign = {Severity.ERROR: "❌", Severity.WARNING: "⚠️"}
    lines = [f"- {sign[each.severity]} {markdown(each.message)}" for each in shown]
    if len(found) > _FINDINGS:
        lines.append(f"- and {len(found) - _FINDINGS} more in the plan")
    return "\n".join(lines)


def _prompts(prompts: Sequence[PromptChange]) -> str:
    return _folded(f"Prompts: {pluralize(len(prompts), 'change')}", _prompt_lines(prompts)) if prompts else ""


def _prompt_lines(prompts: Sequence[PromptChange]) -> Iterator[str]:
    for each in prompts[:_PROMPTS]:
        yield f"**{markdown(each.name, 200)}** {each.kind.value}: +{each.added} −{each.removed} lines\n"
        if each.lines:
            yield fenced(each.lines, "diff")
        if each.more:
            yield f"\nand {each.more} more lines"
        yield ""
    if len(prompts) > _PROMPTS:
        yield f"and {len(prompts) - _PROMPTS} more prompts in the plan"


def _changes(changes: Sequence[ComponentChange]) -> str:
    if not changes:
        return ""
    rows = [f"| {code(str(each.component.id), 200)} | {CHANGE_WORDS[each.kind]} |" for each in changes[:_CHANGES]]
    more = [f"\n{len(changes) - _CHANGES} more are in the plan."] if len(changes) > _CHANGES else []
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


def _way_back(brief: Brief) -> str:
    lines = [f"- {markdown(each, 500)}" for each in brief.by_hand[:_CHANGES]]
    return _folded("By hand in a rollback: git cannot restore it", lines) if lines else ""


def _folded(summary: str, lines: Sequence[str] | Iterator[str]) -> str:
    return "\n".join([f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"])
