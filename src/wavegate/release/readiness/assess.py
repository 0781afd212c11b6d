"""Judges the readiness of a release, area by area."""

from collections.abc import Iterable, Iterator, Sequence

from wavegate.release.manifest import Kind, Manifest, RollbackStrategy
from wavegate.release.pack import Pack
from wavegate.release.readiness.acceptance import (
    acceptance_score,
    high_impact_actions,
    linked_score,
    with_criteria,
)
from wavegate.release.readiness.procedures import missing_procedures, needed_procedures
from wavegate.release.readiness.smoke_tests import smoke_test_score
from wavegate.release.readiness.values import AreaScore, ReadinessArea, ScoreCard, Shipped

NO_JOURNEY = "a journey"
"""What the area of the journeys lacks if the manifest names none."""
_OWNER_FIELDS = {
    "release": "release",
    "dashboards": "dashboards",
    "escalations": "escalations",
    "kill_switch": "killSwitch",
}


def score_card(manifest: Manifest, shipped: Shipped, packs: Sequence[Pack]) -> ScoreCard:
    """The score card of a release. packs: all that it may require."""
    areas = (
        _rollback(manifest, shipped),
        _score(ReadinessArea.OWNERS, _owners(manifest), urgent=True),
        _score(ReadinessArea.IMPACT, _impact(manifest, shipped)),
        smoke_test_score(manifest, shipped, packs),
        _score(ReadinessArea.JOURNEYS, _journeys(manifest, packs)),
        acceptance_score(manifest, shipped),
        linked_score(manifest, names_of_tests(packs)),
        _score(ReadinessArea.SIGNALS, _signals(manifest)),
        _score(ReadinessArea.SUPPORT, _support(manifest)),
        _score(ReadinessArea.REVIEW, _review(manifest)),
    )
    return ScoreCard(path=manifest.path, areas=tuple(each for each in areas if each.total))


def names_of_tests(packs: Iterable[Pack]) -> frozenset[str]:
    """The names of all tests of some packs."""
    return frozenset(test.name for pack in packs for test in pack.tests)


def named_tests(manifest: Manifest) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The tests that a manifest names: keys and indexes of the entry, and the test's name."""
    for journey in manifest.journeys:
        for index, test in enumerate(journey.tests):
            yield ("journeys", journey.name, "tests", index), test
    for each in with_criteria(manifest):
        for when, test in each.acceptance_tests.items():
            yield ("components", str(each.kind), each.name, "acceptance", when, "test"), test


def _score(area: ReadinessArea, found: Iterable[tuple[str, bool]], *, urgent: bool = False) -> AreaScore:
    """found: what the area asks for, by name, and whether it is there."""
    listed = list(found)
    missing = tuple(name for name, there in listed if not there)
    return AreaScore(area=area, met=len(listed) - len(missing), missing=missing, urgent=urgent)


def _rollback(manifest: Manifest, shipped: Shipped) -> AreaScore:
    missing = missing_procedures(manifest, shipped.kinds)
    needed = needed_procedures(shipped.kinds)
    return _score(ReadinessArea.ROLLBACK, ((each.value, each not in missing) for each in needed), urgent=True)


def _owners(manifest: Manifest) -> Iterator[tuple[str, bool]]:
    for field, key in _OWNER_FIELDS.items():
        yield key, bool(getattr(manifest.owners, field))
    details = {each.name: each for each in manifest.details if each.kind is Kind.ACTIONS}
    for name in high_impact_actions(manifest):
        yield name, details[name].owner is not None
    for procedure in manifest.rollback:
        if procedure.strategy is RollbackStrategy.MANUAL:
            yield f"rollback.{procedure.kind}", procedure.owner is not None
    for journey in manifest.journeys:
        yield f"journeys.{journey.name}", journey.owner is not None


def _impact(manifest: Manifest, shipped: Shipped) -> Iterator[tuple[str, bool]]:
    """Each action that changes something, or of which this is not known: somebody stated its impact."""
    stated = {each.name for each in manifest.details if each.kind is Kind.ACTIONS and each.impact}
    for name in (*shipped.changing, *shipped.unclear):
        yield name, name in stated


def _journeys(manifest: Manifest, packs: Sequence[Pack]) -> Iterator[tuple[str, bool]]:
    known = names_of_tests(packs)
    for journey in manifest.journeys:
        yield journey.name, known.issuperset(journey.tests)
    if not manifest.journeys:
        yield NO_JOURNEY, False


def _signals(manifest: Manifest) -> Iterator[tuple[str, bool]]:
    """Each environment with a canary: somebody decided what is measured there, and what its limits are."""
    for each in manifest.environments:
        if each.rollout == "canary":
            yield each.name, bool((each.canary and each.canary.metrics) or each.health)


def _support(manifest: Manifest) -> Iterator[tuple[str, bool]]:
    yield "trained", manifest.support.trained is not None
    yield "runbook", manifest.support.runbook is not None


def _review(manifest: Manifest) -> Iterator[tuple[str, bool]]:
    yield "cadence", manifest.review_cadence is not None
    yield "owner", manifest.review_owner is not None
