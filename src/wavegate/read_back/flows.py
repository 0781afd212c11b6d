"""The steps of a deployment for its flows: each may be repeated, and a run that was interrupted continues with them.

1. After the jobs: activate what git says is active, and read it back. 2. After the agents are switched: deactivate
what the release no longer has. 3. Once everything is as it should be: delete that, version by version. An org refuses
to delete a flow in a deployment (forcedotcom/cli issue 3401), and a version while something refers to it; then the
flow stays in the org, inactive, and the result says so.
"""

from collections.abc import Callable, Iterable, Mapping

from wavegate.errors import InputError, RefusedError, WavegateError
from wavegate.read_back.flow_decisions import (
    FlowSwitch,
    ReleaseFlows,
    flow_changes,
    missed_flows,
    to_activate,
    to_deactivate_flows,
    to_restore_flows,
)
from wavegate.read_back.values import FlowChange
from wavegate.salesforce.flows import delete_flow_version, flow_version_ids, read_flows, set_active_version
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import FlowState, FlowVersions

Before = Mapping[str, FlowVersions]
"""A flow's versions before the deployment, by name."""


class FlowSteps:
    """The flows of one deployment to one org. tell: prints a line of progress."""

    def __init__(self, org: Org, flows: ReleaseFlows, tell: Callable[[str], None]) -> None:
        self._org = org
        self._flows = flows
        self._tell = tell

    def read(self) -> dict[str, FlowVersions]:
        """The versions of every flow of the release; a flow that the org does not have has none."""
        states = self._states(self._flows.names)
        return {name: states[name].versions if name in states else FlowVersions() for name in self._flows.names}

    def activate(self, before: Before) -> None:
        """Activate the deployed versions. InputError: the org refused one, or shows another one as active."""
        states = self._states(self._flows.active)
        self._switch(to_activate(self._flows, states, before))

    def deactivate(self) -> None:
        """Deactivate the flows that the release no longer has. InputError: the org refused it."""
        self._switch(to_deactivate_flows(self._flows, self._states(self._flows.removed)))

    def delete(self, before: Before) -> tuple[FlowChange, ...]:
        """Delete the flows that the release no longer has, where the org lets it; all flows as read back."""
        gone = self._states(self._flows.removed)
        left = {name: reason for name, state in gone.items() if (reason := self._delete(state))}
        return flow_changes(self._flows, self._states(self._flows.names), before, left)

    def restore(self, before: Before) -> list[str]:
        """Make active what was active before; returns what could not be restored, one sentence each."""
        switches = to_restore_flows(self._states(before), before)
        problems: list[str] = []
        for each in switches:
            try:
                self._set(each)
            except RefusedError as refused:
                problems.append(f"Flow {each.flow.name} could not be restored: {refused.message}")
        return problems or missed_flows(switches, self._states(each.flow.name for each in switches))

    def _states(self, names: Iterable[str]) -> dict[str, FlowState]:
        asked = tuple(names)
        return read_flows(self._org, asked) if asked else {}

    def _switch(self, switches: Iterable[FlowSwitch]) -> None:
        every = tuple(switches)
        for each in every:
            self._set(each)
        missed = missed_flows(every, self._states(each.flow.name for each in every))
        if missed:
            raise InputError(" ".join(missed), fix="Check the flows in the org's Setup, then run the command again.")

    def _set(self, switch: FlowSwitch) -> None:
        words = "deactivating it" if switch.number is None else f"activating version {switch.number}"
        self._tell(f"Flow {switch.flow.name}: {words}")
        set_active_version(self._org, switch.flow, switch.number)

    def _delete(self, flow: FlowState) -> str:
        """Delete every version; why it could not, or ''."""
        try:
            for number, version_id in flow_version_ids(self._org, flow).items():
                self._tell(f"Flow {flow.name}: deleting version {number}")
                delete_flow_version(self._org, version_id)
        except WavegateError as error:
            # the release is live without it, so it may stay
            return error.message
        return ""
