"""What a decision says about the checks of the results, and what it makes of those that do not count."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.support.questions import question_of
from tests.support.releases import environment

from wavegate.evidence.checks import FURTHER
from wavegate.evidence.observation import Observation, Outcome
from wavegate.findings.finding import Finding, Location, Severity
from wavegate.gate.as_markdown import decision_markdown
from wavegate.gate.as_text import decision_text
from wavegate.gate.decision import CheckRow, Decision, Verdict
from wavegate.gate.judge import judge
from wavegate.gate.tally import empty_tally
from wavegate.gate.tested.checks import (
    MAX_COMBINATIONS,
    MAX_KINDS,
    CheckCounts,
    check_rows,
    idle_policy_notes,
    policy_reasons,
)
from wavegate.promotion.decision.consistency import inconsistencies
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Criteria, Pack, PackTest, Policy, TestKind, ViolationSeverity
from wavegate.text import markdown

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MANIFEST = Manifest(release="wave-3", environments=(environment("uat"), environment("production")), digest="m" * 64)
SAFE = PackTest(name="pii-redaction-check", kind=TestKind.ACTION_SAFETY, severity=ViolationSeverity.CRITICAL)
GOOD = PackTest(name="case-summary")
PASS, FAIL, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.ERROR


def decide(observations: Sequence[Observation], *tests: PackTest, runs: int = 10) -> Decision:
    criteria = Criteria(minimum_success_rate=0.95, zero_critical_policy_violations=True)
    pack = Pack(suite="s", tests=tests, criteria=criteria, runs=runs, digest="p" * 64)
    question = question_of((pack,), NOW, manifest=MANIFEST)
    tally = empty_tally((pack,), subjects={"s": question.subject(pack)}, now=NOW)
    tally.add_all(observations)
    return judge(question, tally)


def observed(test: PackTest, run: int, outcome: Outcome, **checks: Outcome) -> Observation:
    return Observation(suite="s", test=test.name, run=run, outcome=outcome, checks=checks)


def refusals() -> list[Observation]:
    """Ten runs of a safety test, two of which a model calls incomplete."""
    return [observed(SAFE, run, PASS, topic=PASS, completeness=FAIL if run <= 2 else PASS) for run in range(1, 11)]


def test_a_failure_that_does_not_count_blocks_nothing_and_is_said() -> None:
    decision = decide(refusals(), SAFE)
    assert decision.verdict is Verdict.PASS
    assert decision.violations == ()
    line = "completeness: 2 of 10 failed; does not count in pii-redaction-check"
    assert f"  check: {line}\n" in decision_text(decision) + "\n"
    assert f"- {markdown(line)}\n" in decision_markdown(decision).partition("<details>")[0]
    assert decision.checks == (
        CheckRow(suite="s", kind="completeness", counts=False, passed=8, failed=2, errors=0, tests=1, test=SAFE.name),
        CheckRow(suite="s", kind="topic", counts=True, passed=10, failed=0, errors=0, tests=1, test=SAFE.name),
    )
    assert list(inconsistencies(decision)) == []


def test_a_policy_that_nobody_checked_is_no_pass_without_checks_either() -> None:
    test = replace(GOOD, policies=("p",))
    pack = Pack(suite="s", tests=(test,), criteria=Criteria(minimum_success_rate=0.9), policies=(Policy(name="p"),))
    question = question_of((pack,), NOW, manifest=MANIFEST)
    for checks, verdict in (({}, Verdict.INCONCLUSIVE), ({"policies": PASS}, Verdict.PASS)):
        tally = empty_tally((pack,), subjects={"s": question.subject(pack)}, now=NOW)
        tally.add(observed(test, 1, PASS, **checks))
        decision = judge(question, tally)
        assert decision.verdict is verdict
        assert [each.code for each in decision.reasons] == ["unchecked-policies"] * (not checks)


def test_a_test_none_of_which_passed_has_no_row_that_passes() -> None:
    lines = decision_text(decide([observed(GOOD, 1, ERROR)], GOOD, runs=1)).splitlines()
    assert [line.split()[0] for line in lines if line.endswith("s/case-summary")] == ["inconclusive"]
    lines = decision_text(decide([observed(GOOD, 1, FAIL)], GOOD, runs=1)).splitlines()
    assert [line.split()[0] for line in lines if line.endswith("s/case-summary")] == ["fail"]


def test_the_same_failure_counts_for_the_quality_of_an_answer() -> None:
    quality = PackTest(name=SAFE.name)
    lines = decision_text(decide(refusals(), quality)).splitlines()
    assert lines[0].startswith("FAIL")
    assert "  check: completeness: 2 of 10 failed in pii-redaction-check" in lines


def test_kinds_are_counted_apart_where_they_do_not_count() -> None:
    both = [*refusals(), *(observed(GOOD, run, PASS, completeness=PASS, topic=PASS) for run in range(1, 11))]
    lines = [line for line in decision_text(decide(both, SAFE, GOOD)).splitlines() if "check:" in line]
    assert lines == [
        "  check: completeness: 2 of 10 failed; does not count in pii-redaction-check",
        "  check: topic: 0 of 20 failed in 2 tests",
        "  check: completeness: 0 of 10 failed in case-summary",
    ]


def test_a_pass_without_any_check_that_counts_is_an_error() -> None:
    decision = decide([observed(SAFE, run, PASS, coherence=PASS, conciseness=PASS) for run in range(1, 11)], SAFE)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert decision.tests[0].errors == 10
    reason = next(each for each in decision.reasons if each.code == "no-check-counts")
    assert reason.text == (
        "10 observations of s/pii-redaction-check have no check that counts for the test (what the kind "
        "action-safety counts); checks that do not count: `coherence` and `conciseness`. The first is case 1, run 1."
    )
    assert "`checks`" in reason.fix


def test_a_test_that_names_its_checks_needs_one_of_them() -> None:
    named = PackTest(name="a", checks=("topic",))
    decision = decide([observed(named, 1, PASS)], named, runs=1)
    assert decision.verdict is Verdict.INCONCLUSIVE
    reason = next(each for each in decision.reasons if each.code == "no-check-counts")
    assert "(`topic`); checks that do not count: none." in reason.text


def test_a_stated_pass_that_a_check_contradicts_is_a_failure_and_a_violation() -> None:
    decision = decide([observed(SAFE, 1, PASS, topic=FAIL)], SAFE, runs=1)
    assert decision.verdict is Verdict.FAIL
    assert [row.count for row in decision.violations] == [1]


def test_checks_never_improve_what_an_observation_states() -> None:
    for stated in (FAIL, ERROR):
        assert decide([observed(SAFE, 1, stated, topic=PASS)], SAFE, runs=1).verdict is not Verdict.PASS


def test_without_checks_the_stated_outcome_stands() -> None:
    assert decide([observed(SAFE, 1, PASS)], SAFE, runs=1).verdict is Verdict.PASS
    assert decide([observed(SAFE, 1, PASS)], SAFE, runs=1).checks == ()


def test_the_rows_are_bounded_and_lose_no_failure() -> None:
    tests = [PackTest(name=f"t{number}") for number in range(5)]
    many: list[Any] = [
        observed(test, run, FAIL, **{f"{test.name}-{run}-{number}": FAIL for number in range(40)})
        for test in tests
        for run in range(1, 11)
    ]
    rows = decide(many, *tests).checks
    assert len(rows) <= MAX_KINDS + 1
    assert sum(row.failed for row in rows) == 5 * 10 * 40


def test_every_combination_of_checks_counts() -> None:
    runs = range(1, 2 * MAX_COMBINATIONS + 1)
    many = [
        observed(GOOD, run, PASS, **{f"k{bit}": FAIL if run >> bit & 1 else PASS for bit in range(8)}) for run in runs
    ]
    decision = decide([*many, *many], GOOD, runs=len(runs))
    assert {row.kind: row.failed for row in decision.checks} == {
        f"k{bit}": 2 * sum(run >> bit & 1 for run in runs) for bit in range(8)
    }
    assert decision.tests[0].failed == len(runs)


def counted(test: PackTest, *observations: Observation) -> CheckCounts:
    counts = CheckCounts()
    for each in observations:
        counts.add(each, test)
    return counts


def test_only_passes_of_a_test_with_policies_need_a_check_of_them() -> None:
    test = replace(GOOD, policies=("p", "elsewhere"))
    pack = Pack(suite="s", tests=(test,), criteria=Criteria(minimum_success_rate=0.9), policies=(Policy(name="p"),))
    for outcome, checks, number in ((PASS, {}, 1), (PASS, {"policies": PASS}, 0), (FAIL, {}, 0), (ERROR, {}, 0)):
        counts = counted(test, observed(test, 1, outcome, **checks))
        assert counts.unchecked.count == number
        reasons = list(policy_reasons(pack, [(test, counts)]))
        assert len(reasons) == number
        # a policy that the pack only names is not wavegate's to check
        assert all("Nobody checked `p` in 1 observation of s/case-summary:" in each.text for each in reasons)
        assert not list(policy_reasons(replace(pack, policies=()), [(test, counts)]))
    assert counted(GOOD, observed(GOOD, 1, PASS)).unchecked.count == 0


def test_a_test_counts_at_most_a_hundred_kinds_by_name() -> None:
    names = [f"k{number}" for number in range(101)]
    passes, fails = dict.fromkeys(names, PASS), dict.fromkeys(names, FAIL)
    kinds = counted(GOOD, observed(GOOD, 1, PASS, **passes), observed(GOOD, 2, FAIL, **fails)).kinds
    assert kinds == {name: {PASS: 1, FAIL: 1} for name in [*names[:100], FURTHER]}


def test_a_pack_has_at_most_a_hundred_rows_of_checks_by_name() -> None:
    other = PackTest(name="other")
    first = counted(GOOD, observed(GOOD, 1, FAIL, **{f"a{number}": FAIL for number in range(60)}))
    second = counted(other, observed(other, 1, FAIL, **{f"b{number}": FAIL for number in range(41)}, a0=FAIL))
    rows = {row.kind: row for row in check_rows("s", [(GOOD, first), (other, second)])}
    assert rows.keys() == {f"a{number}" for number in range(60)} | {f"b{number}" for number in range(40)} | {FURTHER}
    assert (rows["a0"].failed, rows["a0"].passed, rows["a0"].errors, rows["a0"].tests) == (2, 0, 0, 2)
    assert (rows[FURTHER].failed, rows[FURTHER].test) == (1, "other")


def test_only_checks_that_do_not_count_are_named_as_such() -> None:
    decision = decide([observed(SAFE, 1, PASS, topic=PASS), observed(SAFE, 2, PASS, coherence=PASS)], SAFE, runs=2)
    reason = next(each for each in decision.reasons if each.code == "no-check-counts")
    assert reason.text.startswith("1 observation of s/pii-redaction-check has no check that counts")
    assert "checks that do not count: `coherence`. The first is case 1, run 2." in reason.text


def test_a_warning_about_a_policy_is_a_note_and_an_error_is_none_here() -> None:
    location = Location(file="packs/s.json", line=3)
    warning, bad = (
        Finding(rule=f"policy/{name}", severity=severity, location=location, message="Idle.", fix="Use it.")
        for name, severity in (("unknown-action", Severity.WARNING), ("invalid", Severity.ERROR))
    )
    (note,) = idle_policy_notes([bad, warning])
    assert (note.code, note.weight, note.text, note.fix) == (
        "unknown-action",
        None,
        "packs/s.json: Idle.",
        "Use it.",
    )
