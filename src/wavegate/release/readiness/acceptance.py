"""Acceptance criteria of what a release ships, and the tests that would notice a breach."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from wavegate.release.manifest import Capability, Detail, Kind, Manifest
from wavegate.release.readiness.values import AreaScore, ReadinessArea, Shipped

ALL_CRITERIA = ("answer", "act", "ask", "escalate")


def with_criteria(manifest: Manifest) -> tuple[Detail | Capability, ...]:
    """All that may have acceptance criteria in the manifest."""
    return (*manifest.details, *manifest.capabilities)


def high_impact_actions(manifest: Manifest) -> tuple[str, ...]:
    """The actions that the manifest calls high-impact."""
    return tuple(each.name for each in manifest.details if each.kind is Kind.ACTIONS and each.impact == "high")


def linked_tests(manifest: Manifest, kind: str, name: str) -> frozenset[str]:
    """The tests that the acceptance criteria of an agent, a topic or an action name."""
    entry = _entries(manifest).get((kind, name))
    return frozenset(entry.acceptance_tests.values()) if entry else frozenset()


def acceptance_score(manifest: Manifest, shipped: Shipped) -> AreaScore:
    """Agents and high-impact actions need all four kinds of criteria; topics and other actions at least one."""
    entries = _entries(manifest)
    high = {("actions", name) for name in high_impact_actions(manifest)}
    capabilities = tuple(_capabilities(shipped))
    gaps: dict[tuple[str, str], str] = {}
    for each in capabilities:
        written = entries[each].acceptance if each in entries else {}
        absent = [when for when in ALL_CRITERIA if when not in written]
        if not written or (absent and (each in high or each[0] == "agents")):
            gaps[each] = f"{each[1]} ({', '.join(absent)})" if written else each[1]
    worst_first = sorted(gaps, key=lambda each: each not in high)
    return AreaScore(
        area=ReadinessArea.ACCEPTANCE,
        met=len(capabilities) - len(gaps),
        missing=tuple(gaps[each] for each in worst_first),
        urgent=not high.isdisjoint(gaps),
        at=_place(manifest, *worst_first[0]) if gaps else (),
    )


def _place(manifest: Manifest, kind: str, name: str) -> tuple[str | int, ...]:
    """The entry of a capability: its details, else where the manifest lists it first."""
    if (kind, name) in _entries(manifest):
        return ("components", kind, name)
    found = (index for index, each in enumerate(manifest.environments) if kind == "actions" and name in each.actions)
    index = next(found, None)
    return ("components",) if index is None else ("environments", index, "actions")


def linked_score(manifest: Manifest, tests: AbstractSet[str]) -> AreaScore:
    """How many of the criteria that were written name a test that exists. tests: names of all tests."""
    missing: list[str] = []
    met = 0
    at: tuple[str, ...] = ()
    for entry in _entries(manifest).values():
        linked = [when for when in entry.acceptance if entry.acceptance_tests.get(when) in tests]
        met += len(linked)
        unlinked = [f"{entry.name}.{when}" for when in entry.acceptance if when not in linked]
        at = at or (("components", str(entry.kind), entry.name) if unlinked else ())
        missing += unlinked
    return AreaScore(area=ReadinessArea.LINKED, met=met, missing=tuple(missing), at=at)


def _entries(manifest: Manifest) -> dict[tuple[str, str], Detail | Capability]:
    return {(str(each.kind), each.name): each for each in with_criteria(manifest)}


def _capabilities(shipped: Shipped) -> Iterator[tuple[str, str]]:
    yield from (("agents", name) for name in shipped.agents)
    yield from (("topics", name) for name in shipped.topics)
    yield from (("actions", name) for name in shipped.actions)
