"""What a deployment means for an org's flows: which to activate, to deactivate and to delete, and what to restore.

In production orgs a flow is deployed inactive unless the org says otherwise, while the version before it stays
active. A flow that equals the org's newest version is not deployed again, whatever its status. So after a deployment
the newest version is what git has, and a flow that git says is active must have just that one active.
Sources: Metadata API, FlowSettings.enableFlowDeployAsActiveEnabled; scolladon/sfdx-git-delta issue 588.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wavegate.components.component import Component, ComponentId, Project
from wavegate.errors import InputError
from wavegate.read_back.values import FlowChange, FlowOutcome
from wavegate.salesforce.org_values import FlowState, FlowVersions

_NUMBERED = re.compile(r".+-\d+")
_CHECK = "Check the flow in the org's Flow Builder, then run the command again."


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseFlows:
    """Names of the flows of a release.

    active: shipped as active. inactive: status by name of those shipped with another one. removed: no longer part of
    it. numbered: those with a version number in the file's name, as before API version 44; nothing is known of them.
    """

    active: tuple[str, ...] = ()
    inactive: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    numbered: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All whose versions can be read."""
        return (*self.active, *self.inactive, *self.removed)


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowSwitch:
    """A version of a flow to activate; None deactivates the flow."""

    flow: FlowState
    number: int | None


def release_flows(members: Iterable[ComponentId], project: Project, removed: Iterable[ComponentId]) -> ReleaseFlows:
    """The flows of a release. members: what the package deploys. removed: what the release no longer has."""
    shipped = [component for each in sorted(members) if each.type == "Flow" and (component := project.find(each))]
    gone = sorted(each.name for each in removed if each.type == "Flow")
    numbered = [name for name in (*(each.id.name for each in shipped), *gone) if _NUMBERED.fullmatch(name)]
    statuses = {each.id.name: _status(each, project) for each in shipped if each.id.name not in numbered}
    return ReleaseFlows(
        active=tuple(name for name, status in statuses.items() if status == "Active"),
        inactive={name: status for name, status in statuses.items() if status != "Active"},
        removed=tuple(name for name in gone if name not in numbered),
        numbered=tuple(numbered),
    )


def _status(flow: Component, project: Project) -> str:
    return project.read([flow])[flow.id].status or "Draft"


def to_activate(
    flows: ReleaseFlows, states: Mapping[str, FlowState], before: Mapping[str, FlowVersions]
) -> tuple[FlowSwitch, ...]:
    """The flows whose newest version must be activated, after the deployment.

    InputError: the org does not have one of them, or has newer versions than the deployment can have made, so that
    the newest one may be somebody's draft.
    """
    switches = []
    for name in flows.active:
        state, old = states.get(name), before.get(name)
        if state is None or state.versions.latest is None:
            raise InputError(f"The org has no flow {name} after the deployment.", fix=_CHECK)
        active, latest = state.versions.active, state.versions.latest
        if active == latest:
            continue
        if old and old.latest and latest and latest > old.latest + 1:
            message = f"Flow {name} got versions {old.latest + 1} to {latest}, but the deployment makes only one."
            raise InputError(message, fix="Delete the other version, or activate the right one, then run it again.")
        switches.append(FlowSwitch(flow=state, number=latest))
    return tuple(switches)


def to_deactivate_flows(flows: ReleaseFlows, states: Mapping[str, FlowState]) -> tuple[FlowSwitch, ...]:
    """The removed flows that are still active in the org."""
    known = (states[name] for name in flows.removed if name in states)
    return tuple(FlowSwitch(flow=each, number=None) for each in known if each.versions.active is not None)


def to_restore_flows(states: Mapping[str, FlowState], before: Mapping[str, FlowVersions]) -> tuple[FlowSwitch, ...]:
    """The switches that make active what was active before. A flow that was new or inactive is deactivated."""
    return tuple(
        FlowSwitch(flow=states[name], number=old.active)
        for name, old in before.items()
        if name in states and states[name].versions.active != old.active
    )


def missed_flows(switches: Iterable[FlowSwitch], states: Mapping[str, FlowState]) -> list[str]:
    """What the org shows otherwise than asked for, one sentence each. states: as read back after the switches."""
    missed = []
    for each in switches:
        state = states.get(each.flow.name)
        active = state.versions.active if state else None
        if active != each.number:
            wanted = "be inactive" if each.number is None else f"have version {each.number} active"
            actual = "is inactive" if active is None else f"has version {active} active"
            missed.append(f"Flow {each.flow.name} should {wanted}, but {actual}.")
    return missed


def flow_changes(
    flows: ReleaseFlows,
    states: Mapping[str, FlowState],
    before: Mapping[str, FlowVersions],
    left: Mapping[str, str],
) -> tuple[FlowChange, ...]:
    """The flows of the release as read back from the org.

    states: after the deployment and the deletions. left: why a removed flow was not deleted, by name.
    """

    def change(name: str, outcome: FlowOutcome, detail: str = "") -> FlowChange:
        state = states.get(name)
        live = state.versions.active if state else None
        return FlowChange(
            name=name, outcome=outcome, before=before.get(name, FlowVersions()).active, live=live, detail=detail
        )

    active = [change(name, FlowOutcome.ACTIVE) for name in flows.active]
    inactive = [
        change(name, FlowOutcome.NOT_ACTIVE, _not_activated(status, states.get(name)))
        for name, status in flows.inactive.items()
    ]
    removed = [
        change(name, FlowOutcome.LEFT, left.get(name, ""))
        if _is_there(states.get(name))
        else change(name, FlowOutcome.DELETED)
        for name in flows.removed
    ]
    numbered = [change(name, FlowOutcome.UNREAD, _UPGRADE) for name in flows.numbered]
    return (*active, *inactive, *removed, *numbered)


_UPGRADE = "its file has a version number, as before API version 44; name it without one, so that it can be read back"


def _is_there(state: FlowState | None) -> bool:
    """Whether the org has a version of a flow."""
    return state is not None and state.versions.latest is not None


def _not_activated(status: str, state: FlowState | None) -> str:
    active = state.versions.active if state else None
    kept = "" if active is None else f"; version {active} stays active in the org"
    return f"git has it as {status}{kept}"
