"""Details of agents, topics and their actions that belong to nothing the release ships."""

from collections.abc import Iterator

from wavegate.findings.finding import Finding, Locate, warning
from wavegate.findings.suggestions import suggestion
from wavegate.release.manifest import Kind, Manifest
from wavegate.release.readiness.values import Shipped


def unused_details(manifest: Manifest, shipped: Shipped, locate: Locate) -> Iterator[Finding]:
    """A warning for each. Topics and actions of agents are known only if the project has the agents."""
    known = {"agents": shipped.agents}
    if shipped.topics:
        known |= {"topics": shipped.topics, "actions": shipped.actions}
    entries = [(str(each.kind), each.name) for each in manifest.capabilities]
    if manifest.agents:
        entries += [("actions", each.name) for each in manifest.details if each.kind is Kind.ACTIONS]
    for kind, name in entries:
        if kind in known and name not in known[kind]:
            yield warning(
                "component/unused",
                locate("components", kind, name, key=True),
                f"The release ships no {kind[:-1]} `{name}`.",
                f"Correct the name, or delete this entry.{suggestion(name, known[kind])}",
            )
