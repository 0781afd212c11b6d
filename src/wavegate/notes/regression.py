"""Between which two decisions a test went from passing to failing."""

from collections.abc import Sequence

from wavegate.errors import InputError
from wavegate.findings.suggestions import suggestion
from wavegate.gate.decision import Decision, TestRow, Verdict
from wavegate.text import one_line


def since_good(decisions: Sequence[Decision], test: str) -> tuple[Decision, Decision]:
    """The last decision in which a test passed before it failed, and the first one after it in which it failed.

    decisions: of gates, in any order. Those without the test, or without enough runs of it, say neither and do
    not count. test: its name, or `suite/test`. InputError: no decision has it, or it never began to fail.
    """
    judged = [(each, row) for each in sorted(decisions, key=lambda each: each.time) if (row := _row(each, test))]
    if not judged:
        known = sorted({f"{row.suite}/{row.test}" for each in decisions for row in each.tests})
        message = f"No decision has the test {one_line(test, 100)}."
        raise InputError(message, fix=f"Name a test of the decision files.{suggestion(test, known)}")
    found: tuple[Decision, Decision] | None = None
    good: Decision | None = None
    for decision, row in judged:
        if row.verdict is Verdict.PASS:
            good = decision
        elif row.verdict is Verdict.FAIL and good:
            found, good = (good, decision), None
    if found is None:
        verdicts = ", ".join(f"{each.release} {row.verdict}" for each, row in judged[-5:])
        raise InputError(
            f"The test {one_line(test, 100)} did not fail after it had passed: {one_line(verdicts, 300)}.",
            fix="Add the decision files of earlier runs.",
        )
    for each in found:
        if each.commit is None:
            message = f"The decision about {one_line(each.release, 100)} does not name its commit."
            raise InputError(message, fix="Use decisions of workflow runs.")
    return found


def _row(decision: Decision, test: str) -> TestRow | None:
    """The test's row; that of `suite/test` if the name alone is in several packs is the first one that failed."""
    rows = [each for each in decision.tests if test in (each.test, f"{each.suite}/{each.test}")]
    return min(rows, key=lambda each: each.verdict is not Verdict.FAIL, default=None)
