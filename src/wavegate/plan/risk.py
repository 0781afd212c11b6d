"""The risk class of a release, derived from its changes."""

from collections.abc import Collection, Iterator

from wavegate.components.changes import EFFECTIVE, ChangeKind
from wavegate.components.component import ComponentId
from wavegate.components.scope import ReleaseScope
from wavegate.guardrails.classes.values import CLASS_WORDS
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.plan.guardrails import widening_reasons
from wavegate.plan.values import Plan, Risk, RiskLevel
from wavegate.release.manifest import Kind, Manifest
from wavegate.text import join_names

_HIGH = (Kind.CREDENTIALS, Kind.PERMISSIONS)
_JUDGED = EFFECTIVE | {ChangeKind.KEPT}
"""An agent that leaves the release is judged as a change: nothing keeps it up any more."""
_ORDER = tuple(RiskLevel)
_BY_CLASS = {ChangeClass.SECURITY_REVIEW: RiskLevel.HIGH, ChangeClass.CODE_REVIEW: RiskLevel.MEDIUM}
_MEDIUM = (Kind.ACTIONS, Kind.FLOWS, Kind.APEX, Kind.AGENTS, Kind.METADATA)


def risk_of(manifest: Manifest, plan: Plan) -> Risk:
    """The risk class of a promotion.

    high: it widens what an agent may do so that a security review is needed, deletes components, or changes
    credentials, permissions, or a high-impact action or anything that action needs. medium: it changes actions,
    flows, Apex, agents or other metadata, or a prompt's model. low: it changes only prompts or tests, or nothing.
    The strictest class of what ships raises it: a security review is high, a code review at least medium.
    """
    risk = _by_changes(manifest, plan)
    least = _BY_CLASS.get(plan.change_class, RiskLevel.LOW) if plan.change_class else RiskLevel.LOW
    if _ORDER.index(least) <= _ORDER.index(risk.level) or plan.change_class is None:
        return risk
    return Risk(level=least, reasons=(f"what ships needs a {CLASS_WORDS[plan.change_class]}", *risk.reasons))


def _by_changes(manifest: Manifest, plan: Plan) -> Risk:
    grave, other = widening_reasons(plan)
    high = (*grave, *_high(manifest, plan))
    if high:
        return Risk(level=RiskLevel.HIGH, reasons=high)
    kinds = _kinds(plan)
    medium = (f"it changes {_named(kinds)}",) if not kinds.isdisjoint(_MEDIUM) else ()
    if medium or other:
        return Risk(level=RiskLevel.MEDIUM, reasons=(*other, *medium))
    reason = "it changes only prompts and tests" if plan.of_kind(*_JUDGED) else "it changes nothing"
    return Risk(level=RiskLevel.LOW, reasons=(reason,))


def _high(manifest: Manifest, plan: Plan) -> Iterator[str]:
    removed = [str(each.id) for each in plan.of_kind(ChangeKind.REMOVED)]
    if removed:
        yield f"it deletes {join_names(removed, 3)}"
    yield from (f"it changes {kind.value}" for kind in _HIGH if kind in _kinds(plan))
    changed = {each.id for each in plan.of_kind(*_JUDGED)}
    for detail in manifest.details:
        components = plan.scope.names.get((detail.kind, detail.name), ())
        if detail.impact == "high" and not changed.isdisjoint(_with_dependencies(plan.scope, components)):
            yield f"it changes what the high-impact action {join_names([detail.name])} does"


def _named(kinds: Collection[Kind]) -> str:
    """The kinds in words, those that make the risk first: `Apex, agents and prompts`."""
    *names, last = ["Apex" if kind is Kind.APEX else kind.value for kind in (*_MEDIUM, Kind.PROMPTS) if kind in kinds]
    return f"{', '.join(names)} and {last}" if names else last


def _kinds(plan: Plan) -> set[Kind]:
    return {each.kind for each in plan.of_kind(*_JUDGED) if each.kind}


def _with_dependencies(scope: ReleaseScope, start: Collection[ComponentId]) -> set[ComponentId]:
    """The components and everything that they depend on, directly or indirectly."""
    needs: dict[ComponentId, list[ComponentId]] = {}
    for edge in scope.edges:
        needs.setdefault(edge.source, []).append(edge.target)
    reached, waiting = set(start), list(start)
    while waiting:
        for component in needs.get(waiting.pop(), ()):
            if component not in reached:
                reached.add(component)
                waiting.append(component)
    return reached
