"""The brief's first lines: what would be refused is never GO, and one line answers."""

from dataclasses import replace

import msgspec
import pytest
from tests.support.decisions import decision
from tests.unit.promotion.test_brief import PLACE, brief

from wavegate.findings.finding import Finding, Severity
from wavegate.gate.as_markdown import decision_markdown
from wavegate.gate.decision import Decision, TestRow, Verdict
from wavegate.plan.values import Risk, RiskLevel
from wavegate.promotion.brief.answer import answer
from wavegate.promotion.brief.as_markdown import brief_markdown
from wavegate.promotion.brief.coverage import Coverage
from wavegate.promotion.brief.values import Brief, EnvironmentHolds
from wavegate.promotion.refusals import refusals_markdown
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.rollback.rehearsal import IN_THE_ROLLBACK
from wavegate.rollback.rehearsal_values import Rehearsal

STOPPED = "🛑 STOPPED: an agent is stopped in text, so text cannot be deployed now"
OUTCOMES = {Verdict.PASS: "passed", Verdict.FAIL: "failed", Verdict.INCONCLUSIVE: "are inconclusive"}
REHEARSED = Rehearsal(environment="text")
FAILED = Finding(rule="a/b", severity=Severity.ERROR, location=PLACE, message="It breaks.", fix="f")


def refusal(rule: RefusalRule) -> Refusal:
    return Refusal(rule=rule, message=f"Because of {rule.name}.", fix="Wait.")


def asked(verdict: Verdict = Verdict.PASS, *, doubt: str = "", rules: tuple[RefusalRule, ...] = ()) -> Brief:
    holds = EnvironmentHolds(refusals=tuple(map(refusal, rules)))
    made = brief(made=decision(verdict=verdict, violations=()), doubt=doubt)
    return replace(made, holds=holds, rehearsal=REHEARSED, risk=Risk(level=RiskLevel.LOW, reasons=("text",)))


@pytest.mark.parametrize(
    ("verdict", "doubt", "expected"),
    [
        (Verdict.PASS, "", "✅ GO: text is ready for text"),
        (Verdict.FAIL, "", "❌ NO: text is not ready for text"),
        (Verdict.INCONCLUSIVE, "", "⚠️ INCONCLUSIVE: not enough evidence to promote text to text"),
        (Verdict.PASS, "It is for another commit.", "⚠️ NO DECISION: nothing authorizes promoting text to text"),
    ],
)
def test_the_verdict_has_one_word_and_a_decision_that_does_not_count_is_none(
    verdict: Verdict, doubt: str, expected: str
) -> None:
    given = asked(verdict, doubt=doubt)
    assert answer(given) == expected
    assert brief_markdown(given).replace("\\", "").startswith(f"## {expected}\n")
    assert ("GO:" in brief_markdown(given)) == (verdict is Verdict.PASS and not doubt)


def test_the_brief_and_the_gates_summary_begin_alike() -> None:
    for verdict in Verdict:
        made = decision(verdict=verdict, earlier=(), violations=())
        of_gate, of_brief = decision_markdown(made).splitlines(), brief_markdown(asked(verdict)).splitlines()
        assert of_gate[0] == of_brief[0]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((RefusalRule.STOPPED,), STOPPED),
        ((RefusalRule.LOCKED,), "🔒 LOCKED: text cannot be deployed to text now"),
        ((RefusalRule.ROLLED_BACK,), "⏪ ROLLED BACK: text cannot be deployed to text now"),
        ((RefusalRule.FROZEN,), "❄️ FROZEN: text cannot be deployed to text now"),
        ((RefusalRule.ORDER,), "⛔ BLOCKED: text cannot be deployed to text now"),
        (
            (RefusalRule.ORDER, RefusalRule.FROZEN, RefusalRule.STOPPED),
            STOPPED,
        ),
    ],
)
def test_what_the_ledger_refuses_wins_over_any_verdict(rules: tuple[RefusalRule, ...], expected: str) -> None:
    for verdict in Verdict:
        given = asked(verdict, rules=rules)
        assert answer(given) == expected
        shown = brief_markdown(given).replace("\\", "")
        assert "GO:" not in shown
        assert f"Its smoke tests {OUTCOMES[verdict]}. The " in shown
        assert all(f"Because of {rule.name}.<br>→ Wait. (rule <code>{rule}" in shown for rule in rules)
    assert answer(asked(doubt="No decision.", rules=rules)) == expected
    blocked = refusals_markdown("text", [refusal(rule) for rule in rules], release="text")
    assert blocked.startswith(f"## {expected}\n"), "the blocked promotion's screen says the same"


def test_the_fast_lane_needs_no_decision_and_says_what_stands_for_it() -> None:
    holds = EnvironmentHolds(lane="what this release ships was live and good as wave-2.")
    shown = brief_markdown(replace(asked(doubt="No decision was provided."), holds=holds)).replace("\\", "")
    assert shown.startswith("## ⏩ GO, FAST LANE: text was live in text before and needs no new smoke tests\n")
    assert "\n> What this release ships was live and good as wave-2.\n" in shown
    assert "No decision was provided" not in shown


