"""A decision as a step summary that a reviewer can read in ten seconds."""

from collections.abc import Iterator, Sequence

from wavegate.gate.attempt.attempt_words import attempt_sentences, linked_verdict
from wavegate.gate.decision import Criterion, Decision, TestRow, Verdict
from wavegate.gate.tested.versions import version_line
from wavegate.gate.why.claim_words import plain_claim
from wavegate.gate.why.why_markdown import bullets, reason_text, rest_line, why_lines
from wavegate.gate.words import (
    ICONS,
    bar,
    check_line,
    mark,
    settle,
    share,
    verdict_line,
    worst_comparisons_first,
    worst_tests_first,
)
from wavegate.text import code, markdown, percent, percent_up, pluralize

_RATES = {"minimumSuccessRate", "perTestMinimum", "maxErrorRate", "noRegressionAgainst", "requireVersion"}
"""Criteria in percent."""
OPEN_ROWS = 15
"""The worst tests are shown; the rest are folded."""
MAX_ROWS = 100
MAX_REASONS = 20


def decision_markdown(decision: Decision) -> str:
    """GitHub-flavored Markdown; text from the evidence is escaped."""
    return "\n".join(
        (
            *head_lines(decision, most=MAX_REASONS),
            *_notes(decision),
            *_settle(decision),
            *_version(decision),
            *_violations(decision),
            *_tests(decision),
            *_checks(decision),
            *_criteria(decision),
            *_comparisons(decision),
            *_waivers(decision),
            *_evidence(decision),
        )
    )


def _version(decision: Decision) -> Iterator[str]:
    if version := version_line(decision):
        yield f"{markdown(version[:1].upper() + version[1:])}\n"


def head_lines(decision: Decision, *, most: int, more: Sequence[str] = ()) -> list[str]:
    """What every screen about a decision begins with: verdict, claim, attempts, and why.

    most: lines of the last. more: further lines below them, Markdown.
    """
    why, attempts = why_lines(decision), " ".join(attempt_sentences(decision, linked_verdict))
    lines = [f"## {markdown(verdict_line(decision))}", ""]
    if decision.verdict is Verdict.PASS or not why:
        lines += [_claim(decision), ""]
    if attempts:
        lines += [f"⚠️ {attempts}" if decision.attempt > 1 else attempts, ""]
    rest = [f"- {line}"] if why and (line := rest_line(decision)) else []
    shown = [*bullets(why, most), *rest, *(f"- {each}" for each in more)]
    return [*lines, *shown, ""] if shown else lines


def _claim(decision: Decision) -> str:
    """The claim; the observed rate of a pass, its first sentence, is what a reader in a hurry needs."""
    observed, end, supported = plain_claim(decision).partition(". ")
    if decision.verdict is not Verdict.PASS or not end:
        return markdown(plain_claim(decision), 1000)
    return f"**{markdown(observed, 500)}.** {markdown(supported, 1000)}"


def _notes(decision: Decision) -> Iterator[str]:
    notes = [each for each in decision.reasons if not each.weight]
    yield from bullets([f"ℹ️ {reason_text(each)}" for each in notes], MAX_REASONS)
    yield ""


def _settle(decision: Decision) -> Iterator[str]:
    # an undecided criterion has this text in its reason; a pass as observed has none, so name what would prove it
    if decision.verdict is Verdict.PASS:
        for text in settle(decision):
            yield f"**For a stronger claim:** {markdown(text)}\n"


def _violations(decision: Decision) -> Iterator[str]:
    # as long as every one has a line above, the table would only repeat them
    if len(decision.violations) > MAX_REASONS:
        yield from (
            "### Policy violations",
            "",
            "| Severity | Policy | Test | Count | First seen |",
            "|---|---|---|--:|---|",
        )
        for row in decision.violations[:MAX_ROWS]:
            note = "" if row.confirmed else ", unconfirmed"
            yield (
                f"| {row.severity}{note} | {markdown(row.policy, 80)} | {markdown(row.test, 80)} | {row.count} "
                f"| case {markdown(row.case, 40)}, run {row.run} |"
            )
        yield from _more(len(decision.violations))


def _tests(decision: Decision) -> Iterator[str]:
    rows = worst_tests_first(decision.tests)
    if rows:
        yield from _table(rows[:OPEN_ROWS])
        yield ""
    if len(rows) > OPEN_ROWS:
        yield f"<details><summary>{pluralize(len(rows) - OPEN_ROWS, 'more test')}, none worse</summary>\n"
        yield from _table(rows[OPEN_ROWS:MAX_ROWS])
        yield from _more(len(rows))
        yield "</details>\n"


