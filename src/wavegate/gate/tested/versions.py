"""Which version of the agents the evidence is about, and how that is known."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from wavegate.census.pins import FIX, other_versions
from wavegate.census.values import Census
from wavegate.evidence.observation import Subject, Versions
from wavegate.gate.counts import TestObservations
from wavegate.gate.criteria import pooled_counts
from wavegate.gate.decision import Criterion, CriterionRule, Decision, Reason, TestedVersion
from wavegate.gate.success_rate import decided
from wavegate.release.pack import Pack
from wavegate.text import pluralize

PROVED = "proved"
_HOW = {
    PROVED: "proved: the evidence names the version that ran",
    "pinned": "pinned by the test's definition",
    "assumed": "assumed: it was the active one before and after the run",
    "": "stated by the evidence, which does not say how it is known",
}
_UNKNOWN = "unknown for evidence that names none; results of Salesforce's test runners never do"
_REMEDY = (
    "Run the tests with a program whose observations name the version that ran (`subject.agents` with "
    '`"versionBasis": "proved"`), such as one around `sf agent test run-eval`; the results of Testing Center and '
    "Agentforce Studio do not name it. Or remove `requireVersion`."
)


def is_proved(expected: Subject, subject: Subject | None) -> bool:
    """Whether the evidence proves which version ran, of every agent that is pinned."""
    if subject is None or subject.version_basis != PROVED or not subject.agents:
        return False
    return expected.agents.keys() <= subject.agents.keys()


def tested_versions(subjects: Iterable[Versions]) -> tuple[TestedVersion, ...]:
    """The versions by agent and how they are known, in a stable order."""
    return tuple(TestedVersion(agents=dict(agents), basis=basis) for agents, basis in sorted(subjects))


def version_line(decision: Decision) -> str:
    """Which version was tested and how that is known, in one line; '' if nothing was observed."""
    parts = [
        f"{', '.join(f'{name} v{number}' for name, number in each.agents.items())} ({_HOW[each.basis]})"
        for each in decision.versions
        if each.agents
    ]
    if any(not each.agents for each in decision.versions):
        parts.append(_UNKNOWN)
    return f"version tested: {'; '.join(parts)}" if parts else ""


def version_criteria(pack: Pack, tests: Sequence[TestObservations], *, unproved: int) -> Iterator[Criterion]:
    """requireVersion, if the pack has it. unproved: observations that do not prove which version ran."""
    if pack.criteria.require_version is None:
        return
    total = pooled_counts(tests).seen
    proved = max(0, total - unproved)
    verdict = decided(passes=total > 0 and not unproved, fails=False)
    yield Criterion(
        suite=pack.suite,
        name="requireVersion",
        verdict=verdict,
        passed=proved,
        total=total,
        observed=proved / total if total else None,
        threshold=1.0,
        confidence=None,
        lower=None,
        upper=None,
        rule=CriterionRule.AS_OBSERVED,
        method="every observation names the version that ran",
        claim=f"{proved:,} of {pluralize(total, 'observation')} prove which version ran.",
        settle=_REMEDY if unproved or not total else "",
    )


def pin_reasons(
    census: Census | None, packs: Sequence[Pack], pinned: Mapping[str, int], *, environment: str
) -> Iterator[Reason]:
    """A reason for each test whose definition tests another version than the manifest pins."""
    for each in other_versions(census, packs, pinned, environment=environment) if census else ():
        yield Reason(
            code="other-version",
            weight="inconclusive",
            text=f"{each.source}: {each.message}",
            fix=FIX,
            test=f"{each.suite}/{each.test}",
        )
