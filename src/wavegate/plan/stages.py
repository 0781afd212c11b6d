"""The stages of a deployment: which components an org must have before it accepts others.

In one transaction, an org refuses a prompt template whose data provider (an Apex class or a flow) is new, and a flow
that calls a new template. So they are deployed by several jobs in order: providers, templates, then the rest.
Source: trailheadapps/coral-cloud, commit b8d5bd0 (2026-07-08) and its log: "We can't find the related records for the
prompt template [apex://…]" and "invalid reference to ….promptResponse".

A permission set that grants an agent needs the agent, which a new org has only once its script is published. So it is
in a stage of its own, after that. Source: public projects, which deploy it a second time after publishing.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from wavegate.components.changes import SHIPPED, ChangeKind, ComponentChange
from wavegate.components.component import ApexRole, Component, ComponentId
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.findings.finding import Finding, warning
from wavegate.plan.scripts import ScriptBundle

_TEMPLATE = "GenAiPromptTemplate"
_PROVIDERS = frozenset({"ApexClass", "Flow"})
_NEEDS = Mapping[ComponentId, Sequence[ComponentId]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stages:
    """The shipped components by stage, each stage sorted by id. No stage for a plan that ships nothing.

    after_publishing: the components of the last stage, if that is deployed once the scripts are published.
    """

    stages: tuple[tuple[Component, ...], ...] = ()
    after_publishing: frozenset[ComponentId] = frozenset()
    findings: tuple[Finding, ...] = ()


def divide_into_stages(
    scope: ReleaseScope, changes: Iterable[ComponentChange], scripts: Iterable[ScriptBundle] = ()
) -> Stages:
    """The fewest stages that the org accepts. Almost always one.

    A component is in the last stage, unless one in an earlier stage needs it. A class is in one stage with its tests:
    a production org accepts no class without them. Components that need each other in a circle are in one stage, with
    a finding. changes: without a live release, all are added. scripts: bundles that the deployment publishes.
    """
    everything = {each.component.id: each for each in changes if each.kind in SHIPPED}
    access = _access_to_new(scope, everything, scripts)
    shipped = {id_: each for id_, each in everything.items() if id_ not in access}
    edges = [each for each in scope.file_edges() if each.source in shipped and each.target in shipped]
    added = {id_ for id_, each in shipped.items() if each.kind is ChangeKind.ADDED}
    borders = [edge for edge in edges if edge.target in added and _is_border(edge)]
    needs = _needs([*edges, *_tested(scope, edges)])
    circular = _circular_among(borders, needs)
    if circular:
        # a test may need what its class must come before
        needs = _needs(edges)
        circular = _circular_among(borders, needs)
    apart = {(edge.source, edge.target) for edge in borders if edge not in circular}
    before = _stages_before_last(needs, apart)
    last = max(before.values(), default=0)
    stages = [[each.component for id_, each in shipped.items() if last - before.get(id_, 0) == number]
              for number in range(last + 1)]  # fmt: skip
    stages.append([everything[each].component for each in access])
    return Stages(
        stages=tuple(tuple(sorted(each, key=lambda component: component.id)) for each in stages if each),
        after_publishing=access,
        findings=tuple(_finding(edge) for edge in circular),
    )


def _access_to_new(
    scope: ReleaseScope, shipped: Mapping[ComponentId, ComponentChange], scripts: Iterable[ScriptBundle]
) -> frozenset[ComponentId]:
    """The permission sets that grant an agent whose script is new, and what refers to them, such as their groups."""
    bundles = {each.component.id for each in scripts}
    new = {each for each in bundles if each in shipped and shipped[each].kind is ChangeKind.ADDED}
    edges = [each for each in scope.file_edges() if each.source in shipped]
    found = {each.source for each in edges if each.target in new and each.source.type == "PermissionSet"}
    while more := {each.source for each in edges if each.target in found} - found:
        found |= more
    return frozenset(found)


def _is_border(edge: Edge) -> bool:
    """Whether the org needs to have the target before the source."""
    source, target = edge.source.type, edge.target.type
    return (source == _TEMPLATE and target in _PROVIDERS) or (source == "Flow" and target == _TEMPLATE)


def _tested(scope: ReleaseScope, edges: Iterable[Edge]) -> Iterator[Edge]:
    """The edges from tests to the classes that they test, in reverse."""
    for edge in edges:
        test = scope.contents.get(edge.source)
        if test and test.apex is ApexRole.TEST and edge.target.type == "ApexClass":
            yield Edge(source=edge.target, target=edge.source, location=edge.location)


def _needs(edges: Iterable[Edge]) -> _NEEDS:
    needs: dict[ComponentId, list[ComponentId]] = {}
    for edge in edges:
        needs.setdefault(edge.source, []).append(edge.target)
    return needs


def _circular_among(borders: Iterable[Edge], needs: _NEEDS) -> list[Edge]:
    return [edge for edge in borders if _reaches(needs, edge.target, edge.source)]


def _reaches(needs: _NEEDS, start: ComponentId, end: ComponentId) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        for each in needs.get(waiting.pop(), ()):
            if each == end:
                return True
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return False


def _stages_before_last(
    needs: _NEEDS, apart: AbstractSet[tuple[ComponentId, ComponentId]]
) -> Mapping[ComponentId, int]:
    """How many stages before the last one a component has to be deployed; components of the last are left out."""
    before: dict[ComponentId, int] = {}
    waiting = deque(sorted({source for source, _ in apart}))
    while waiting:
        source = waiting.popleft()
        for target in needs.get(source, ()):
            stages = before.get(source, 0) + ((source, target) in apart)
            if stages > before.get(target, 0):
                before[target] = stages
                waiting.append(target)
    return before


def _finding(edge: Edge) -> Finding:
    message = (
        f"{edge.source} needs {edge.target}, which is new and needs it in turn: they are deployed in one job, "
        "which the org may refuse."
    )
    fix = "Remove one of the references, or first release the one without the other."
    return warning("deploy/circular-stage", edge.location, message, fix)
