"""The comparison with a baseline: what passes is shown to be no worse, test by test."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from math import ceil
from typing import Any

import pytest
from tests.support.questions import question_of

from wavegate.evidence.observation import Observation, Outcome
from wavegate.gate.as_markdown import decision_markdown
from wavegate.gate.as_text import decision_text
from wavegate.gate.decision import ComparisonRow, Criterion, Decision
from wavegate.gate.judge import judge
from wavegate.gate.tally import empty_tally
from wavegate.promotion.decision.consistency import inconsistencies
from wavegate.promotion.decision.pack_check import deviations
from wavegate.release.pack import Criteria, Pack, PackTest, Waiver
from wavegate.statistics.comparison import loss_bound

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KINDS = {"p": Outcome.PASS, "f": Outcome.FAIL, "e": Outcome.ERROR}
CRITERIA = Criteria(minimum_success_rate=0.0, per_test_minimum=0.0, no_regression_against="baseline")
Runs = Mapping[str, str]
"""By `test` or `test/case`: one letter a run, p, f or e; `-` is missing."""


def observations(runs: Runs) -> list[Observation]:
    return [
        Observation(suite="smoke", test=name[0], case=name[2:] or "1", run=run, outcome=KINDS[letter])
        for name, letters in runs.items()
        for run, letter in enumerate(letters, start=1)
        if letter != "-"
    ]


def decide(now: Runs, before: Runs | None, *, criteria: Criteria = CRITERIA, **more: Any) -> Decision:
    tests = tuple(PackTest(name=name) for name in dict.fromkeys(each[0] for each in now))
    pack = Pack(suite="smoke", tests=tests, criteria=criteria, runs=max(map(len, now.values())), **more)
    question = question_of((pack,), NOW, release="r")
    tally = empty_tally((pack,), subjects={"smoke": question.subject(pack)}, now=NOW)
    tally.add_all(observations(now))
    baseline = None
    if before is not None:
        baseline = empty_tally((pack,), subjects={"smoke": question.subject(pack)}, now=NOW)
        baseline.add_all(observations(before))
    decision = judge(question, tally, baseline=baseline)
    assert not [*inconsistencies(decision), *deviations(decision, [pack])]
    return decision


def compared(now: Runs, before: Runs | None, **more: Any) -> tuple[Criterion, dict[str, ComparisonRow]]:
    decision = decide(now, before, **more)
    (criterion,) = (each for each in decision.criteria if each.name == "noRegressionAgainst")
    return criterion, {row.test: row for row in decision.comparisons}


def four(runs: str, **other: str) -> dict[str, str]:
    return {name: other.get(name, runs) for name in "abcd"}


P10, P15, P30 = "p" * 10, "p" * 15, "p" * 30


@pytest.mark.parametrize("runs", [10, 15, 20, 30])
def test_common_packs_that_lose_nothing_pass(runs: int) -> None:
    criterion, rows = compared(four("p" * runs), four("p" * runs))
    assert criterion.verdict == "pass"
    assert {row.verdict for row in rows.values()} == {"pass"}
    assert criterion.settle == ""


@pytest.mark.parametrize(
    ("now", "before", "verdict"),
    [
        # 10 of 10 became 5 of 10: not enough to call it shown among four tests, and never a pass
        (four(P10, a="pppppfffff"), four(P10), "inconclusive"),
        (four(P10, a="ppffffffff"), four(P10), "fail"),
        ({"a": "pppppfffff"}, {"a": P10}, "fail"),
        ({"a": "ppppppffff"}, {"a": P10}, "inconclusive"),
        # a few losses in every test
        (four("p" * 7 + "fff"), four(P10), "fail"),
        # gains in b do not make up for what a lost
        (four("p" * 20, a="p" * 10 + "f" * 10), four("p" * 20, b="f" * 10 + "p" * 10), "fail"),
        (four("p" * 20, a="p" * 15 + "f" * 5), four("p" * 20, b="f" * 15 + "p" * 5), "inconclusive"),
        # what varied before may vary now
        (four(P30, a="f" + "p" * 29), four(P30, a="p" * 29 + "f"), "pass"),
        # a test that always failed has nothing to lose
        (four(P10, a="f" * 10), four(P10, a="f" * 10), "pass"),
        # an error may have been a pass
        (four(P10, a="eeeeeeeeee"), four(P10), "inconclusive"),
        # an error of the baseline is no gain that could hide a loss
        (four(P30, a="p" * 10 + "f" * 20), four(P30, b="e" * 30), "fail"),
        (four(P15), four(P15, a="e" * 15), "pass"),
        (four(P10), four("pppp------"), "inconclusive"),
        (four(P10), None, "inconclusive"),
    ],
)
def test_a_release_passes_only_if_its_loss_is_shown_to_be_small(now: Runs, before: Runs, verdict: str) -> None:
    assert compared(now, before)[0].verdict == verdict


def test_one_case_that_broke_is_one_case_however_often_it_ran() -> None:
    cases = {f"a/{number}": "p" * 6 for number in range(13)}
    criterion, rows = compared(cases | {"a/7": "f" * 6}, cases)
    assert (criterion.verdict, rows["a"].cases_worse, rows["a"].cases) == ("inconclusive", 1, 13)
    assert "78 of 78 passed before, 72 of 78 now (1 of 13 cases worse)" in criterion.claim
    # two of them are two: without the one that lost most, the other still shows it
    criterion, rows = compared(cases | {"a/7": "f" * 6, "a/8": "f" * 6}, cases)
    assert (criterion.verdict, rows["a"].p_value) == ("fail", 0.015625)


def test_a_case_that_gained_is_not_left_out() -> None:
    before = {"a/1": P10, "a/2": "f" * 10, "a/3": P10}
    _, rows = compared({"a/1": "f" * 10, "a/2": P10, "a/3": P10}, before)
    assert rows["a"].p_value == 1.0


def test_the_margins_are_the_packs() -> None:
    strict = replace(CRITERIA, regression_margin=0.05)
    criterion, _ = compared(four(P10), four(P10), criteria=strict)
    assert (criterion.verdict, criterion.threshold) == ("inconclusive", 0.05)
    assert criterion.settle == (
        "It takes 60 pairs in all if none gets worse: "
        "declare `runs: 15`, and compare with a baseline of as many runs."
    )
    assert compared(four(P15), four(P15), criteria=strict)[0].verdict == "pass"
    wide = replace(CRITERIA, regression_margin=0.5, regression_margin_per_test=0.9)
    criterion, rows = compared(four(P10, a="pppppfffff"), four(P10), criteria=wide)
    assert (criterion.verdict, rows["a"].margin) == ("pass", 0.9)


def test_what_would_settle_it_is_said_in_pairs_and_runs() -> None:
    criterion, _ = compared(four(P10, a="p" * 7 + "fff"), four(P10))
    assert criterion.settle == (
        "It takes 76 pairs in all and 24 of a if no further one gets worse: "
        "declare `runs: 24`, and compare with a baseline of as many runs."
    )
    assert compared(four("p" * 24, a="p" * 21 + "fff"), four("p" * 24))[0].verdict == "pass"
    criterion, _ = compared(four("ppp"), four("ppp"))
    assert "29 pairs in all and up to 9 of one test" in criterion.settle
    assert "`runs: 9`" in criterion.settle
    criterion, _ = compared(four("ppp"), None)
    assert criterion.settle == "Provide a baseline with at least 29 of the same runs in all, and 9 of each test."
    criterion, _ = compared(four(P10, a="p" * 5 + "e" * 5), four(P10))
    assert criterion.settle == "Rerun the runs that are missing or ended in error."


def test_the_claim_is_said_of_a_pass_and_each_test_has_its_line() -> None:
    decision = decide(four(P30, a="p" * 29 + "f"), four(P30))
    assert decision.verdict == "pass"
    assert decision.claim.endswith(
        "Compared with the baseline, 1 of 120 pairs got worse and 0 got better: the loss on these 4 tests is below "
        "4 % at 95 % confidence (10 % allowed). "
        "The largest loss is in a: 30 of 30 passed before, 29 of 30 now; below 15.1 % (30 % allowed)."
    )
    text, markdown = decision_text(decision), decision_markdown(decision)
    assert "smoke/a: 30 of 30 before, 29 now, 1 worse; loss below 15.1 % (30 % allowed)" in text
    assert "| ✅ | a | 30 of 30 | 29 of 30 | 1 | 15.1 % | 30 % |" in markdown
    assert "| ✅ | noRegressionAgainst | 0.8 % | 10 % |" in markdown


def test_a_waived_test_is_not_compared() -> None:
    waiver = Waiver(test="a", reason="known", owner="@acme/qa", expires=date(2026, 4, 1))
    criterion, rows = compared(four(P10, a="f" * 10), four(P10), waivers=(waiver,))
    assert (criterion.verdict, sorted(rows)) == ("pass", ["b", "c", "d"])


def test_a_line_counts_pairs_and_cases() -> None:
    now = {"a/1": "ppfpe-", "a/2": "pfp---", "a/3": "---pp-", "a/4": "-p----", "b": "pppppp"}
    before = {"a/1": "pfpeep", "a/2": "ppp---", "a/3": "pp----", "a/4": "p-----", "b": "ffffff"}
    criterion, rows = compared(now, before)
    row = rows["a"]
    assert (row.cases, row.cases_worse, row.pairs) == (2, 1, 8), "a case without a pair is not compared"
    assert (row.before, row.after, row.better) == (5, 5, 1)
    # a pass that fails, in both cases, and an error that is one again
    assert row.worse == 3
    assert (rows["b"].before, rows["b"].after, rows["b"].better, rows["b"].worse) == (0, 6, 6, 0)
    assert (criterion.total, criterion.passed, criterion.observed) == (14, 11, round((3 - 7) / 14, 6))


@pytest.mark.parametrize(
    ("now", "before", "p_value"),
    [
        ("fffff", "ppppp", 1 / 32),
        ("fffffff", "ppppppp", 0.007812),
        ("ffffp", "ppppf", 6 / 32),
        # an error before may have been a failure, and one now a pass: each of these may be a gain
        ("ffffp", "ppppe", 6 / 32),
        ("ffffe", "ppppf", 6 / 32),
        ("ffffe", "ppppe", 6 / 32),
        # no loss and no gain, whatever they were
        ("fffff", "ppppe", 1 / 16),
        ("ffffe", "ppppp", 1 / 16),
        ("ffffp", "ppppp", 1 / 16),
        ("fffff", "ppppf", 1 / 16),
    ],
)
def test_errors_are_no_proof_of_a_loss(now: str, before: str, p_value: float) -> None:
    assert compared({"a": now}, {"a": before})[1]["a"].p_value == p_value


def test_a_loss_must_be_below_its_margin() -> None:
    loss = loss_bound(1, 0, 30, confidence=0.95)
    at_it, above = replace(CRITERIA, regression_margin=loss), replace(CRITERIA, regression_margin=loss + 1e-9)
    one = ({"a": P30[1:] + "f"}, {"a": P30})
    assert compared(*one, criteria=at_it)[0].verdict == "inconclusive"
    assert compared(*one, criteria=above)[0].verdict == "pass"
    assert compared(*one)[1]["a"].loss == pytest.approx(loss, abs=1e-6)
    assert compared(*one)[1]["a"].loss >= loss


def test_the_claim_names_the_test_that_lost_most() -> None:
    claim = compared({"a": P30}, {"a": P30})[0].claim
    assert claim.endswith("the loss on this test is below 9.7 % at 95 % confidence (10 % allowed).")
    gain = compared({"a": P30}, {"a": "f" * 20 + "p" * 10})[0].claim
    assert "20 got better: the gain on this test is above 29.9 %" in gain
    # as many pairs better as worse are no loss; b lost most, though a has more pairs that got worse
    now, before = {"a": "pppfff", "b": "ffpppp"}, {"a": "fffppp", "b": "pppppp"}
    assert "The largest loss is in b: 6 of 6 passed before, 4 of 6 now; " in compared(now, before)[0].claim
    assert "largest loss" not in compared({"a": "pppfff"}, {"a": "fffppp"})[0].claim


def test_a_test_with_fewer_cases_runs_each_of_them_more_often() -> None:
    runs = {f"a/{number}": "ppp" for number in range(10)} | {"b/1": "ppp", "b/2": "ppp"}
    criterion, rows = compared(runs, runs)
    assert {name: row.verdict for name, row in rows.items()} == {"a": "pass", "b": "inconclusive"}
    assert criterion.settle == (
        "It takes 29 pairs in all and 9 of b if none gets worse: "
        "declare `runs: 5`, and compare with a baseline of as many runs."
    )


@pytest.mark.parametrize(("worse", "pairs"), [(1, 30), (1, 3), (0, 9)])
def test_a_loss_is_rounded_up_to_a_millionth(worse: int, pairs: int) -> None:
    loss = loss_bound(worse, 0, pairs, confidence=0.95)
    criterion, rows = compared({"a": "f" * worse + "p" * (pairs - worse)}, {"a": "p" * pairs})
    assert criterion.upper == rows["a"].loss == ceil(1e6 * loss) / 1e6


def test_the_test_that_needs_most_pairs_says_how_many() -> None:
    criterion, _ = compared(four(P10, a="p" * 9 + "f", b="p" * 7 + "fff"), four(P10))
    assert "and up to 24 of one test if no further one gets worse: declare `runs: 24`" in criterion.settle


def test_the_case_that_lost_most_is_left_out_by_its_losses_less_its_gains() -> None:
    now, before = {"a/1": "fffppp", "a/2": "ffpppp"}, {"a/1": "pppfff", "a/2": "pppppp"}
    # three losses and three gains are left
    assert compared(now, before)[1]["a"].p_value == 0.65625


def test_the_largest_loss_is_a_share_of_its_test() -> None:
    now, before = {"a": "p" * 28 + "ff", "b/1": "fpp", "b/2": "ppp"}, {"a": P30, "b/1": "ppp", "b/2": "ppp"}
    claim = compared(now, before)[0].claim
    assert "The largest loss is in b: 6 of 6 passed before, 5 of 6 now (1 of 2 cases worse); " in claim
