"""The reasons of a decision: gaps in the evidence and criteria that do not pass."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from wavegate.gate.counts import TestObservations, TestTally
from wavegate.gate.decision import Criterion, Reason, Verdict
from wavegate.gate.occurrences import Occurrences
from wavegate.gate.tally import Tally
from wavegate.release.pack import Pack, Waiver
from wavegate.text import pluralize

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
        yield _rejection(why, test, rejected)
    for finding in tally.findings:
        place = finding.location
        yield Reason(
            code=finding.rule.rpartition("/")[2],
            weight="inconclusive",
            text=f"{place.file}, line {place.line}: {finding.message}",
            fix=finding.fix,
        )
    if tally.unread > len(tally.findings):
        more = tally.unread - len(tally.findings)
        yield Reason(
            code="malformed",
            weight="inconclusive",
            text=f"{pluralize(more, 'more finding')} of the same kinds.",
            fix="Fix the listed findings first.",
        )


def _rejection(why: str, test: str, rejected: Occurrences) -> Reason:
    code, _, parts = why.partition(":")
    preposition = _PREPOSITIONS.get(parts, "for")
    # a different agent means a different version of it
    detail = parts.replace("agent ", "version of agent ")
    problem, fix = (text.format(detail=detail, preposition=preposition) for text in _REJECTIONS[code])
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


def _any_seen(tests: Sequence[TestObservations]) -> bool:
    return any(each.tally.cases for each in tests)


def _test_reasons(name: str, observed: TestObservations) -> Iterator[Reason]:
    counts, tally = observed.counts, observed.tally
    if counts.missing:
        yield Reason(
            code="missing-runs",
            weight="inconclusive",
            text=f"Missing: {counts.missing:,} of {pluralize(counts.expected, 'observation')} of {name} "
            f"(run {_ranges(tally.missing_runs(observed.expected_runs))}).",
            fix="Rerun the shard that contains them, or find its results.",
            test=name,
        )
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
    if tally.runs_seen() > observed.expected_runs:
        yield Reason(
            code="undeclared-runs",
            weight="inconclusive",
            text=f"{name} has {pluralize(tally.runs_seen(), 'run')}, but the pack declares {observed.expected_runs}: "
            "rerunning a test until it passes proves nothing.",
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


def _ranges(numbers: Sequence[int]) -> str:
    # consecutive numbers have a constant difference from their index
    ranges = [[number for _, number in group] for _, group in groupby(enumerate(numbers), lambda e: e[1] - e[0])]
    shown = [f"{each[0]}" if len(each) == 1 else f"{each[0]}-{each[-1]}" for each in ranges]
    return ", ".join(shown[:10]) + (f" and {len(shown) - 10} more ranges" if len(shown) > 10 else "")