def overriding(verdict: Verdict, *overridden: RefusalRule, final: tuple[RefusalRule, ...] = ()) -> Brief:
    holds = EnvironmentHolds(
        refusals=tuple(map(refusal, final)),
        overridden=tuple(map(refusal, overridden)),
        override="Customers wait for this.",
        actor="ada",
    )
    return replace(asked(verdict), holds=holds)


def test_an_override_is_said_with_its_person_and_reason_and_is_never_a_plain_go() -> None:
    for given in (overriding(Verdict.FAIL), overriding(Verdict.PASS, RefusalRule.FROZEN)):
        shown = brief_markdown(given).replace("\\", "")
        assert shown.startswith("## ⚠️ OVERRIDE: text enters text against the rules\n")
        assert "- ⚠️ Override by <code>ada</code>: Customers wait for this.\n" in shown
    assert "- ⚠️ Overridden: Because of FROZEN. (rule <code>promotion/frozen</code>)" in shown
    assert "Its smoke tests failed. The override decides." in brief_markdown(overriding(Verdict.FAIL))
    assert answer(overriding(Verdict.PASS)) == "✅ GO: text is ready for text", "it was not needed"
    assert answer(overriding(Verdict.PASS, final=(RefusalRule.STOPPED,))).startswith("🛑 STOPPED")


def test_a_release_that_was_refused_before_its_tests_is_not_blamed_for_lacking_a_decision() -> None:
    given = replace(asked(rules=(RefusalRule.LOCKED,)), decision=None, doubt="No decision was provided.")
    assert "No decision" not in brief_markdown(given)
    broken = asked(doubt="It is for another commit.", rules=(RefusalRule.LOCKED,))
    assert "another commit" in brief_markdown(broken)


def test_a_plan_with_an_error_is_not_go() -> None:
    given = asked()
    given = replace(given, plan=replace(given.plan, findings=(FAILED,)))
    assert answer(given) == "❌ NO: text cannot be deployed to text: 1 error in the plan"
    assert "- ❌ It breaks" in brief_markdown(given)


def test_a_release_that_cannot_be_rolled_back_is_not_a_plain_go() -> None:
    given = replace(asked(), rehearsal=Rehearsal(environment="text", findings=(FAILED,)))
    assert answer(given) == "⚠️ GO, but its rollback fails: text is ready for text"
    risky = replace(asked(), risk=Risk(level=RiskLevel.HIGH, reasons=("text",)))
    assert answer(risky) == (
        "⚠️ GO, but the risk is high, with no earlier release to roll back to: text is ready for text"
    )
    assert answer(replace(risky, rehearsal=None)) == "⚠️ GO, but the risk is high: text is ready for text"
    assert answer(replace(given, decision=decision())) == "❌ NO: text is not ready for text"


def test_what_breaks_the_promotion_and_its_rollback_alike_is_said_once() -> None:
    again = FAILED._replace(severity=Severity.WARNING, message=f"{IN_THE_ROLLBACK}{FAILED.message}")
    given = asked()
    given = replace(
        given, plan=replace(given.plan, findings=(FAILED,)), rehearsal=replace(REHEARSED, findings=(again,))
    )
    assert brief_markdown(given).count("It breaks") == 1


def test_a_flaky_test_is_never_shown_as_passed() -> None:
    row = decision().tests[0]
    flaky = msgspec.structs.replace(row, verdict=Verdict.PASS, expected=10, passed=8, failed=2)
    shown = shown_tests(flaky)
    assert "| 🟡 flaky | text | 8 of 10 |" in shown
    assert "✅ pass" not in shown
    assert "🟡 flaky" in decision_markdown(decision(tests=(flaky,)))


def shown_tests(*rows: TestRow) -> str:
    made: Decision = decision(verdict=Verdict.PASS, tests=rows, waivers=())
    return brief_markdown(replace(asked(), decision=made))


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [
        (Coverage(uncovered=("Returns",)), "⚠️ No smoke test covers <code>Returns</code>."),
        (
            Coverage(uncovered=("Returns",), unclear=("a", "b")),
            "⚠️ No smoke test is known to cover <code>Returns</code>: nothing says which agent <code>a</code> and",
        ),
        (
            Coverage(uncovered=("Returns",), has_tests=False),
            "⚠️ There are no smoke tests: nothing is known about <code>Returns</code>.",
        ),
    ],
)
def test_an_agent_without_a_test_is_among_the_first_lines(coverage: Coverage, expected: str) -> None:
    shown = brief_markdown(replace(asked(), coverage=coverage)).replace("\\", "")
    assert f"- {expected}" in shown.partition("| Risk")[0]
    assert "smoke test" not in brief_markdown(asked()).partition("| Risk")[0]
