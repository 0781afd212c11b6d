"""The answer in sentences, shared by all forms. Names are not escaped yet."""

from collections.abc import Iterator, Sequence

from wavegate.bisect.values import BisectReport, CulpritSet, Likeness, Probe, ProbePurpose, StopReason
from wavegate.statistics.two_ends import PassCount
from wavegate.text import join_names, percent, pluralize

_STOPPED = {
    StopReason.RUNS: "the runs of --max-runs are spent",
    StopReason.TIME: "the time limit has passed",
    StopReason.ERRORS: "too many runs could not be judged",
}
LIKENESS = {
    Likeness.GOOD: "like the good release",
    Likeness.BAD: "like the bad release",
    Likeness.BETWEEN: "between the two releases",
}
PURPOSES = {
    ProbePurpose.HALVE: "a part of the suspects",
    ProbePurpose.ALONE: "only what was found",
    ProbePurpose.WITHOUT: "the bad release without what was found",
}


def headline(report: BisectReport) -> str:
    """The answer in one sentence."""
    test = f"{report.suite}/{report.test}"
    spent = f"in {pluralize(report.runs, 'run')}"
    if report.stopped is StopReason.SAME:
        return f"The two releases are not proven to differ in `{test}`, {spent}."
    if report.stopped is StopReason.REVERSED:
        return f"The good release does worse in `{test}` than the bad one: exchange --good and --bad."
    if not report.complete:
        why = _STOPPED[report.stopped]
        left = f"; {pluralize(len(report.suspects), 'suspect')} left" if report.suspects else ""
        return f"The cause is not settled, {spent}: {why}{left}."
    if len(report.found) == 1:
        return f"{_names(report.found[0].culprits)} made `{test}` fail, {spent}."
    return f"{len(report.found)} causes, each of which makes `{test}` fail, {spent}."


def _names(ids: Sequence[str]) -> str:
    together = " together" if len(ids) > 1 else ""
    return f"{join_names(ids, 10)}{together}"


def about(found: CulpritSet, report: BisectReport) -> Iterator[str]:
    """What is known of one cause, a sentence each."""
    several = len(found.culprits) > 1
    them = "them" if several else "it"
    if several:
        yield f"The test fails with {join_names(found.culprits, 10)}, and passes without any one of them."
    if found.along:
        yield f"Replayed with {them}, since one refers to the other, which is new: {join_names(found.along, 10)}."
    if found.dropped:
        yield f"Left out with {them}, because it refers to {them}: {join_names(found.dropped, 10)}."
    if found.partial:
        yield "Alone, it explains only a part of the loss: the test then fails less often than in the bad release."
    for each in found.culprits:
        unit = next(unit for unit in report.units if unit.id == each)
        if len(unit.members) > 1:
            members = join_names([title for title, _ in unit.members], 20)
            yield f"`{each}` cannot be replayed in parts: {members}."


def remarks(report: BisectReport) -> Iterator[str]:
    """What a reader must know besides the answer."""
    yield f"Good release: {rate(report.ends.good)}. Bad release: {rate(report.ends.bad)}."
    if report.complete:
        one = sum(len(each.culprits) for each in report.found) == 1
        them = "it" if one else "them"
        if report.deterministic:
            yield f"Without {them}, the bad release passes like the good one, so there is no other cause."
            yield "Each release was run once: this holds if the program always answers the same."
        else:
            yield f"Without {them}, the bad release passes like the good one, so there is no other cause as strong."
            yield (
                f"The whole answer is right with a confidence of {percent(report.confidence)} if no change does only "
                "a part of the harm. One that does may be missed."
            )
    if report.stopped is StopReason.SAME:
        yield "Nothing that the two commits change in the project explains a difference, or more runs are needed."
    if report.errors:
        because = f", such as: {report.problem}" if report.problem else ""
        yield f"{pluralize(report.errors, 'run')} could not be judged{because}."
    units = len(report.units)
    if report.probes and units > 1:
        each, ends = report.runs_per_probe, report.ends.runs
        yield (
            f"{pluralize(len(report.probes), 'probe')} of {pluralize(units, 'change')}. Trying every change alone "
            f"would have taken about {_about(ends + units * each)} runs, and all subsets about "
            f"{_subsets(units, each)}."
        )


def suspects_title(report: BisectReport) -> str:
    """What the suspects that are left are."""
    if report.found:
        return "Suspects left, which may hold another cause"
    return "Suspects left, of which at least one is a part of the cause"


def _about(runs: float) -> str:
    return f"{round(runs):,}" if runs < 1e6 else f"{runs:.0e}".replace("e+0", "e").replace("e+", "e")


def _subsets(units: int, runs: float) -> str:
    return _about(2.0**units * runs) if units < 1000 else "more than 1e300"


def rate(counts: PassCount) -> str:
    """`45 of 50 runs passed`."""
    return f"{counts.passed:,} of {pluralize(counts.runs, 'run')} passed"


def outcome(probe: Probe) -> str:
    """What a probe was, with its runs."""
    found = LIKENESS[probe.likeness] if probe.likeness else "not settled"
    return f"{found}, {rate(probe.counts)}"


def what(probe: Probe) -> str:
    """What a probe tried."""
    return f"{PURPOSES[probe.purpose]}, {pluralize(len(probe.changes), 'change')}"
