"""Decides what a probe is like, from runs of the test, so that the whole answer is right with a stated confidence.

Both ends are measured first, in turn, until they are proven to differ and are known well enough for the probes. Then
each probe is run until it is proven better than the bad end and is clearly nearer to the good one, or the other way
round, or until it is proven to lie between. Each probe has its own share of the error: alpha / (k (k + 1)) for the
k-th one, which add up to alpha, however many there are.
"""

from collections.abc import Callable
from math import exp, inf, log

from wavegate.bisect.values import Likeness, Probe, ProbePurpose
from wavegate.evidence.observation import Outcome
from wavegate.smoke.variants.allowance import RunAllowance
from wavegate.statistics.two_ends import EndCounts, PassCount, evidence, log_e_better, nearer

ENDS_PROOF = 13.0
"""ln of the evidence for a difference of the ends: about twice what a probe needs, so that probes are short."""
MAX_ERRORS = 3
"""Runs of one release in a row that may have no result."""
_FEW_ERRORS = 10
_ERROR_SHARE = 0.2
"""Share of all runs that may have no result, from the eleventh on."""

_NEARER = 3.0
"""ln of how much better the rate of the end explains a probe than the middle between both does, to be like it."""

RunVariant = Callable[[frozenset[str], int], Outcome]
"""Runs the test on the good release with some changes, for the n-th time, from 1."""


class UnusableRunsError(Exception):
    """Too many runs have no result. Never leaves the search."""


class SameEndsError(Exception):
    """The two releases are not proven to differ. Never leaves the search. reversed: the good one is proven worse."""

    def __init__(self, *, is_reversed: bool) -> None:
        super().__init__()
        self.is_reversed = is_reversed


class Measuring:
    """Runs of a test on releases. ends: of the two. probes: those that were begun. errors: runs without a result."""

    def __init__(
        self,
        run: RunVariant,
        allowance: RunAllowance,
        *,
        everything: frozenset[str],
        confidence: float,
        deterministic: bool = False,
        announce: Callable[[Probe], None] = lambda _: None,
    ) -> None:
        self._run = run
        self._allowance = allowance
        self._all = everything
        self._alpha = 1 - confidence - exp(-ENDS_PROOF)
        self._deterministic = deterministic
        self._announce = announce
        self._numbers: dict[frozenset[str], int] = {}
        self._known: dict[frozenset[str], bool] = {}
        self.ends = EndCounts()
        self.probes: list[Probe] = []
        self.errors = 0

    def measure_ends(self) -> None:
        """Run both releases until they are proven to differ. SameEndsError: they are not, with half of the runs."""
        most = 1 if self._deterministic else self._allowance.runs // 4
        while self.ends.good.runs < most:
            self._run_ends()
            difference = log_e_better(self.ends.good, self.ends.bad)
            if difference >= ENDS_PROOF:
                return
        if self._deterministic and self.ends == EndCounts(good=PassCount(passed=1), bad=PassCount(failed=1)):
            return
        if log_e_better(self.ends.good, self.ends.bad) >= self._log_proof(1):
            return  # enough to tell probes apart, if only slowly
        worse = log_e_better(self.ends.bad, self.ends.good)
        is_reversed = worse >= ENDS_PROOF or (self._deterministic and self.ends.bad.passed > self.ends.good.passed)
        raise SameEndsError(is_reversed=is_reversed)

    def fails(self, changes: frozenset[str], purpose: ProbePurpose, order: tuple[str, ...] = ()) -> bool:
        """Whether the good release with these changes is worse than it is without them.

        BudgetSpentError, UnusableRunsError: it could not be settled.
        """
        if changes not in self._known:
            probe = Probe(
                number=len(self.probes) + 1,
                purpose=purpose,
                changes=tuple(each for each in order if each in changes) or tuple(sorted(changes)),
                counts=PassCount(),
                errors=0,
                likeness=None,
            )
            self.probes.append(probe)
            found = self._settle(probe, changes)
            self._known[changes] = found is not Likeness.GOOD
        return self._known[changes]

    def _settle(self, probe: Probe, changes: frozenset[str]) -> Likeness:
        log_proof, known, errors = self._log_proof(probe.number), self.ends, self.errors
        counts = PassCount()
        while True:
            counts = counts.plus(passed=self._outcome(changes))
            if counts.runs > self.ends.runs and not self._deterministic:
                self._run_ends()
            likeness = self._proven(counts, known, log_proof)
            probe = self._updated(probe, counts, self.errors - errors, likeness)
            if likeness:
                return likeness

    def _updated(self, probe: Probe, counts: PassCount, errors: int, likeness: Likeness | None) -> Probe:
        updated = Probe(
            number=probe.number,
            purpose=probe.purpose,
            changes=probe.changes,
            counts=counts,
            errors=errors,
            likeness=likeness,
        )
        self.probes[probe.number - 1] = updated
        if likeness:
            self._announce(updated)
        return updated

    def _proven(self, counts: PassCount, known: EndCounts, log_proof: float) -> Likeness | None:
        if self._deterministic:
            return Likeness.GOOD if counts.passed else Likeness.BAD
        not_bad, not_good = evidence(counts, self.ends, known)
        if not_bad >= log_proof and not_good >= log_proof:
            return Likeness.BETWEEN
        if not_bad >= log_proof and nearer(counts, self.ends.good, self.ends.bad) >= _NEARER:
            return Likeness.GOOD
        is_bad = not_good >= log_proof and nearer(counts, self.ends.bad, self.ends.good) >= _NEARER
        return Likeness.BAD if is_bad else None

    def _run_ends(self) -> None:
        good = self.ends.good.plus(passed=self._outcome(frozenset()))
        self.ends = EndCounts(good=good, bad=self.ends.bad.plus(passed=self._outcome(self._all)))

    def _outcome(self, changes: frozenset[str]) -> bool:
        """Whether the next run of a release passed; one without a result is made again a few times."""
        number = self._numbers.get(changes, 0) + 1
        for _ in range(MAX_ERRORS):
            self._allowance.take()
            outcome = self._run(changes, number)
            if outcome is not Outcome.ERROR:
                self._numbers[changes] = number
                return outcome is Outcome.PASS
            self.errors += 1
            if self.errors > max(_FEW_ERRORS, _ERROR_SHARE * self._allowance.spent):
                break
        raise UnusableRunsError

    def _log_proof(self, number: int) -> float:
        """ln of the evidence that a probe needs. number: from 1."""
        return log(number * (number + 1) / self._alpha) if self._alpha > 0 else inf
