"""The risk class of a release, from what it changes."""

from collections.abc import Collection, Iterator

from wavegate.components.changes import ChangeKind
from wavegate.components.component import ComponentId
from wavegate.components.scope import ReleaseScope
from wavegate.plan.values import Plan, Risk, RiskLevel
from wavegate.release.manifest import Kind, Manifest
from wavegate.text import join_names

_HIGH = (Kind.CREDENTIALS, Kind.PERMISSIONS)
_MEDIUM = (Kind.ACTIONS, Kind.FLOWS, Kind.APEX, Kind.AGENTS)


def risk_of(manifest: Manifest, plan: Plan) -> Risk:
    """The class of a promotion.

    high: it deletes components, changes credentials or permissions, or changes a high-impact action or what that
    one calls. medium: it changes actions, flows, Apex or agents. low: it changes prompts, tests, or nothing.
    """
    high = tuple(_high(manifest, plan))
    if high:
        return Risk(level=RiskLevel.HIGH, reasons=high)
    medium = tuple(f"it changes {kind.value}" for kind in _MEDIUM if kind in _kinds(plan))
    if medium:
        return Risk(level=RiskLevel.MEDIUM, reasons=medium)
    reason = "it changes prompts and tests alone" if plan.changes else "it changes nothing"
    return Risk(level=RiskLevel.LOW, reasons=(reason,))


def _high(manifest: Manifest, plan: Plan) -> Iterator[str]:
    removed = [str(each.id) for each in plan.of_kind(ChangeKind.REMOVED)]
    if removed:
        yield f"it deletes {join_names(removed, 3)}"
    yield from (f"it changes {kind.value}" for kind in _HIGH if kind in _kinds(plan))
    changed = {each.component.id for each in plan.changes}
    for detail in manifest.details:
        meant = plan.scope.names.get((detail.kind, detail.name), ())
        if detail.impact == "high" and not changed.isdisjoint(_behind(plan.scope, meant)):
            yield f"it changes what the high-impact action {join_names([detail.name])} does"


def _kinds(plan: Plan) -> set[Kind]:
    return {each.component.kind for each in plan.changes if each.component.kind}


def _behind(scope: ReleaseScope, start: Collection[ComponentId]) -> set[ComponentId]:
    """Those components and all that they need."""
    needs: dict[ComponentId, list[ComponentId]] = {}
    for edge in scope.edges:
        needs.setdefault(edge.source, []).append(edge.target)
    found, waiting = set(start), list(start)
    while waiting:
        for each in needs.get(waiting.pop(), ()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found
