"""Finds the smallest sets of changes that make a release fail: delta debugging by halving, ordered by suspicion.

The units are in an order in which what one requires comes before it, so every prefix is a consistent release. The
shortest prefix that fails ends in a culprit; with the culprit as part of the base, the shortest prefix of the rest
that fails ends in the next one, until the culprits alone fail. A culprit costs about log2(n) probes, and one to check
it. Then the bad release is tried without them: if it still fails, there is another cause among the rest. Of several
causes, each is tried in the bad release without the others: one that another change repairs there is no cause.
Source: Zeller & Hildebrandt 2002 (delta debugging), Junker 2004 (QuickXplain), for a predicate that may be expensive.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import ceil, log2

from wavegate.bisect.values import ChangeUnit, CulpritSet, ProbePurpose

Fails = Callable[[frozenset[str], ProbePurpose], bool]
"""Whether the good release with these changes fails."""


class CulpritSearch:
    """A search among units. found: the causes that are known.

    suspects: ids of units of which at least one is a part of a cause that is not known yet; once there is one in
    `found`, of which one may be.
    """

    def __init__(self, units: Sequence[ChangeUnit], fails: Fails) -> None:
        self._fails = fails
        self._units = {each.id: each for each in in_order(units)}
        self.found: list[CulpritSet] = []
        self.suspects: tuple[str, ...] = tuple(self._units)
        self.complete = False

    @property
    def order(self) -> tuple[str, ...]:
        """Ids of all units, in the order in which they are tried."""
        return tuple(self._units)

    @property
    def probes_left(self) -> int:
        """About how many probes are left for one more culprit."""
        return ceil(log2(max(1, len(self.suspects)))) + 2

    def run(self) -> None:
        """Find every cause. What `fails` raises ends the search; what was found stays."""
        rest = tuple(self._units)
        while True:
            culprits, base = self._smallest(rest)
            outcome = self._remaining(rest, culprits)
            along = tuple(each for each in rest if each in base and each not in culprits)
            dropped = tuple(each for each in rest if each not in outcome and each not in (*culprits, *along))
            self.found.append(CulpritSet(culprits=culprits, along=along, dropped=dropped))
            self.suspects = outcome
            if not outcome or not self._fails(frozenset(outcome), ProbePurpose.WITHOUT):
                self.suspects = ()
                self._keep_needed()
                self.complete = True
                return
            rest = outcome

    def _keep_needed(self) -> None:
        """Leave out each cause that another change repairs: the bad release passes without the other causes."""
        for each in tuple(self.found):
            others = [name for other in self.found if other is not each for name in other.culprits]
            left = self._remaining(self.order, others)
            has_it = {*each.culprits, *each.along} <= set(left)
            if others and has_it and not self._fails(frozenset(left), ProbePurpose.WITHOUT):
                self.found.remove(each)

    def closure(self, unit: str) -> frozenset[str]:
        """A unit with all that it requires."""
        found: set[str] = set()
        open_ = [unit]
        while open_:
            each = open_.pop()
            if each not in found:
                found.add(each)
                open_ += self._units[each].requires
        return frozenset(found)

    def _smallest(self, pool: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
        """The culprits of one cause, with the base that a consistent release with them has. All of the pool fails."""
        base: frozenset[str] = frozenset()
        culprits: list[str] = []
        while pool:
            self.suspects = (*culprits, *pool)
            if culprits and self._fails(base, ProbePurpose.ALONE):
                break
            index = self._first(base, culprits, pool)
            culprits.append(pool[index])
            base |= self.closure(pool[index])
            pool = tuple(each for each in pool[:index] if each not in base)
        return tuple(culprits), base

    def _first(self, base: frozenset[str], culprits: Sequence[str], pool: tuple[str, ...]) -> int:
        """Index of the last unit of the shortest prefix that fails with the base."""
        sums = list(accumulate((self._units[each].weight for each in pool), initial=0.0))
        passes, fails = 0, len(pool)
        while fails - passes > 1:
            half = (sums[passes] + sums[fails]) / 2
            middle = min(range(passes + 1, fails), key=lambda each: abs(sums[each] - half))
            self.suspects = (*culprits, *pool[passes:fails])
            if self._fails(base | set(pool[:middle]), ProbePurpose.HALVE):
                fails = middle
            else:
                passes = middle
        return passes

    def _remaining(self, rest: Sequence[str], culprits: Sequence[str]) -> tuple[str, ...]:
        """What is left of a release without the culprits, and without what requires one."""
        return tuple(each for each in rest if not self.closure(each).intersection(culprits))


def in_order(units: Sequence[ChangeUnit]) -> list[ChangeUnit]:
    """The units, the most suspicious first, but each after what it requires."""
    by_id = {each.id: each for each in units}
    placed: dict[str, ChangeUnit] = {}
    for first in sorted(units, key=lambda each: (-each.weight, each.id)):
        stack = [first.id]
        while stack:
            unit = by_id[stack[-1]]
            missing = sorted(unit.requires - placed.keys())
            if missing:
                stack += missing
            else:
                placed[stack.pop()] = unit
    return list(placed.values())
