"""Packs that run until they are settled, against the fixed plan of 124 runs with 2 failures; by seeded simulation.

    python tests/bench/bench_settle.py [AGENTS]

Prints `name | ours | peer | ratio | budget`: how often agents of a true rate pass and fail, and with how many
observations; how often a verdict is ever wrong if one looks after every observation; and what comes of running the
release again until it passes. The threshold is 95 % at 95 % confidence throughout. The ratio is that of the mean
observations, or of the shares.
"""

import sys
from itertools import accumulate
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

from wavegate.release.pack import Criteria, Pack, PackTest
from wavegate.statistics.always_valid import observations_that_fail, observations_that_pass
from wavegate.statistics.attempts import attempt_confidence
from wavegate.statistics.rates import failures_allowed
from wavegate.statistics.settling import Settling, usual_runs

THRESHOLD = CONFIDENCE = 0.95
FIXED_RUNS, FIXED_FAILURES = 124, 2
RATES = (0.99, 0.97, 0.95, 0.90, 0.80)
ATTEMPTS = (1, 2, 3, 5)
LOOKS = 2000
PACK = Pack(
    suite="readiness",
    tests=tuple(PackTest(name=name) for name in "abcd"),
    criteria=Criteria(minimum_success_rate=THRESHOLD, confidence=CONFIDENCE),
    runs="until-settled",
)
CASES = len(PACK.tests)
BUDGET = usual_runs(PACK, CASES)


def main() -> None:
    agents = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    random = np.random.default_rng(15)
    for rate in RATES:
        passed, failed, runs = settle(agents, rate, random, most=BUDGET)
        fixed = share(random.binomial(FIXED_RUNS, 1 - rate, agents) <= FIXED_FAILURES)
        ours = f"{passed[-1]:.1%} pass, {failed:.1%} fail; {runs:.0f} runs"
        peer = f"{fixed:.1%} pass, {1 - fixed:.1%} do not; {FIXED_RUNS} runs"
        print(f"agent at {rate:.0%} | {ours} | {peer} (fixed) | {runs / FIXED_RUNS:.2f} | ")
    for wrong, word in zip(ever_wrong(agents, random), ("pass", "fail"), strict=True):
        print(f"agent at the threshold, {word} at any of {LOOKS:,} looks | {wrong:.1%} | | | <= 5 %")
    for rate in (0.97, 0.95, 0.80):
        print_again(agents, rate, random)


def print_again(agents: int, rate: float, random: np.random.Generator) -> None:
    """What comes of running a release again until it is green."""
    passed, _, _ = settle(agents, rate, random, most=BUDGET * max(ATTEMPTS), attempts=max(ATTEMPTS))
    plain, shared = (again(agents, rate, random, shared=shared) for shared in (False, True))
    for attempt in ATTEMPTS:
        settled, fixed, strict = (each[attempt - 1] for each in (passed, plain, shared))
        observed = 1 - (1 - rate**CASES) ** attempt
        print(
            f"agent at {rate:.0%}, green by attempt {attempt} | {settled:.1%} | {fixed:.1%} (fixed); {strict:.1%} "
            f"(fixed, alpha/(k(k+1))); {observed:.1%} ({CASES} of {CASES}, as observed) | "
            f"{settled / fixed if fixed else 1:.2f} | {'<= 5 %' if rate <= THRESHOLD else ''}"
        )


def settle(
    agents: int, rate: float, random: np.random.Generator, *, most: int, attempts: int = 1
) -> tuple[list[float], float, float]:
    """By attempt, the share that passed up to it; the share that failed; and the mean number of observations.

    most: runs per case in all attempts together; every attempt has an equal part of them.
    """
    settling = Settling(
        threshold=THRESHOLD, confidence=CONFIDENCE, tests=CASES, cases=CASES, conversations=CASES, most=most
    )
    ends = [most * (attempt + 1) // attempts for attempt in range(attempts)]
    passed, failed, observations = [0] * attempts, 0, 0
    for _ in range(agents):
        runs = failures = 0
        while wave := settling.wave(runs, failures):
            failures += int(random.binomial(wave * CASES, 1 - rate))
            runs += wave
            proof = settling.proof(runs * CASES, failures)
            if proof:
                failed += proof == "fail"
                if proof == "pass":
                    passed[next(number for number, end in enumerate(ends) if runs <= end)] += 1
                break
        observations += runs * CASES
    return [count / agents for count in accumulate(passed)], failed / agents, observations / agents


def ever_wrong(agents: int, random: np.random.Generator) -> tuple[float, float]:
    """The shares of agents exactly at the threshold that are ever passed, and ever failed, by looks at every run."""
    runs = np.arange(1, LOOKS + 1)
    passed = failed = 0
    for _ in range(0, agents, 1000):
        failures = np.cumsum(random.random((min(1000, agents), LOOKS)) >= THRESHOLD, axis=1)
        highest = int(failures.max()) + 1
        fewest = np.array([observations_that_pass(each, THRESHOLD, CONFIDENCE) for each in range(highest)])
        most = np.array([observations_that_fail(each, THRESHOLD, CONFIDENCE) for each in range(highest)])
        passed += int((runs >= fewest[failures]).any(axis=1).sum())
        failed += int((runs <= most[failures]).any(axis=1).sum())
    return passed / agents, failed / agents


def again(agents: int, rate: float, random: np.random.Generator, *, shared: bool) -> list[float]:
    """By attempt, the share that passed the fixed plan in any attempt up to it. shared: alpha is, among attempts."""
    green = np.zeros(agents, dtype=bool)
    shares = []
    for attempt in range(1, max(ATTEMPTS) + 1):
        confidence = attempt_confidence(CONFIDENCE, attempt) if shared else CONFIDENCE
        allowed = failures_allowed(FIXED_RUNS, THRESHOLD, confidence=confidence)
        green |= random.binomial(FIXED_RUNS, 1 - rate, agents) <= allowed
        shares.append(share(green))
    return shares


def share(found: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> float:
    return float(np.count_nonzero(found)) / found.size


if __name__ == "__main__":
    main()
