"""The brief's first lines: may the release go, and if not, why not."""

from collections.abc import Iterator

from wavegate.findings.finding import Severity
from wavegate.gate.as_markdown import head_lines
from wavegate.gate.decision import Decision, Verdict
from wavegate.gate.words import verdict_line
from wavegate.plan.values import RiskLevel
from wavegate.promotion.brief.values import Brief, EnvironmentHolds
from wavegate.promotion.refusals import DECIDERS, answer_to, overridden_lines, passed_lines, refusal_lines
from wavegate.text import code, join_names, markdown, pluralize, prose

NOTE = "ℹ️"
"""Begins what asks for no decision."""
_OUTCOMES = {Verdict.PASS: "passed", Verdict.FAIL: "failed", Verdict.INCONCLUSIVE: "are inconclusive"}
_WHY = 6
"""Lines about why the gate decided as it did."""


def answer(brief: Brief) -> str:
    """Whether the release may go, in one line, not escaped. What would be refused is never GO."""
    release, environment, holds = brief.plan.release, brief.plan.environment, brief.holds or EnvironmentHolds()
    if holds.refusals:
        return answer_to(holds.refusals, release=release, environment=environment)
    if holds.override and (holds.overridden or not _passed(brief)):
        return f"⚠️ OVERRIDE: {release} enters {environment} against the rules"
    if holds.lane:
        return f"⏩ GO, FAST LANE: {release} was live in {environment} before and needs no new smoke tests"
    if brief.decision is None or brief.doubt:
        return f"⚠️ NO DECISION: nothing authorizes promoting {release} to {environment}"
    return _by_decision(brief, brief.decision)


def _by_decision(brief: Brief, decision: Decision) -> str:
    release, environment = brief.plan.release, brief.plan.environment
    if decision.verdict is Verdict.PASS and (errors := _errors(brief)):
        return f"❌ NO: {release} cannot be deployed to {environment}: {pluralize(errors, 'error')} in the plan"
    return verdict_line(decision, tuple(_reservations(brief)))


def _reservations(brief: Brief) -> Iterator[str]:
    """What speaks against the release beside its tests."""
    rehearsal = brief.rehearsal
    if rehearsal and not rehearsal.passed:
        yield "its rollback fails"
    if brief.risk.level is RiskLevel.HIGH:
        is_first = rehearsal is not None and rehearsal.passed and rehearsal.rollback is None
        yield "the risk is high, with no earlier release to roll back to" if is_first else "the risk is high"


def answer_lines(brief: Brief) -> list[str]:
    """The answer as a heading, and what it follows from: refusals, overrides, doubts, or the gate's own lines."""
    holds = brief.holds or EnvironmentHolds()
    held = [*refusal_lines(holds.refusals), *_override_lines(holds), *passed_lines(holds.passed)]
    head = [f"## {markdown(answer(brief))}", "", *held]
    if holds.lane:
        return [*head, *([""] if held else []), f"> {prose(holds.lane[:1].upper() + holds.lane[1:], 800)}"]
    if brief.decision is None or brief.doubt:
        is_unasked = holds.refusals and brief.decision is None
        return head if is_unasked else [*head, *([""] if held else []), f"> {markdown(brief.doubt, 1000)}"]
    gate = head_lines(brief.decision, most=_WHY)
    if not held and not (_passed(brief) and _errors(brief)):
        return [head[0], *gate[1:]]
    return [*head, "", f"Its smoke tests {_OUTCOMES[brief.decision.verdict]}.{_decider(holds)}", *gate[1:]]


def _decider(holds: EnvironmentHolds) -> str:
    """What decides instead of the tests, as a further sentence."""
    if holds.refusals:
        return f" {DECIDERS.get(holds.refusals[0].rule, 'The rule above')} decides."
    return " The override decides." if holds.override else ""


def _override_lines(holds: EnvironmentHolds) -> list[str]:
    if not holds.override:
        return []
    who = f" by {code(holds.actor, 100)}" if holds.actor else ""
    return [f"- ⚠️ Override{who}: {markdown(holds.override, 500)}", *overridden_lines(holds.overridden)]


def _passed(brief: Brief) -> bool:
    is_pass = brief.decision is not None and brief.decision.verdict is Verdict.PASS and not brief.doubt
    return is_pass or bool(brief.holds and brief.holds.lane)


def uncovered_lines(brief: Brief) -> list[str]:
    """That agents of the release are not tested, and whether it changes them; nothing if all are."""
    coverage = brief.coverage
    names = join_names(coverage.uncovered)
    if not names:
        return []
    what = _uncovered_moves(brief)
    stays = bool(what) and not any(each.name in coverage.uncovered and not each.stays for each in brief.agents)
    mark, ask = (NOTE, "") if stays else ("⚠️", " → Approve only if it was tested otherwise.")
    if not coverage.has_tests:
        return [prose(f"{mark} There are no smoke tests: nothing is known about {names}{what}.{ask}")]
    if coverage.unclear:
        tests = join_names(coverage.unclear, 3)
        unclear = f"{mark} No smoke test is known to cover {names}{what}: nothing says which agent {tests} tests."
        return [prose(f"{unclear}{ask}")]
    return [prose(f"{mark} No smoke test covers {names}{what}.{ask}")]


def _uncovered_moves(brief: Brief) -> str:
    """Which of the agents without a test the release changes, in parentheses; '' if nothing is known of them."""
    moves = [each for each in brief.agents if each.name in brief.coverage.uncovered]
    if not moves:
        return ""
    changed = [each.name for each in moves if not each.stays]
    if all(each.after and not each.before for each in moves):
        return " (new with this release)"
    if len(changed) == len(moves):
        return " (this release changes it)" if len(moves) == 1 else " (this release changes them)"
    if changed:
        return f" (of these, this release changes {join_names(changed)})"
    return " (its version stays)" if len(moves) == 1 else " (their versions stay)"


def is_approvable(brief: Brief) -> bool:
    """Whether an approval would deploy the release."""
    holds = brief.holds or EnvironmentHolds()
    return not holds.refusals and (bool(holds.override) or (_passed(brief) and not _errors(brief)))


def _errors(brief: Brief) -> int:
    return sum(each.severity is Severity.ERROR for each in brief.plan.findings)
