"""Why a decision is what it is: what the evidence lacks, and which criteria it does not meet."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from wavegate.core.gate_criteria import Observed
from wavegate.core.tally import Seen, Tally
from wavegate.model.decision import Criterion, Reason, Verdict
from wavegate.model.pack import Pack, Waiver

_REFUSALS = {
    "unknown-test": (
        "belong to no test of the packs that are judged",
        "Name the test as the pack does, or leave the file out.",
    ),
    "unbound": ("do not say which commit they are about", "Write the subject's commit with each observation."),
    "foreign": ("are about something else", "Run the pack again on what is to be released."),
    "undated": (
        "do not say when they were made, and evidence may only be so old",
        "Write the time with each observation.",
    ),
    "stale": ("are older than the environment's maxEvidenceAge", "Run the pack again."),
    "future": ("claim to be from the future", "Set the clock of the machine that made them."),
    "too-many-cases": ("are of more cases than a gate keeps count of", "Split the pack."),
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
            text=f"{more} more findings of the same kinds.",
            fix="Mend the first ones.",
        )


def _refusal(why: str, test: str, seen: Seen) -> Reason:
    code, _, detail = why.partition(":")
    text, fix = _REFUSALS[code]
    about = f" of {test}" if test else ""
    what = f" (another {detail})" if detail else ""
    case, run = seen.first
    return Reason(
        code=code,
        weight="inconclusive",
        text=f"{seen.count} observations{about} {text}{what}; the first is case {case}, run {run}.",
        fix=fix,
        test=test or None,
    )


def pack_reasons(pack: Pack, tests: Sequence[Observed], criteria: Sequence[Criterion]) -> Iterator[Reason]:
    """What is missing, was run twice, or was run more often than declared; then the criteria that do not pass.

    Without any observation that alone is the reason: no criterion has anything to add.
    """
    if not any(each.tally.cases for each in tests):
        yield Reason(
            code="no-evidence",
            weight="inconclusive",
            text=f"There is no usable observation of the pack {pack.suite}.",
            fix="Run its tests, and give the gate their results.",
        )
        return
    for each in tests:
        yield from _test_reasons(f"{pack.suite}/{each.test.name}", each)
    yield from _criterion_reasons(criteria)


def _test_reasons(name: str, each: Observed) -> Iterator[Reason]:
    if each.counts.missing:
        yield Reason(
            code="missing-runs",
            weight="inconclusive",
            text=f"{each.counts.missing} of {each.counts.expected} observations of {name} are missing "
            f"(run {_ranges(each.tally.missing_runs(each.expected_runs))}).",
            fix="Run the shard that holds them again, or find out where its results went.",
            test=name,
        )
    if each.tally.duplicates.count:
        case, run = each.tally.duplicates.first
        yield Reason(
            code="duplicate",
            weight="inconclusive",
            text=f"{each.tally.duplicates.count} observations of {name} are there twice; the first is case {case}, "
            f"run {run}.",
            fix="Give each run its own number, or take out the shard that ran twice.",
            test=name,
        )
    if each.tally.runs_seen() > each.expected_runs:
        yield Reason(
            code="undeclared-runs",
            weight="inconclusive",
            text=f"{name} has {each.tally.runs_seen()} runs and the pack declares {each.expected_runs}: running on "
            "until a test passes shows nothing.",
            fix=f"Declare `runs: {each.tally.runs_seen()}` in the pack before running it.",
            test=name,
        )


def _criterion_reasons(criteria: Sequence[Criterion]) -> Iterator[Reason]:
    for each in criteria:
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
