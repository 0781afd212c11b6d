"""A decision as lines for a log or terminal, and its reasons as annotations."""

from collections.abc import Iterator

from wavegate.findings.selection import MAX_ANNOTATIONS
from wavegate.gate.attempt.attempt_words import attempt_sentences
from wavegate.gate.decision import Decision, TestRow, Verdict
from wavegate.gate.tested.versions import version_line
from wavegate.gate.words import (
    bar,
    check_line,
    headline,
    mark,
    settle,
    share,
    worst_comparisons_first,
    worst_tests_first,
)
from wavegate.text import one_line, percent, percent_up, pluralize

_ANNOTATIONS = {"fail": "error", "inconclusive": "warning", None: "notice"}
MAX_ROWS = 100


def decision_text(decision: Decision) -> str:
    """Readable lines; no text from the evidence can break out of its line."""
    return "\n".join(_lines(decision))


def _lines(decision: Decision) -> Iterator[str]:
    yield one_line(f"{decision.verdict.upper()}: {headline(decision)}")
    yield "  " + one_line(decision.claim)
    if version := version_line(decision):
        yield "  " + one_line(version)
    yield from (f"  {sentence}" for sentence in attempt_sentences(decision))
    for reason in decision.reasons:
        yield one_line(f"  {reason.weight or 'note'}: {reason.code}: {reason.text}", 1000)
        if reason.fix:
            yield one_line(f"    → {reason.fix}", 1000)
    if decision.verdict is Verdict.PASS:
        yield from (one_line(f"  for a stronger claim: {text}") for text in settle(decision))
    for violation in decision.violations[:MAX_ROWS]:
        note = "" if violation.confirmed else " (unconfirmed)"
        place = f"{violation.suite}/{violation.test}, case {violation.case}, run {violation.run}"
        times = pluralize(violation.count, "time")
        yield one_line(f"  violation: {violation.severity}{note}: {violation.policy}, {times}; first in {place}")
    for test in worst_tests_first(decision.tests)[:MAX_ROWS]:
        yield one_line(f"  {mark(test):12} {bar(test)} {share(test):12} {test.suite}/{test.test}{_cases(test)}")
    for row in worst_comparisons_first(decision.comparisons)[:MAX_ROWS]:
        counts = f"{row.before:,} of {row.pairs:,} before, {row.after:,} now, {row.worse:,} worse"
        loss = f"loss below {percent_up(row.loss)} ({percent(row.margin)} allowed)"
        yield one_line(f"  {row.verdict:12} {row.suite}/{row.test}: {counts}; {loss}")
    for check in decision.checks[:MAX_ROWS]:
        yield one_line(f"  check: {check_line(check)}")
    for waiver in decision.waivers:
        yield one_line(
            f"  waived: {waiver.suite}/{waiver.test} until {waiver.expires} by {waiver.owner}: {waiver.reason}"
        )


def _cases(test: TestRow) -> str:
    return f" ({pluralize(test.cases, 'case')} by {test.cases_from})" if test.cases_from else ""


def decision_annotations(decision: Decision) -> Iterator[tuple[str, str]]:
    """Level and message of every annotation, most severe first, as many as GitHub shows."""
    counts = dict.fromkeys(_ANNOTATIONS.values(), 0)
    for reason in decision.reasons:
        level = _ANNOTATIONS[reason.weight]
        counts[level] += 1
        if counts[level] <= MAX_ANNOTATIONS:
            yield level, one_line(f"{reason.code}: {reason.text}", 1000) + "\n" + one_line(reason.fix, 1000)
