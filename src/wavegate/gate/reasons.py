"""Why a decision is what it is: what the evidence lacks, and which criteria it does not meet."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from wavegate.gate.counts import Occurrences, TestObservations, TestTally
from wavegate.gate.decision import Criterion, Reason, Verdict
from wavegate.gate.tally import Tally
from wavegate.release.pack import Pack, Waiver
from wavegate.text import pluralize

_REFUSALS = {
    "unknown-test": (
        "of no test of the packs that are judged",
        "Name the test as the pack does, or leave the file out.",
    ),
    "unbound": ("without the {detail} that it must be about", "Write the subject's {detail} with each observation."),
    "foreign": ("about another {detail}", "Run the pack again on what is to be released."),
    "undated": (
        "without a time, and evidence may only be so old",
        "Write the time with each observation.",
    ),
    "stale": ("older than the environment's maxEvidenceAge", "Run the pack again."),
    "future": ("from the future", "Set the clock of the machine that made them."),
    "too-many-cases": ("of more cases and runs than a gate keeps count of", "Split the pack."),
}


def evidence_reasons(tally: Tally) -> Iterator[Reason]:
    """What was refused or could not be read."""
    for (why, test), seen in sorted(tally.refused.items()):
        yield _refusal(why, test, seen)
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
            fix="Mend the first ones.",
        )


def _refusal(why: str, test: str, seen: Occurrences) -> Reason:
    code, _, detail = why.partition(":")
    text, fix = (words.format(detail=detail) for words in _REFUSALS[code])
    about = f" of {test}" if test else ""
    case, run = seen.first
    return Reason(
        code=code,
        weight="inconclusive",
        text=f"Refused: {pluralize(seen.count, 'observation')}{about} {text}. The first is case {case}, run {run}.",
        fix=fix,
        test=test or None,
    )


def baseline_reasons(baseline: Tally | None) -> Iterator[Reason]:
    """A baseline that is not whole would hide a regression. Tests that it alone has are none of this release's."""
    if baseline is None:
        return
    cut = any(why == "too-many-cases" for why, _ in baseline.refused)
    if baseline.unread or cut or any(map(_broken, baseline.tests.values())):
        yield Reason(
            code="baseline-malformed",
            weight="inconclusive",
            text="The baseline has unreadable lines, observations missing or there twice, or too many cases.",
            fix="Bring the observations file that the release before was gated with.",
        )


def _broken(test: TestTally) -> bool:
    return bool(test.duplicates.count or test.counts(test.runs_seen()).missing)


def comparison_reasons(
    pack: Pack, tests: Sequence[TestObservations], baseline: Mapping[str, TestTally] | None
) -> Iterator[Reason]:
    """Tests that are compared with nothing, such as a new one: a remark, since they may well be."""
    if not pack.criteria.no_regression_against or baseline is None:
        return
    alone = [each.test.name for each in tests if not each.tally.cases.keys() & baseline[each.test.name].cases.keys()]
    if alone:
        yield Reason(
            code="not-compared",
            weight=None,
            text=f"The baseline has no case of {', '.join(alone[:5])}{' and others' if len(alone) > 5 else ''}: "
            "whether that got worse is not known.",
            fix="Nothing, where it is new. Else bring a baseline of the same cases.",
        )


def gap_reasons(pack: Pack, tests: Sequence[TestObservations]) -> Iterator[Reason]:
    """What is missing, was run twice, or was run more often than declared."""
    if not _any_seen(tests):
        yield Reason(
            code="no-evidence",
            weight="inconclusive",
            text=f"There is no usable observation of the pack {pack.suite}.",
            fix="Run its tests, and give the gate their results.",
        )
        return
    for each in tests:
        yield from _test_reasons(f"{pack.suite}/{each.test.name}", each)


def _any_seen(tests: Sequence[TestObservations]) -> bool:
    return any(each.tally.cases for each in tests)


def _test_reasons(name: str, each: TestObservations) -> Iterator[Reason]:
    if each.counts.missing:
        yield Reason(
            code="missing-runs",
            weight="inconclusive",
            text=f"Missing: {each.counts.missing:,} of {pluralize(each.counts.expected, 'observation')} of {name} "
            f"(run {_ranges(each.tally.missing_runs(each.expected_runs))}).",
            fix="Run the shard that holds them again, or find out where its results went.",
            test=name,
        )
    if each.tally.duplicates.count:
        case, run = each.tally.duplicates.first
        yield Reason(
            code="duplicate",
            weight="inconclusive",
            text=f"There twice: {pluralize(each.tally.duplicates.count, 'observation')} of {name}. The first is case "
            f"{case}, run {run}.",
            fix="Give each run its own number, or take out the shard that ran twice.",
            test=name,
        )
    if each.tally.runs_seen() > each.expected_runs:
        yield Reason(
            code="undeclared-runs",
            weight="inconclusive",
            text=f"{name} has {pluralize(each.tally.runs_seen(), 'run')} and the pack declares "
            f"{each.expected_runs}: running on until a test passes shows nothing.",
            fix="Declare in the pack how often it runs, then run it afresh.",
            test=name,
        )


def criterion_reasons(tests: Sequence[TestObservations], criteria: Sequence[Criterion]) -> Iterator[Reason]:
    """The criteria that do not pass; without any observation none of them has anything to add."""
    for each in criteria if _any_seen(tests) else ():
        if each.verdict is not Verdict.PASS:
            yield Reason(
                code=each.name,
                weight="fail" if each.verdict is Verdict.FAIL else "inconclusive",
                text=f"{each.suite}: {each.claim}",
                fix=each.settle or "Mend the agent, then run the pack again.",
            )


def waiver_reasons(pack: Pack, expired: Iterable[Waiver]) -> Iterator[Reason]:
    """Waivers that no longer hold: remarks, since the tests are judged again."""
    for waiver in expired:
        yield Reason(
            code="waiver-expired",
            weight=None,
            text=f"The waiver of {pack.suite}/{waiver.test} expired on {waiver.expires}: the test is judged.",
            fix="Remove the waiver, or have its owner renew it.",
            test=f"{pack.suite}/{waiver.test}",
        )


def _ranges(numbers: Sequence[int]) -> str:
    # numbers in one stretch keep the same distance from their index
    stretches = [[number for _, number in group] for _, group in groupby(enumerate(numbers), lambda e: e[1] - e[0])]
    shown = [f"{each[0]}" if len(each) == 1 else f"{each[0]}-{each[-1]}" for each in stretches]
    return ", ".join(shown[:10]) + (f" and {len(shown) - 10} more stretches" if len(shown) > 10 else "")
