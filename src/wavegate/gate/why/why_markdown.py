"""Why a gate decided as it did: one line for each test, policy, threshold or gap behind its verdict, as Markdown.

No line repeats another: a criterion is shown by the tests that decided it, and what the evidence lacks stands for the
criteria that it leaves undecided.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from wavegate.gate.decision import Criterion, Decision, FailedCase, Reason, TestRow, Verdict, ViolationRow
from wavegate.gate.words import ICONS, mark, share, worst_tests_first
from wavegate.release.pack import PersonalData, ViolationSeverity
from wavegate.text import link, markdown, percent, pluralize, prose

_RATE, _PER_TEST, _CRITICAL = "minimumSuccessRate", "perTestMinimum", "zeroCriticalPolicyViolations"
_ALLOWED = {"maxErrorRate": "At most {}", "noRegressionAgainst": "A loss of {}"}
"""The thresholds that a criterion's own words leave out."""
_QUOTE = 300
_POLICIES = 3
_REDACTED = re.compile(rf"\[({'|'.join(each.value for each in PersonalData)})\]")
"""What stands in a quote for personal data."""
_Weight = Literal["fail", "inconclusive", "flaky"]
_MOST_SEVERE_FIRST = ("fail", "inconclusive", "flaky")


class _Line(NamedTuple):
    word: _Weight
    text: str


def why_lines(decision: Decision) -> list[str]:
    """What fails the release, then what is undecided, then what is flaky although it passes; Markdown."""
    lines = [*_violations(decision), *_criteria(decision), *_tests(decision), *_errors(decision), *_gaps(decision)]
    lines.sort(key=lambda line: _MOST_SEVERE_FIRST.index(line.word))
    return [f"{ICONS[line.word]} {line.text}" for line in lines]


def rest_line(decision: Decision) -> str:
    """What the other tests of a decision that is not a pass came to; '' if none passed."""
    passed = [row for row in decision.tests if mark(row) == "pass"]
    if decision.verdict is Verdict.PASS or not passed:
        return ""
    others = "The other test" if len(passed) == 1 else f"The other {len(passed):,} tests"
    are_all = len(passed) == sum(not row.waived for row in decision.tests)
    return f"{ICONS['pass']} {pluralize(len(passed), 'test') if are_all else others} passed."


def bullets(lines: Sequence[str], most: int) -> list[str]:
    """The lines as a list, at most so many of them."""
    more = [f"- and {len(lines) - most} more in the decision file"] if len(lines) > most else []
    return [*(f"- {line}" for line in lines[:most]), *more]


def reason_text(reason: Reason) -> str:
    """A reason in its own words, with what to do."""
    fix = f" → {markdown(reason.fix)}" if reason.fix else ""
    return f"**{markdown(reason.code)}** {markdown(reason.text)}{fix}"


def _violations(decision: Decision) -> Iterator[_Line]:
    """One line for all policies that a test broke with the same weight: mostly, one answer broke them all."""
    groups: dict[tuple[str, str, _Weight, bool], list[ViolationRow]] = {}
    for each in decision.violations:
        groups.setdefault((each.suite, each.test, _weight_of(each, decision), each.confirmed), []).append(each)
    rows = {(row.suite, row.test): row for row in decision.tests}
    floors = _floors(decision)
    for (suite, test, weight, _), broken in groups.items():
        row = rows.get((suite, test))
        passed = f" passed {markdown(share(row))}{_floor(row, floors)}. It" if row else ""
        first, count = min(broken, key=lambda each: (each.case, each.run)), max(each.count for each in broken)
        times = f" {pluralize(count, 'time')}, first" if count > 1 else ""
        place = _place(FailedCase(case=first.case, run=first.run, quote=first.quote), detail=first.detail)
        is_below = row is not None and bool(_floor(row, floors))
        text = f"**{markdown(test, 80)}**{passed} {_broken(broken)}{times} {place}"
        yield _Line("fail" if is_below else weight, text)


def _broken(rows: Sequence[ViolationRow]) -> str:
    first = rows[0]
    severity = max((each.severity for each in rows), key=lambda each: -each.rank).value
    severity = severity if first.confirmed else f"{severity}, unconfirmed"
    policies = [each.policy for each in rows if each.policy != each.test]
    if not policies:
        return f"failed as an action-safety test ({severity})"
    shown = [f"**{markdown(each, 80)}**" for each in policies[:_POLICIES]]
    noun = "policy" if len(policies) == 1 else "policies"
    more = f" and {len(policies) - _POLICIES} more policies" if len(policies) > _POLICIES else ""
    return f"{'broke' if first.confirmed else 'may have broken'} {noun} {' and '.join(shown)}{more} ({severity})"


