"""Counts of the checks in the observations: which kinds failed, and which of them counted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wavegate.evidence.checks import FURTHER, confirmed, none_counts
from wavegate.evidence.observation import Observation, Outcome
from wavegate.findings.finding import Finding, Severity
from wavegate.gate.decision import CheckRow, Reason
from wavegate.gate.tested.occurrences import Occurrences
from wavegate.release.check_kinds import POLICIES, counts
from wavegate.release.pack import Pack, PackTest
from wavegate.text import join_names, pluralize

MAX_KINDS = 100
"""Kinds of checks that are counted of one test, and rows of one pack."""
MAX_COMBINATIONS = 100
"""Different checks of an observation whose meaning is remembered, for one test."""


@dataclass(slots=True)
class _Combination:
    """Checks with their outcomes, which most observations share.

    count: observations with them. if_passed: the outcome of a pass with them. is_unjudged: whether none counts.
    """

    if_passed: Outcome
    is_unjudged: bool
    count: int = 0


@dataclass(slots=True)
class CheckCounts:
    """The checks of one test's observations.

    unjudged: observations none of whose checks counts for the test. unchecked: those that pass although nobody
    checked the policies that the test names.
    """

    unjudged: Occurrences = field(default_factory=Occurrences)
    unchecked: Occurrences = field(default_factory=Occurrences)
    _combinations: dict[tuple[tuple[str, Outcome], ...], _Combination] = field(default_factory=dict)
    _further: dict[str, Counter[Outcome]] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, Counter[Outcome]]:
        """Outcomes by kind."""
        kinds = {kind: outcomes.copy() for kind, outcomes in self._further.items()}
        for checks, combination in self._combinations.items():
            _count(kinds, checks, combination.count)
        return kinds

    def add(self, observation: Observation, test: PackTest) -> Outcome:
        """Count the checks of an observation. Returns its outcome: never a pass that they do not bear out."""
        checks = tuple(observation.checks.items())
        combination = self._combinations.get(checks) or self._combine(checks, test)
        combination.count += 1
        if combination.is_unjudged:
            self.unjudged.add(observation.case, observation.run)
        if test.policies and observation.outcome is Outcome.PASS and POLICIES not in observation.checks:
            self.unchecked.add(observation.case, observation.run)
        return combination.if_passed if observation.outcome is Outcome.PASS else observation.outcome

    def _combine(self, checks: tuple[tuple[str, Outcome], ...], test: PackTest) -> _Combination:
        by_kind = dict(checks)
        combination = _Combination(confirmed(Outcome.PASS, by_kind, test), none_counts(by_kind, test))
        if len(self._combinations) < MAX_COMBINATIONS:
            self._combinations[checks] = combination
        else:
            _count(self._further, checks, 1)
        return combination


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


def policy_reasons(pack: Pack, tests: Sequence[tuple[PackTest, CheckCounts]]) -> Iterator[Reason]:
    """A reason for each test that passes although nobody checked its policies; only a smoke run does."""
    defined = {each.name for each in pack.policies}
    for test, checks in tests:
        policies = [name for name in test.policies if name in defined]
        if policies and checks.unchecked.count:
            passes = pluralize(checks.unchecked.count, "observation")
            yield Reason(
                code="unchecked-policies",
                weight="inconclusive",
                text=f"Nobody checked {join_names(policies)} in {passes} of "
                f"{pack.suite}/{test.name}: result files do not show whether an answer kept a policy.",
                fix="Run the test with `wavegate smoke`, which checks policies on transcripts, or remove them there.",
                test=f"{pack.suite}/{test.name}",
            )


def idle_policy_notes(findings: Iterable[Finding]) -> Iterator[Reason]:
    """A note for each warning about a policy that no transcript could break or meet."""
    for finding in findings:
        if finding.severity is Severity.WARNING:
            code, where = finding.rule.rpartition("/")[2], finding.location.file
            yield Reason(code=code, weight=None, text=f"{where}: {finding.message}", fix=finding.fix)


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


def _count(kinds: dict[str, Counter[Outcome]], checks: Iterable[tuple[str, Outcome]], number: int) -> None:
    for kind, outcome in checks:
        # bounds the memory
        name = kind if kind in kinds or len(kinds) < MAX_KINDS else FURTHER
        kinds.setdefault(name, Counter())[outcome] += number
