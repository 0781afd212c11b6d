"""Collects the references of one component, and of the topics and actions that are defined inside it."""

import re
from collections.abc import Mapping

from wavegate.components.component import (
    AGENT_TYPES,
    Component,
    ComponentId,
    Contents,
    Reference,
    own_local_name,
    without_org_suffix,
)
from wavegate.findings.finding import Location

CALLS: Mapping[str, str] = {
    "apex": "ApexClass",
    "flow": "Flow",
    "generatePromptResponse": "GenAiPromptTemplate",
    "prompt": "GenAiPromptTemplate",
    "externalService": "ExternalServiceRegistration",
}
"""Kind of an invocation, or scheme of an address, to the type that it calls. Any other kind is the platform's."""

APEX_TYPE = "@apexClassType/"
_ORG_PREFIX = re.compile(r"^X00D\w{12}_(?=.)", re.ASCII)
"""`X`, an org's id of 15 characters and `_`, before an agent's name. Source: Salesforce's Agent Script reference."""


class Collector:
    """The references of one component. namespace: the project's own, '' if it has none."""

    def __init__(self, owner: ComponentId, outer: ComponentId | None = None, namespace: str = "") -> None:
        self.owner = owner
        self.namespace = namespace
        self.outer = outer or owner
        self.references: list[Reference] = []
        self.uses: list[Reference] = []
        self.inline: dict[Component, Collector] = {}

    def contents(self) -> Contents:
        """What was collected, here and inside."""
        inline = {component: collector.contents() for component, collector in self.inline.items()}
        return Contents(references=tuple(self.references), uses=tuple(self.uses), inline=inline)

    def inside(self, type_: str, name: str, path: str) -> "Collector":
        """The collector of a topic or action defined inside this component."""
        inner = ComponentId(type=type_, name=f"{self.owner.name}/{name}")
        collector = Collector(inner, self.outer, self.namespace)
        return self.inline.setdefault(Component(id=inner, path=path, parent=self.owner), collector)

    def refer(self, types: tuple[str, ...], name: str, place: Location) -> None:
        """Add a reference by name. A double underscore marks a name of the platform or of a managed package."""
        name = own_local_name(name, self.namespace)
        targets = tuple(ComponentId(type=each, name=name) for each in types)
        self.references.append(Reference(targets=targets, location=place, external="__" in name))

    def refer_inside(self, type_: str, name: str, place: Location) -> None:
        """Add a reference to a topic or action defined here, in the outermost component, or in its own file."""
        name = own_local_name(name, self.namespace)
        names = (f"{self.owner.name}/{name}", f"{self.outer.name}/{name}", name, without_org_suffix(name))
        targets = tuple(ComponentId(type=type_, name=each) for each in dict.fromkeys(names))
        self.references.append(Reference(targets=targets, location=place, external="__" in name))

    def refer_to_call(self, kind: str, name: str, place: Location) -> None:
        """Add a reference to what an action calls: `Class`, `Class.method`, `Service.operation` or a plain name."""
        if kind in CALLS:
            self.refer((CALLS[kind],), name if kind == "flow" else name.partition(".")[0], place)
        else:
            target = ComponentId(type=kind, name=name)
            self.references.append(Reference(targets=(target, *_mcp_servers(target)), location=place, external=True))

    def refer_to_address(self, address: str, place: Location) -> None:
        """Add a reference to `scheme://name`. Any other text is not a reference."""
        kind, separator, name = address.partition("://")
        if separator and name:
            self.refer_to_call(kind, name, place)

    def refer_to_class(self, name: str, place: Location) -> None:
        """Add a reference to the class of a data type, which may be a class inside it: `Class.Inner`, `Class$Inner`.

        A qualified name may also be the platform's (`ConnectApi.Photo`).
        """
        outer = re.split(r"[.$]", name)[0]
        target = ComponentId(type="ApexClass", name=own_local_name(outer, self.namespace))
        external = "__" in target.name or outer != name
        self.references.append(Reference(targets=(target,), location=place, external=external))

    def refer_to_type(self, data_type: str, place: Location) -> None:
        """Add a reference to a data type of an action or a lightning type. The platform's own are not references.

        data_type: `@apexClassType/namespace__Class$Inner` or `namespace__lightningType`; `c` is the local namespace.
        """
        if data_type.startswith(APEX_TYPE):
            name = data_type.removeprefix(APEX_TYPE).partition("$")[0].removeprefix("c__")
            self.refer(("ApexClass",), name, place)
        elif not data_type.startswith(("lightning__", "sfdc")) and "__" in data_type:
            self.refer(("LightningTypeBundle",), data_type.removeprefix("c__"), place)

    def refer_to_agent(self, address: str, place: Location) -> None:
        """Add a reference to another agent: `agent://Name`, `agentforce://Name` or a plain name."""
        name = _ORG_PREFIX.sub("", address.rpartition("://")[2])
        if name:
            self.refer(AGENT_TYPES, name, place)

    def use(self, targets: tuple[ComponentId, ...], place: Location) -> None:
        """Add a use: a reference that is reported, but not followed."""
        self.uses.append(Reference(targets=targets, location=place, external=True))


def _mcp_servers(target: ComponentId) -> tuple[ComponentId, ...]:
    """The servers that an MCP tool's name may start with. How orgs name the tools of a server is undocumented."""
    if target.type != "mcpTool":
        return ()
    names = dict.fromkeys((target.name, target.name.partition(".")[0], target.name.partition("/")[0]))
    return tuple(ComponentId(type="McpServerDefinition", name=name) for name in names)
