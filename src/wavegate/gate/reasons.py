"""The reasons of a decision: gaps in the evidence and criteria that do not pass."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from wavegate.gate.case_reasons import missing_words, undeclared_cases
from wavegate.gate.counts import TestObservations, TestTally
from wavegate.gate.criteria import spared_by_few_runs
from wavegate.gate.decision import Criterion, Reason, Verdict, inconclusive_for
from wavegate.gate.tally import Tally
from wavegate.gate.tested.occurrences import Occurrences
from wavegate.release.pack import Pack, Waiver
from wavegate.statistics.per_test import runs_that_carry
from wavegate.text import percent, pluralize

_REJECTIONS = {
    "unknown-test": (
        "recorded for a test that is in no judged pack",
        "Use the test's name from the pack, or leave the file out.",
    ),
    "unbound": ("recorded without the subject's {detail}", "Record the subject's {detail} with every observation."),
    "foreign": ("recorded {preposition} a different {detail}", "Rerun the pack on the release to be promoted."),
    "undated": (
        "recorded without a time, but the environment sets maxEvidenceAge",
        "Record the time with every observation.",
    ),
    "stale": ("recorded longer ago than the environment's maxEvidenceAge", "Rerun the pack."),
    "future": ("dated in the future", "Correct the clock of the machine that recorded the observations."),
    "too-many-cases": ("beyond the gate's limit of cases and runs", "Split the pack."),
}
_PREPOSITIONS = {"environment": "in", "org": "in"}


def evidence_reasons(tally: Tally) -> Iterator[Reason]:
    """Rejected observations and evidence that could not be read."""
    for (why, test), rejected in sorted(tally.rejected.items()):
        yield _rejection(why, test, rejected, environment=_environment(tally))
    yield from map(inconclusive_for, tally.findings)
    if tally.unread > len(tally.findings):
        more = tally.unread - len(tally.findings)
        yield Reason(
            code="malformed",
            weight="inconclusive",
            text=f"{pluralize(more, 'more finding')} of the same kinds.",
            fix="Fix the listed findings first.",
        )


def _environment(tally: Tally) -> str:
    """The environment that evidence must come from; '' if any may."""
    return next((each.environment for each in tally.subjects.values() if each.environment), "")


def _rejection(why: str, test: str, rejected: Occurrences, *, environment: str) -> Reason:
    code, _, parts = why.partition(":")
    preposition = _PREPOSITIONS.get(parts, "for")
    # a different agent means a different version of it
    detail = parts.replace("agent ", "version of agent ")
    problem, fix = (text.format(detail=detail, preposition=preposition) for text in _REJECTIONS[code])
    if "environment" in parts.split(", "):
        fix = f"Run the pack in {environment}: `wavegate smoke {environment}`."
    observations = pluralize(rejected.count, "observation") + (f" of {test}" if test else "")
    case, run = rejected.first
    return Reason(
        code=code,
        weight="inconclusive",
        text=f"Rejected {observations}: {'it was' if rejected.count == 1 else 'they were'} {problem}. "
        f"The first is case {case}, run {run}.",
        fix=fix,
        test=test or None,
    )


def baseline_reasons(baseline: Tally | None) -> Iterator[Reason]:
    """A reason if the baseline is incomplete, which could hide a regression. Tests that only it has do not matter."""
    if baseline is None:
        return
    truncated = any(why == "too-many-cases" for why, _ in baseline.rejected)
    if baseline.unread or truncated or any(map(_is_incomplete, baseline.tests.values())):
        yield Reason(
            code="baseline-malformed",
            weight="inconclusive",
            text="The baseline has unreadable lines, missing or duplicate observations, or too many cases.",
            fix="Use the observations file from the previous release's gate.",
        )


def _is_incomplete(test: TestTally) -> bool:
    return bool(test.duplicates.count or test.counts(test.runs_seen()).missing)


def comparison_reasons(
    pack: Pack, tests: Sequence[TestObservations], baseline: Mapping[str, TestTally] | None
) -> Iterator[Reason]:
    """A note on tests without a counterpart in the baseline. It does not block: a new test has none."""
    if not pack.criteria.no_regression_against or baseline is None:
        return
    new = [each.test.name for each in tests if not each.tally.cases.keys() & baseline[each.test.name].cases.keys()]
    if new:
        yield Reason(
            code="not-compared",
            weight=None,
            text=f"The baseline has no case of {', '.join(new[:5])}{' and others' if len(new) > 5 else ''}: "
            "a regression there would not be noticed.",
            fix="For a new test, no action is needed. Otherwise provide a baseline with the same cases.",
        )


def gap_reasons(pack: Pack, tests: Sequence[TestObservations]) -> Iterator[Reason]:
    """Reasons from runs that are missing, duplicate or not declared."""
    if not _any_seen(tests):
        yield Reason(
            code="no-evidence",
            weight="inconclusive",
            text=f"Pack {pack.suite} has no usable observations.",
            fix="Run its tests and pass the results to the gate.",
        )
        return
    for each in tests:
        yield from _test_reasons(f"{pack.suite}/{each.test.name}", each)
        if each.tally.runs_seen() > each.expected_runs:
            yield _undeclared_runs(pack, each)


def _any_seen(tests: Sequence[TestObservations]) -> bool:
    return any(each.tally.cases for each in tests)


def _test_reasons(name: str, observed: TestObservations) -> Iterator[Reason]:
    counts, tally = observed.counts, observed.tally
    if counts.missing:
        yield Reason(
            code="missing-runs",
            weight="inconclusive",
            text=f"Missing: {counts.missing:,} of {pluralize(counts.expected, 'observation')} of {name} "
            f"({missing_words(observed)}).",
            fix="Rerun the shard that contains them, or find its results.",
            test=name,
        )
    yield from undeclared_cases(name, observed)
    if tally.duplicates.count:
        case, run = tally.duplicates.first
        yield Reason(
            code="duplicate",
            weight="inconclusive",
            text=f"Duplicate observations: {tally.duplicates.count:,} of {name}. "
            f"The first is case {case}, run {run}.",
            fix="Give every run its own number, or remove the results of the shard that ran twice.",
            test=name,
        )


def _undeclared_runs(pack: Pack, observed: TestObservations) -> Reason:
    name, runs = f"{pack.suite}/{observed.test.name}", pluralize(observed.tally.runs_seen(), "run")
    declared = f"the pack declares {observed.expected_runs}: rerunning a test until it passes proves nothing."
    if pack.runs == "until-settled":
        declared = f"the pack's budget allows {observed.expected_runs}."
    return Reason(
        code="undeclared-runs",
        weight="inconclusive",
        text=f"{name} has {runs}, but {declared}",
        fix="Declare the number of runs in the pack, then rerun the pack.",
        test=name,
    )


def criterion_reasons(tests: Sequence[TestObservations], criteria: Sequence[Criterion]) -> Iterator[Reason]:
    """Criteria that do not pass. None without observations, because `no-evidence` already covers them."""
    for criterion in criteria if _any_seen(tests) else ():
        if criterion.verdict is not Verdict.PASS:
            yield Reason(
                code=criterion.name,
                weight="fail" if criterion.verdict is Verdict.FAIL else "inconclusive",
                text=f"{criterion.suite}: {criterion.claim}",
                fix=criterion.settle or "Fix the agent and rerun the pack.",
            )


def few_runs_reasons(pack: Pack, tests: Sequence[TestObservations]) -> Iterator[Reason]:
    """A note on every test that is below its minimum, but has too few runs to be judged by it."""
    for each in tests:
        if not each.waived and spared_by_few_runs(pack, each.counts):
            floor = pack.criteria.per_test_minimum
            name = f"{pack.suite}/{each.test.name}"
            yield Reason(
                code="few-runs",
                weight=None,
                text=f"{name} passed {each.counts.passed} of {each.counts.seen}, below its minimum of "
                f"{percent(floor)}: too few runs to tell.",
                fix=f"Run it at least {pluralize(runs_that_carry(floor), 'time')} to have it judged on its own.",
                test=name,
            )


def waiver_reasons(pack: Pack, expired: Iterable[Waiver]) -> Iterator[Reason]:
    """A note on every expired waiver: its test is judged again."""
    for waiver in expired:
        yield Reason(
            code="waiver-expired",
            weight=None,
            text=f"The waiver of {pack.suite}/{waiver.test} expired on {waiver.expires}: the test is judged again.",
            fix="Remove the waiver, or have its owner renew it.",
            test=f"{pack.suite}/{waiver.test}",
        )
