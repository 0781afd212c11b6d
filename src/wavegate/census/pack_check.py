"""Checks packs against the project: the names that they use, and criteria that no result can meet."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from wavegate.census.definition_names import definition_findings
from wavegate.census.report import unknown_cases
from wavegate.census.values import EVALUATION, Census
from wavegate.components.checks.policy_check import policy_findings
from wavegate.components.component import Project
from wavegate.evidence.testing_center import LATENCY
from wavegate.files.source import Source
from wavegate.findings.finding import Finding, Locate, Location, notice, warning
from wavegate.release.pack import Pack
from wavegate.statistics.power import power_of
from wavegate.text import join_names, pluralize


def pack_findings_in(
    packs: Sequence[tuple[Pack, Locate]],
    project: Project,
    source: Source,
    census: Census,
    *,
    definitions: Mapping[str, Sequence[str]],
    today: date,
) -> Iterator[Finding]:
    """What packs name and the project lacks, and what they ask for in vain.

    source: the project's files. definitions: names of its test definitions and specs, by metadata type.
    """
    for pack, locate in packs:
        yield from definition_findings(pack, locate, definitions)
        yield from policy_findings(pack, locate, project)
        yield from _unmeasured(pack, locate, source, census)
        yield from too_few_runs(pack, locate, census, today=today)


def too_few_runs(pack: Pack, locate: Locate, census: Census, *, today: date) -> Iterator[Finding]:
    """A finding if even a clean result is too small for the confidence; a notice where cases are only assumed."""
    settles = pack.runs == "until-settled"
    if pack.criteria.confidence is None or not (settles or isinstance(pack.runs, int)):
        return
    power = power_of(pack, cases=census.counts(pack.suite), today=today)
    if power.failures >= 0 or not power.observations or power.needed is None:
        return
    unknown = unknown_cases(census, pack)
    assumed = f", if {join_names(unknown)} {'has' if len(unknown) == 1 else 'have'} one case each" if unknown else ""
    fix = 'Set "runs": "auto", or a number that is large enough; `wavegate gate ENV --plan` shows it.'
    yield (notice if unknown else warning)(
        "criteria/too-few-runs",
        locate("passCriteria", "confidence"),
        f"No result can pass: the pack has {pluralize(power.observations, 'observation')}{assumed}, and at this "
        f"confidence it takes {power.needed:,}.",
        "Raise the pack's `budget`; `wavegate gate ENV --plan` shows what it allows." if settles else fix,
    )


def _unmeasured(pack: Pack, locate: Locate, source: Source, census: Census) -> Iterator[Finding]:
    """A warning for each limit on latency that a test's definition does not measure: it is never met."""
    if {pack.criteria.max_latency_p95, *(each.max_latency for each in pack.policies)} == {None}:
        return  # so that no definition is read for nothing
    unmeasured = {test.name for test in pack.tests if _lacks_latency(source, census, pack.suite, test.name)}
    if pack.criteria.max_latency_p95 is not None and unmeasured:
        yield _no_latency(locate("passCriteria", "maxLatencyP95"), sorted(unmeasured))
    for policy in pack.policies:
        users = [each.name for each in pack.tests if policy.name in each.policies and each.name in unmeasured]
        if policy.max_latency is not None and users:
            yield _no_latency(locate("policies", policy.name, "maxLatency"), users)


def _lacks_latency(source: Source, census: Census, suite: str, test: str) -> bool:
    cases = census.of(suite, test)
    path = cases.source if cases else ""
    suffix = f".{EVALUATION[0].lower()}{EVALUATION[1:]}-meta.xml"
    return path.endswith(suffix) and LATENCY.encode() not in source.read([path]).get(path, LATENCY.encode())


def _no_latency(place: Location, tests: Sequence[str]) -> Finding:
    owner = "definition" if len(tests) == 1 else "definitions"
    return warning(
        "criteria/latency-not-measured",
        place,
        f"The {owner} of {join_names(tests)} do{'es' if len(tests) == 1 else ''} not measure latency, so this limit "
        "is never met.",
        f"Add the expectation `{LATENCY}` to {'its' if len(tests) == 1 else 'their'} test cases.",
    )
