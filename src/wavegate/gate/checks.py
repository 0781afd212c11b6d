"""Counts of the checks in the observations: which kinds failed, and which of them counted."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wavegate.evidence.checks import FURTHER, confirmed, none_counts
from wavegate.evidence.observation import Observation, Outcome
from wavegate.gate.decision import CheckRow, Reason
from wavegate.gate.occurrences import Occurrences
from wavegate.release.check_kinds import counts
from wavegate.release.pack import PackTest
from wavegate.text import join_names, pluralize

MAX_KINDS = 100
"""Kinds of checks that are counted of one test, and rows of one pack."""


@dataclass(slots=True)
class CheckCounts:
    """The checks of one test's observations.

    kinds: outcomes by kind. unjudged: observations none of whose checks counts for the test.
    """

    kinds: dict[str, Counter[Outcome]] = field(default_factory=dict)
    unjudged: Occurrences = field(default_factory=Occurrences)

    def add(self, observation: Observation, test: PackTest) -> Outcome:
        """Count the checks of an observation. Returns its outcome: never a pass that they do not bear out."""
        for kind, outcome in observation.checks.items():
            _within(self.kinds, kind)[outcome] += 1
        if none_counts(observation.checks, test):
            self.unjudged.add(observation.case, observation.run)
        return confirmed(observation.outcome, observation.checks, test)


def check_rows(suite: str, tests: Sequence[tuple[PackTest, CheckCounts]]) -> tuple[CheckRow, ...]:
    """A row for each kind of check of a pack, apart where it counts and where it does not; failed ones first."""
    rows: dict[tuple[str, bool], Counter[Outcome]] = {}
    names: dict[tuple[str, bool], list[str]] = {}
    for test, checks in tests:
        for name, outcomes in checks.kinds.items():
            counted = counts(test, name)
            kind = name if (name, counted) in rows or len(rows) < MAX_KINDS else FURTHER
            rows.setdefault((kind, counted), Counter()).update(outcomes)
            names.setdefault((kind, counted), []).append(test.name)
    return tuple(
        sorted(
            (_row(suite, kind, rows[kind], list(dict.fromkeys(names[kind]))) for kind in rows),
            key=lambda row: (-row.failed, -row.errors),
        )
    )


def check_reasons(suite: str, tests: Sequence[tuple[PackTest, CheckCounts]]) -> Iterator[Reason]:
    """A reason for each test with observations that nothing judges, since none of their checks counts."""
    for test, checks in tests:
        if checks.unjudged.count:
            yield _unjudged(suite, test, checks)


def _unjudged(suite: str, test: PackTest, checks: CheckCounts) -> Reason:
    name, (case, run) = f"{suite}/{test.name}", checks.unjudged.first
    count, verb = checks.unjudged.count, "has" if checks.unjudged.count == 1 else "have"
    held = join_names(sorted(kind for kind in checks.kinds if not counts(test, kind))) or "none"
    what = join_names(test.checks) if test.checks else f"what the kind {test.kind} counts"
    return Reason(
        code="no-check-counts",
        weight="inconclusive",
        text=f"{pluralize(count, 'observation')} of {name} {verb} no check that counts for the test ({what}); "
        f"checks that do not count: {held}. The first is case {case}, run {run}.",
        fix="Add an expectation that counts to its definition, such as a topic or actions, "
        "or change the test's `checks` in the pack.",
        test=name,
    )


def _row(suite: str, kind: tuple[str, bool], outcomes: Mapping[Outcome, int], tests: Sequence[str]) -> CheckRow:
    return CheckRow(
        suite=suite,
        test=tests[0] if len(tests) == 1 else None,
        tests=len(tests),
        kind=kind[0],
        counts=kind[1],
        passed=outcomes.get(Outcome.PASS, 0),
        failed=outcomes.get(Outcome.FAIL, 0),
        errors=outcomes.get(Outcome.ERROR, 0),
    )


def _within(kinds: dict[str, Counter[Outcome]], kind: str) -> Counter[Outcome]:
    # bounds the memory
    return kinds.setdefault(kind if kind in kinds or len(kinds) < MAX_KINDS else FURTHER, Counter())