def _table(rows: Sequence[TestRow]) -> Iterator[str]:
    yield from ("| | Test | Cases | Passed | 0 % to 100 % | p95 |", "|---|---|--:|---|---|--:|")
    for row in rows:
        p95 = "" if row.p95 is None else f"{row.p95:,.0f} ms"
        word = mark(row)
        yield (
            f"| {ICONS[word]} {word} | {markdown(row.test, 80)} | {_cases(row)} | {markdown(share(row))} "
            f"| <code>{bar(row)}</code> | {p95} |"
        )


def _checks(decision: Decision) -> Iterator[str]:
    """The checks that failed without counting are open: nothing else shows them. The others are folded."""
    ignored = [row for row in decision.checks if row.failed and not row.counts]
    rest = [row for row in decision.checks if row not in ignored]
    yield from (f"- {markdown(check_line(row), 300)}" for row in ignored[:MAX_ROWS])
    if ignored:
        yield from _more(len(ignored))
    if rest:
        yield f"<details><summary>{pluralize(len(rest), 'kind')} of checks</summary>\n"
        yield from (f"- {markdown(check_line(row), 300)}" for row in rest[:MAX_ROWS])
        yield from _more(len(rest))
        yield "</details>\n"


def _cases(row: TestRow) -> str:
    return f"{row.cases:,}" if row.cases_from else f"{row.cases:,} seen"


def _criteria(decision: Decision) -> Iterator[str]:
    has_several_packs = len(decision.packs) > 1
    if decision.criteria:
        yield from ("| | Criterion | Observed | Required | Method |", "|---|---|--:|--:|---|")
        for criterion in decision.criteria:
            name = markdown(criterion.name, 80)
            name = f"{markdown(criterion.suite, 80)}: {name}" if has_several_packs else name
            observed, threshold = _number(criterion, criterion.observed), _number(criterion, criterion.threshold)
            method = f"{markdown(criterion.method)}{_confidence(criterion)}"
            yield f"| {ICONS[criterion.verdict]} | {name} | {observed} | {threshold} | {method} |"
        yield ""


def _comparisons(decision: Decision) -> Iterator[str]:
    if decision.comparisons:
        yield from ("| | Test | Baseline | Now | Worse | Loss below | Allowed |", "|---|---|--:|--:|--:|--:|--:|")
        for row in worst_comparisons_first(decision.comparisons)[:MAX_ROWS]:
            yield (
                f"| {ICONS[row.verdict]} | {markdown(row.test, 80)} | {row.before:,} of {row.pairs:,} "
                f"| {row.after:,} of {row.pairs:,} | {row.worse:,} | {percent_up(row.loss)} | {percent(row.margin)} |"
            )
        yield from _more(len(decision.comparisons))


def _number(criterion: Criterion, value: float | None) -> str:
    if value is None:
        return "–"
    if criterion.name in _RATES:
        return percent(value, beside=criterion.threshold)
    return f"{value:,.0f} ms" if criterion.name == "maxLatencyP95" else f"{value:g}"


def _confidence(criterion: Criterion) -> str:
    return f", {percent(criterion.confidence)} confidence" if criterion.confidence else ""


def _waivers(decision: Decision) -> Iterator[str]:
    for waiver in decision.waivers:
        yield (
            f"- ⏸️ **{markdown(waiver.test, 80)}** is waived until {waiver.expires} by {markdown(waiver.owner, 80)}: "
            f"{markdown(waiver.reason)}"
        )
    if decision.waivers:
        yield ""


def _evidence(decision: Decision) -> Iterator[str]:
    yield "<details><summary>What was judged</summary>\n"
    yield f"- claim: {markdown(decision.claim, 1000)}"
    yield f"- observed in: {markdown(decision.observed_in or 'any environment')}"
    if decision.commit:
        yield f"- commit {code(decision.commit)}"
    for resource in (decision.manifest, *decision.packs, *decision.inputs[:MAX_ROWS]):
        yield f"- {code(resource.name, 120)} sha256 {code(resource.digest.get('sha256', ''))}"
    for source in dict.fromkeys(row.cases_from for row in decision.tests if row.cases_from):
        yield f"- cases as declared in {code(source, 200)}"
    if len(decision.inputs) > MAX_ROWS:
        yield f"- and {len(decision.inputs) - MAX_ROWS} more files in the decision file"
    yield "\n</details>"


def _more(count: int) -> Iterator[str]:
    if count > MAX_ROWS:
        yield f"\n{count - MAX_ROWS} more in the decision file."
    yield ""
