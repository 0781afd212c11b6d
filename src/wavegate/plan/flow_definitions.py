"""FlowDefinition files beside the release's flows: they are left out of the package, and the plan says so.

Source: Metadata API, FlowDefinition: since API version 44 a flow's own status says whether it is active; a
FlowDefinition that is deployed with it overrides that status, with a version number of the org it was retrieved from.
"""

from collections.abc import Iterable, Iterator

from wavegate.components.changes import SHIPPED, ComponentChange
from wavegate.components.component import ComponentId, Project
from wavegate.findings.finding import Finding, Location, notice


def left_out_definitions(changes: Iterable[ComponentChange], project: Project) -> Iterator[Finding]:
    """A notice on each FlowDefinition of a flow that is deployed, unless the release ships that as well."""
    shipped = {each.component.id for each in changes if each.kind in SHIPPED}
    for flow in sorted(each for each in shipped if each.type == "Flow"):
        definition = project.find(ComponentId(type="FlowDefinition", name=flow.name))
        if definition and definition.id not in shipped:
            message = f"{definition.id} is not deployed: it would activate a version by the number of another org."
            fix = "Delete the file; the flow's own status decides whether it is active."
            yield notice("deploy/flow-definition", Location(file=definition.path), message, fix)
