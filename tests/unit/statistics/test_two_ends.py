"""Two samples compared with evidence that may be looked at after every run."""

import random
from math import exp, inf, log

import pytest

from wavegate.statistics.two_ends import EndCounts, PassCount, evidence, log_e_better


def sample(chance: float, runs: int, source: random.Random) -> PassCount:
    passed = sum(source.random() < chance for _ in range(runs))
    return PassCount(passed=passed, failed=runs - passed)


def test_the_evidence_is_the_ratio_of_two_free_rates_to_one_common_rate() -> None:
    # 3 passes, and 3 fails: 5/16 each with a rate from Jeffreys' prior; 1/2^6 together with the common rate of 1/2
    found = log_e_better(PassCount(passed=3), PassCount(failed=3))
    assert exp(found) == pytest.approx((5 / 16) ** 2 * 2**6)


def test_what_may_be_from_the_good_end_needs_fewer_runs() -> None:
    good, bad = PassCount(passed=98, failed=2), PassCount(passed=80, failed=20)
    probe = PassCount(passed=60, failed=1)
    assert log_e_better(probe, bad, like=good) > log_e_better(probe, bad) + 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PassCount(), PassCount(failed=9)),
        (PassCount(passed=9), PassCount()),
        (PassCount(passed=1, failed=1), PassCount(passed=5, failed=5)),
        (PassCount(failed=3), PassCount(passed=3)),
    ],
)
def test_a_sample_that_is_not_better_has_no_evidence(one: PassCount, other: PassCount) -> None:
    assert log_e_better(one, other) == -inf


def test_both_directions_mirror_each_other() -> None:
    ends = EndCounts(good=PassCount(passed=19, failed=1), bad=PassCount(passed=4, failed=16))
    turned = EndCounts(good=ends.bad.turned, bad=ends.good.turned)
    probe = PassCount(passed=6, failed=5)
    not_bad, not_good = evidence(probe, ends, ends)
    assert evidence(probe.turned, turned, turned) == pytest.approx((not_good, not_bad))


@pytest.mark.parametrize(("good", "bad"), [(0.98, 0.8), (0.9, 0.6)])
def test_a_probe_at_an_end_is_seldom_ever_told_from_it_however_often_one_looks(good: float, bad: float) -> None:
    source, alpha, wrong, searches = random.Random(7), 0.1, 0, 300  # noqa: S311
    for _ in range(searches):
        ends = EndCounts(good=sample(good, 60, source), bad=sample(bad, 60, source))
        probe = PassCount()
        for _ in range(120):
            probe = probe.plus(passed=source.random() < bad)
            if evidence(probe, ends, ends)[0] >= log(1 / alpha):
                wrong += 1
                break
    # 42 of 300 is three standard deviations above 10 %
    assert wrong <= 45
