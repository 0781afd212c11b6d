"""The reasons of a decision that concern cases: lost, not declared, or unknown to everybody."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from wavegate.census.gaps import list_cases
from wavegate.census.report import unknown_cases
from wavegate.census.values import Census
from wavegate.gate.counts import TestObservations
from wavegate.gate.decision import Reason, inconclusive_for
from wavegate.release.pack import Pack
from wavegate.text import join_names, pluralize

_NAMED = 10
"""Ranges of runs that a reason names."""


def census_reasons(census: Census | None, packs: Sequence[Pack]) -> Iterator[Reason]:
    """Definitions that cannot be read or that contradict each other, and a note on tests whose cases are unknown."""
    if census is None:
        return
    yield from map(inconclusive_for, census.problems)
    for pack in packs:
        unknown = unknown_cases(census, pack)
        if unknown:
            yield Reason(
                code="unknown-cases",
                weight=None,
                text=f"Nothing declares the cases of {join_names(unknown)} in {pack.suite}: a case that is lost from "
                "the results would not be noticed.",
                fix="Set `cases` in the pack, or commit the test definitions.",
            )


def missing_words(observed: TestObservations) -> str:
    """Which cases and runs are missing: `case 2, 3; run 4 of other cases`."""
    gaps, tally = observed.gaps, observed.tally
    runs = tally.missing_runs(observed.expected_runs, gaps)
    if not tally.cases or not gaps.lost:
        return f"run {_ranges(runs)}"
    lost = f"{gaps.lost:,} of {pluralize(gaps.cases, 'case')}"
    if gaps.lost_names:
        lost = f"case {list_cases(gaps.lost_names)}"
    return f"{lost}; run {_ranges(runs)} of other cases" if runs else lost


def undeclared_cases(name: str, observed: TestObservations) -> Iterator[Reason]:
    """A reason if the results have cases that nothing declares: they may stand in for cases that failed."""
    gaps, source = observed.gaps, observed.cases_from
    if not gaps.extra:
        return
    seen = pluralize(gaps.cases + gaps.extra, "case")
    text = f"{name} has {seen}, but {source} declares {gaps.cases:,}."
    if gaps.extra_names:
        extra = f"{pluralize(gaps.extra, 'case')} that {source} does not declare"
        failed = observed.tally.undeclared(gaps).failed
        failures = f" {pluralize(failed, 'observation')} of them failed." if failed else ""
        text = f"{name} has {extra}: {list_cases(gaps.extra_names)}.{failures}"
    yield Reason(
        code="undeclared-cases",
        weight="inconclusive",
        text=text,
        fix=f"Declare the cases in {source} as the results name them, then rerun the pack.",
        test=name,
    )


def _ranges(numbers: Sequence[int]) -> str:
    # consecutive numbers have a constant difference from their index
    ranges = [[number for _, number in group] for _, group in groupby(enumerate(numbers), lambda e: e[1] - e[0])]
    shown = [f"{each[0]}" if len(each) == 1 else f"{each[0]}-{each[-1]}" for each in ranges]
    more = f" and {pluralize(len(shown) - _NAMED, 'more range')}" if len(shown) > _NAMED else ""
    return ", ".join(shown[:_NAMED]) + more