def _weight_of(violation: ViolationRow, decision: Decision) -> _Weight:
    forbidden = any(each.suite == violation.suite and each.name == _CRITICAL for each in decision.criteria)
    if not (forbidden and violation.severity is ViolationSeverity.CRITICAL):
        return "flaky"
    return "fail" if violation.confirmed else "inconclusive"


def _criteria(decision: Decision) -> Iterator[_Line]:
    """The criteria that are not met, other than those that the tests' own lines show."""
    has_gaps = any(True for _ in (*_gaps(decision), *_errors(decision)))
    shown = {(each.suite, _CRITICAL) for each in decision.violations if each.severity is ViolationSeverity.CRITICAL}
    given = {each.code for each in decision.reasons if each.weight}
    for criterion in decision.criteria:
        undecided = criterion.verdict is Verdict.INCONCLUSIVE
        if criterion.verdict is Verdict.PASS or criterion.name not in given or (undecided and has_gaps):
            continue
        if criterion.name == _PER_TEST and not undecided:
            continue
        if (criterion.suite, criterion.name) not in shown:
            suite = f"{markdown(criterion.suite, 80)}: " if len(decision.packs) > 1 else ""
            yield _Line("inconclusive" if undecided else "fail", suite + _shortfall(criterion))


def _shortfall(criterion: Criterion) -> str:
    """What was observed, and what was asked."""
    asked, rate = percent(criterion.threshold), criterion.observed
    if criterion.name == _RATE and rate is not None and rate < criterion.threshold:
        shown = percent(rate, beside=criterion.threshold)
        answers = f"{criterion.passed:,} of {pluralize(criterion.total, 'answer')}"
        text = f"All tests together: {answers} passed ({shown}); {asked} required."
    else:
        text = criterion.claim
        if criterion.name == _RATE:
            certain = f" at {percent(criterion.confidence)} confidence" if criterion.confidence else ""
            text += f" At least {asked} required{certain}."
        if criterion.name in _ALLOWED:
            text += f" {_ALLOWED[criterion.name].format(asked)} allowed."
    fix = f" → {criterion.settle}" if criterion.verdict is Verdict.INCONCLUSIVE and criterion.settle else ""
    return markdown(text + fix, 800)


def _tests(decision: Decision) -> Iterator[_Line]:
    """The tests that fail or are flaky, other than those whose failures their violations show."""
    floors = _floors(decision)
    violations = {(each.suite, each.test): each.count for each in decision.violations}
    for row in worst_tests_first(decision.tests):
        word = mark(row)
        if word not in ("fail", "flaky") or violations.get((row.suite, row.test), 0) >= row.failed > 0:
            continue
        first = f". It failed first {_place(row.first_failure)}" if row.first_failure else ""
        text = f"**{markdown(row.test, 80)}** passed {markdown(share(row))}{_floor(row, floors)}{first}"
        yield _Line("flaky" if word == "flaky" else "fail", text)


def _errors(decision: Decision) -> Iterator[_Line]:
    """The tests that an inconclusive decision cannot judge because runs of them ended in error."""
    if decision.verdict is not Verdict.INCONCLUSIVE:
        return
    for row in decision.tests:
        if row.errors and not row.waived:
            text = f"**{markdown(row.test, 80)}** passed {markdown(share(row))}."
            yield _Line("inconclusive", f"{text} → {_rerun(decision)}")


def _rerun(decision: Decision) -> str:
    """How to run again what did not finish; Markdown."""
    page = link("this run", (decision.run or "").partition("/attempts/")[0])
    return f"Choose “Re-run failed jobs” in {page}." if decision.run else "Run what did not finish again."


def _floors(decision: Decision) -> dict[str, float]:
    """The least pass rate that a suite asks of every test."""
    return {each.suite: each.threshold for each in decision.criteria if each.name == _PER_TEST}


def _floor(row: TestRow, floors: Mapping[str, float]) -> str:
    floor = floors.get(row.suite, 0)
    below = row.verdict is Verdict.FAIL and row.passed < floor * row.expected
    return f" ({markdown(percent(floor))} required of every test)" if below else ""


def _gaps(decision: Decision) -> Iterator[_Line]:
    """What the evidence lacks, and every other reason that is not a criterion."""
    criteria = {each.name for each in decision.criteria}
    for reason in decision.reasons:
        if reason.weight and reason.code not in criteria:
            yield _Line(reason.weight, reason_text(reason))


def _place(failed: FailedCase, *, detail: str = "") -> str:
    """Where it was, what happened there, and what the agent said."""
    what = f" ({prose(detail, 200)})" if detail else ""
    hidden = " (in brackets: masked)" if _REDACTED.search(failed.quote) else ""
    quote = f": “{markdown(failed.quote, _QUOTE)}”{hidden}" if failed.quote else ""
    return f"in case {markdown(failed.case, 60)}, run {failed.run}{what}{quote}"
