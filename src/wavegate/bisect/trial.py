"""Runs the search: measures both releases, then replays subsets until every cause is known, or no run is left."""

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from wavegate.bisect.measure import Measuring, SameEndsError, UnusableRunsError
from wavegate.bisect.read import SubsetFiles
from wavegate.bisect.search import CulpritSearch
from wavegate.bisect.sentences import outcome
from wavegate.bisect.values import BisectReport, ChangeUnit, CulpritSet, Likeness, Probe, ProbePurpose, StopReason
from wavegate.evidence.observation import Outcome
from wavegate.evidence.source import TestKey
from wavegate.smoke.variants.allowance import BudgetSpentError, RunAllowance
from wavegate.smoke.variants.checkout_copy import CheckoutCopy
from wavegate.smoke.variants.judged import JudgedRuns
from wavegate.text import one_line, pluralize

GOOD, BAD = "good", "bad"
"""The ids of the variants at both ends."""


class SubsetVariants:
    """Subsets of the changes as variants of the checkout, by ids that are the same in the next process."""

    def __init__(self, units: Sequence[ChangeUnit], files: SubsetFiles) -> None:
        self._all = frozenset(each.id for each in units)
        self._files = files
        self._changes: dict[str, frozenset[str]] = {}

    def id_of(self, changes: frozenset[str]) -> str:
        """The id of a subset."""
        digest = hashlib.sha256(json.dumps(sorted(changes)).encode()).hexdigest()[:16]
        name = GOOD if not changes else BAD if changes == self._all else digest
        self._changes[name] = changes
        return name

    def prepare(self, variant: str, copy: CheckoutCopy) -> None:
        """Make a fresh copy of the checkout into the variant."""
        self._files.write(self._changes[variant], copy)


def run_search(
    report: BisectReport,
    runs: JudgedRuns,
    variants: SubsetVariants,
    allowance: RunAllowance,
) -> BisectReport:
    """The report with what was found. report: of a search that has not begun."""
    test: TestKey = (report.suite, report.test)
    everything = frozenset(each.id for each in report.units)

    def run(changes: frozenset[str], number: int) -> Outcome:
        return runs.run(variants.id_of(changes), test, number)

    measuring = Measuring(
        run,
        allowance,
        everything=everything,
        confidence=report.confidence,
        deterministic=report.deterministic,
        announce=lambda probe: say(f"Probe {probe.number}: {outcome(probe)}."),
    )
    search = CulpritSearch(report.units, _announced(measuring, allowance, lambda: search))
    stopped = StopReason.NONE
    try:
        say(f"Measuring both releases, which differ in {pluralize(len(everything), 'change')}.")
        measuring.measure_ends()
        search.run()
    except BudgetSpentError:
        stopped = StopReason.TIME if allowance.is_over() else StopReason.RUNS
    except UnusableRunsError:
        stopped = StopReason.ERRORS
    except SameEndsError as same:
        stopped = StopReason.REVERSED if same.is_reversed else StopReason.SAME
    return replace(
        report,
        found=tuple(_with_partial(each, measuring.probes) for each in search.found),
        complete=search.complete,
        suspects=search.suspects,
        stopped=stopped,
        ends=measuring.ends,
        probes=tuple(measuring.probes),
        runs=allowance.spent,
        errors=measuring.errors,
        problem=runs.problems.get(test, ""),
    )


def _announced(
    measuring: Measuring, allowance: RunAllowance, search: Callable[[], CulpritSearch]
) -> Callable[[frozenset[str], ProbePurpose], bool]:
    """The probes of a search, each announced on standard error."""

    def fails(changes: frozenset[str], purpose: ProbePurpose) -> bool:
        settled = [each.counts.runs for each in measuring.probes] or [measuring.ends.runs // 2]
        left = round(search().probes_left * sum(settled) / len(settled))
        say(
            f"Probe {len(measuring.probes) + 1} ({purpose.value}): {pluralize(len(changes), 'change')}; "
            f"{pluralize(len(search().suspects), 'suspect')} left, {pluralize(allowance.spent, 'run')} so far, "
            f"about {left:,} more."
        )
        return measuring.fails(changes, purpose, search().order)

    return fails


def _with_partial(found: CulpritSet, probes: Sequence[Probe]) -> CulpritSet:
    own = {*found.culprits, *found.along}
    between = any(each.likeness is Likeness.BETWEEN and set(each.changes) == own for each in probes)
    return replace(found, partial=between)


def say(line: str) -> None:
    """Print one line of progress; the report is on standard output."""
    print(one_line(line), file=sys.stderr, flush=True)
