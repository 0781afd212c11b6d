"""Makes the copies of a pilot from what the release changes, and says what is wrong with them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.closure import release_scope
from wavegate.components.component import ComponentId
from wavegate.components.scope import ReleaseScope
from wavegate.findings.finding import Finding, Location, Severity
from wavegate.pilot.cohorts import PilotCohort
from wavegate.pilot.copy import make_copy
from wavegate.pilot.planned import CopiedRelease
from wavegate.pilot.shown.findings import (
    accepted_findings,
    copied_classes,
    not_separable_findings,
    residue_findings,
    too_many_findings,
    undone_findings,
)
from wavegate.pilot.undo import undo
from wavegate.pilot.values import NotSeparable, PilotCopy
from wavegate.plan.values import Plan
from wavegate.release.manifest import Agent, Canary, Environment, Manifest

_LATER = "it is deleted once the release is for everybody"
_USUAL = Canary(steps=())
"""The settings of a canary that describes none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyRequest:
    """A release whose agents are copied.

    plan: of the release under its own names. agents: with the versions that the commit ships. cohorts: those that get
    the copies. changed_paths: of the release's files that differ from the live ones. maximum_at: where the manifest
    says how many classes may be copied.
    """

    plan: Plan
    manifest: Manifest
    environment: Environment
    agents: tuple[Agent, ...]
    cohorts: tuple[PilotCohort, ...]
    changed_paths: frozenset[str]
    maximum_at: Location

    @property
    def settings(self) -> Canary:
        """How the environment's canary is run."""
        return self.environment.canary or _USUAL


def copied_release(request: CopyRequest) -> tuple[CopiedRelease | None, list[Finding]]:
    """The copies, None if they cannot be made as they must be; and what there is to say about them."""
    scope = _scope(request)
    copy, accepted = _separated(request, scope)
    file = request.manifest.path
    findings = list(not_separable_findings(copy.not_separable, request.plan.project, file))
    if findings:
        return None, findings
    classes = copied_classes(copy, request.plan.project)
    findings += too_many_findings(classes, request.settings.maximum_copied_classes, request.maximum_at)
    undone = undo(copy)
    committed = request.plan.source.read(undone)
    findings += undone_findings(sorted(path for path, data in undone.items() if committed.get(path) != data))
    findings += accepted_findings(accepted, file)
    findings += residue_findings(copy)
    if any(each.severity is Severity.ERROR for each in findings):
        return None, findings
    copied = CopiedRelease(
        copy=copy,
        scope=scope,
        changes=tuple(_deleted_later(each) for each in request.plan.changes),
        reaching=accepted,
        undone=len(undone),
    )
    return copied, findings


def _scope(request: CopyRequest) -> ReleaseScope:
    """What the release ships, with the agents that the pilot is about if the manifest does not name them."""
    if request.manifest.agents:
        return request.plan.scope
    named = replace(request.manifest, agents=request.agents)
    return release_scope(named, request.environment.name, request.plan.project)


def _separated(request: CopyRequest, scope: ReleaseScope) -> tuple[PilotCopy, tuple[NotSeparable, ...]]:
    """The copy, and the changes that it leaves out because the manifest accepts that they reach everybody."""
    changed, added = _ids(request.plan.changes, ChangeKind.CHANGED), _ids(request.plan.changes, ChangeKind.ADDED)
    accepted: tuple[NotSeparable, ...] = ()
    while True:
        copy = make_copy(
            request.plan.source,
            request.plan.project,
            agents=request.agents,
            scope=scope,
            changed=changed,
            added=added,
            changed_paths=request.changed_paths,
            entrances=frozenset(each.flow for each in request.cohorts if each.flow),
        )
        known = changed | added
        reaching = tuple(each for each in copy.not_separable if each.component in known)
        if request.settings.reaches_everyone == "refuse" or not reaching:
            return copy, accepted
        accepted += reaching
        left = frozenset(each.component for each in reaching)
        changed, added = changed - left, added - left


def _ids(changes: Iterable[ComponentChange], kind: ChangeKind) -> frozenset[ComponentId]:
    return frozenset(each.component.id for each in changes if each.kind is kind)


def _deleted_later(change: ComponentChange) -> ComponentChange:
    """A pilot deletes nothing."""
    if change.kind is ChangeKind.REMOVED:
        return replace(change, kind=ChangeKind.LEFT, reason=_LATER)
    return change
