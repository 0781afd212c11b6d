"""Texts that all renderings of a decision share. They are not escaped."""

from collections.abc import Sequence

from wavegate.gate.decision import AttemptRelation, CheckRow, ComparisonRow, Decision, TestRow, Verdict

WIDTH = 24
"""Characters of a test's bar, 0 % to 100 %."""
ICONS = {"pass": "✅", "fail": "❌", "inconclusive": "⚠️", "flaky": "🟡", "waived": "⏸️"}
"""By verdict, and by the other words for a test."""
ANSWERS = {Verdict.PASS: "GO", Verdict.FAIL: "NO", Verdict.INCONCLUSIVE: "INCONCLUSIVE"}
"""May the release go, in one word."""
_WORST_FIRST = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)


def headline(decision: Decision) -> str:
    """The verdict in one sentence."""
    if decision.stage == "verify":
        return {
            Verdict.PASS: f"{decision.release} meets its smoke packs in {decision.environment}",
            Verdict.FAIL: f"{decision.release} does not meet its smoke packs in {decision.environment}",
            Verdict.INCONCLUSIVE: f"not enough evidence that {decision.release} works in {decision.environment}",
        }[decision.verdict]
    return {
        Verdict.PASS: f"{decision.release} is ready for {decision.environment}",
        Verdict.FAIL: f"{decision.release} is not ready for {decision.environment}",
        Verdict.INCONCLUSIVE: f"not enough evidence to promote {decision.release} to {decision.environment}",
    }[decision.verdict]


def verdict_line(decision: Decision, more: Sequence[str] = ()) -> str:
    """The first line of every screen about a decision: may the release go, and the verdict in one sentence.

    more: further reservations about a pass, each as the end of a sentence.
    """
    word = decision.verdict.upper() if decision.stage == "verify" else ANSWERS[decision.verdict]
    *others, last = [*reservations(decision), *more] or [""]
    but = f"{', '.join(others)} and {last}" if others else last
    if decision.verdict is not Verdict.PASS or not but:
        return f"{ICONS[decision.verdict]} {word}: {headline(decision)}"
    return f"⚠️ {word}, but {but}: {headline(decision)}"


def reservations(decision: Decision) -> tuple[str, ...]:
    """What speaks against a pass, most serious first, each as the end of a sentence; () for any other verdict."""
    if decision.verdict is not Verdict.PASS:
        return ()
    counted = [each.verdict for each in decision.earlier or () if each.relation is AttemptRelation.COUNTS]
    failed = counted.count(Verdict.FAIL)
    found = [f"the same content failed {_times(failed)} before"] if failed else []
    by_test = {(each.suite, each.test): 0 for each in decision.violations}
    for each in decision.violations:
        by_test[each.suite, each.test] = max(by_test[each.suite, each.test], each.count)
    if by_test:
        severity = min((each.severity for each in decision.violations), key=lambda each: each.rank)
        broke = "broke" if any(each.confirmed for each in decision.violations) else "may have broken"
        found.append(f"{_answers(sum(by_test.values()))} {broke} a policy ({severity})")
    elif failed_answers := sum(row.failed for row in decision.tests if mark(row) == "flaky"):
        found.append(f"{_answers(failed_answers)} failed")
    return tuple(found)


def _answers(number: int) -> str:
    return "one answer" if number == 1 else f"{number:,} answers"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def settle(decision: Decision) -> tuple[str, ...]:
    """What would settle or strengthen the criteria, without duplicates."""
    return tuple(dict.fromkeys(each.settle for each in decision.criteria if each.settle))


def bar(row: TestRow) -> str:
    """The pass rate (●) and its 95 % interval (━) on a scale from 0 % to 100 %."""
    seen = row.passed + row.failed + row.errors
    cells = ["·"] * WIDTH
    if seen:
        for cell in range(_cell(row.lower), _cell(row.upper) + 1):
            cells[cell] = "━"
        cells[_cell(row.passed / seen)] = "●"
    return "".join(cells)


def share(row: TestRow) -> str:
    """Passed and made observations of a test, such as `9 of 9, 1 missing`: what is missing has not failed."""
    parts = [f"{row.passed} of {row.expected - row.missing}"]
    parts += [
        f"{count} {name}" for count, name in ((row.errors, "did not finish"), (row.missing, "missing")) if count
    ]
    return ", ".join(parts) + (" (waived)" if row.waived else "")


def mark(row: TestRow) -> str:
    """One word for a test: its verdict, `flaky` if it failed sometimes, or `waived`; never a pass if none passed."""
    if row.waived:
        return "waived"
    if row.verdict is not Verdict.PASS:
        return row.verdict.value
    if not row.passed:
        return "fail" if row.failed else "inconclusive"
    return "flaky" if row.failed else "pass"


def check_line(row: CheckRow) -> str:
    """One kind of check, such as `completeness: 2 of 10 failed; does not count in pii-redaction-check`."""
    total = row.passed + row.failed + row.errors
    counted = f"{row.kind}: {row.failed:,} of {total:,} failed" + (f", {row.errors:,} in error" if row.errors else "")
    where = row.test or f"{row.tests:,} tests"
    return f"{counted} in {where}" if row.counts else f"{counted}; does not count in {where}"


def worst_tests_first(rows: tuple[TestRow, ...]) -> list[TestRow]:
    """The tests sorted by verdict, then by pass rate, lowest first; ties keep the pack's order."""
    return sorted(rows, key=lambda row: (_WORST_FIRST.index(row.verdict), row.passed / (row.expected or 1)))


def worst_comparisons_first(rows: tuple[ComparisonRow, ...]) -> list[ComparisonRow]:
    """The comparisons sorted by verdict, then by the loss that is possible, largest first."""
    return sorted(rows, key=lambda row: (_WORST_FIRST.index(row.verdict), -row.loss))


def _cell(rate: float) -> int:
    return min(WIDTH - 1, max(0, round(rate * (WIDTH - 1))))
