"""The org's flows: a definition for each, with versions that the org numbers by itself, and at most one is active."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.doubles.salesforce.package import Package
from tests.doubles.salesforce.replies import json_body, refusal
from tests.doubles.salesforce.state import Records, Row
from tests.doubles.server import Reply, Request


@dataclass(kw_only=True, slots=True)
class FlowVersion:
    """One version of a flow. content: its file without the status. waits: it has paused interviews."""

    id: str
    number: int
    content: bytes = b""
    waits: bool = False


@dataclass(kw_only=True, slots=True)
class FlowDefinition:
    """A flow. used_by: what refers to it, so that the org does not let its versions go; '' for nothing."""

    id: str
    name: str
    versions: list[FlowVersion] = field(default_factory=list)
    active: int | None = None
    used_by: str = ""
    namespace: str | None = None

    @property
    def latest(self) -> int | None:
        """The highest number, whatever the version's status; None without versions."""
        return max((each.number for each in self.versions), default=None)


class Flows:
    """The org's flows by name. deployed_active: whether the org activates a flow whose file says Active.

    saved_meanwhile: name of the flow of which somebody saves a version in Setup during the next deployment.
    Source: Metadata API, FlowSettings.enableFlowDeployAsActiveEnabled: false by default in production orgs, and then
    "all processes and flows are deployed as inactive".
    """

    def __init__(self, records: Records) -> None:
        self.definitions: dict[str, FlowDefinition] = {}
        self.deployed_active = True
        self.saved_meanwhile = ""
        self._records = records

    def add(self, name: str, *, versions: int = 1, active: int | None = None) -> FlowDefinition:
        """Add a flow with versions 1 to `versions`."""
        definition = FlowDefinition(id=self._records.new_id("300"), name=name, active=active)
        self.definitions[name] = definition
        for number in range(1, versions + 1):
            self._add_version(definition, number, b"")
        return definition

    def deploy(self, package: Package) -> None:
        """Take the flows of a package; a FlowDefinition in it decides in the end which version is active.

        Sources: a flow that equals the newest version but for its status stays as it is
        (scolladon/sfdx-git-delta issue 588); "the active version numbers in the flow definitions override the status
        fields in the flows" (Metadata API, FlowDefinition).
        """
        for name, content in package.contents("Flow").items():
            definition = self.definitions.get(name) or self.add(name, versions=0)
            status = re.search(rb"<status>(\w+)</status>", content)
            bare = re.sub(rb"<status>\w+</status>", b"", content)
            if definition.versions and definition.versions[-1].content == bare:
                continue
            number = (definition.latest or 0) + 1
            self._add_version(definition, number, bare)
            if self.deployed_active and (status is None or status[1] == b"Active"):
                definition.active = number
            if name == self.saved_meanwhile:
                self._add_version(definition, number + 1, b"somebody's")
        for name, content in package.contents("FlowDefinition").items():
            number_or_none = re.search(rb"<activeVersionNumber>(\d+)<", content)
            if name in self.definitions:
                self.definitions[name].active = int(number_or_none[1]) or None if number_or_none else None

    def rows(self, table: str) -> Iterator[Row] | None:
        """The rows of FlowDefinition or Flow of the Tooling API; None for another object."""
        source = {"flowdefinition": self._definition_rows, "flow": self._version_rows}.get(table.lower())
        return source() if source else None

    def activate(self, request: Request, definition_id: str) -> Reply:
        """PATCH …/tooling/sobjects/FlowDefinition/{id}: 0 deactivates it. Source: Tooling API, FlowDefinition."""
        found = next((each for each in self.definitions.values() if each.id == definition_id), None)
        number = json_body(request)["Metadata"]["activeVersionNumber"]
        if found is None:
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        if number and number not in [each.number for each in found.versions]:
            return refusal(400, "INVALID_CROSS_REFERENCE_KEY", f"{found.name} has no version {number}")
        found.active = number or None
        return Reply(status=204)

    def delete(self, version_id: str) -> Reply:
        """DELETE …/tooling/sobjects/Flow/{id}; with its last version, the flow is gone.

        Source: Tooling API, Flow: a version can be deleted "as long as it isn't active" and "doesn't have any paused
        or waiting interviews". The messages are made up.
        """
        every = [(flow, each) for flow in self.definitions.values() for each in flow.versions]
        found = next((pair for pair in every if pair[1].id == version_id), None)
        if found is None:
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        flow, version = found
        if problem := _deletion_problem(flow, version):
            return refusal(400, "DELETE_FAILED", problem)
        flow.versions.remove(version)
        if not flow.versions:
            del self.definitions[flow.name]
        return Reply(status=204)

    def _add_version(self, definition: FlowDefinition, number: int, content: bytes) -> None:
        definition.versions.append(FlowVersion(id=self._records.new_id("301"), number=number, content=content))

    def _definition_rows(self) -> Iterator[Row]:
        for each in self.definitions.values():
            ids = {version.number: version.id for version in each.versions}
            row: Row = {"Id": each.id, "DeveloperName": each.name, "NamespacePrefix": each.namespace,
                        "ManageableState": "installed" if each.namespace else "unmanaged"}  # fmt: skip
            for field_name, number in (("ActiveVersion", each.active), ("LatestVersion", each.latest)):
                row[f"{field_name}Id"] = None if number is None else ids[number]
                row[f"{field_name}.VersionNumber"] = number
                if number is None:
                    row[field_name] = None
            yield row

    def _version_rows(self) -> Iterator[Row]:
        for flow in self.definitions.values():
            for each in flow.versions:
                status = "Active" if each.number == flow.active else "Obsolete"
                yield {"Id": each.id, "DefinitionId": flow.id, "VersionNumber": each.number, "Status": status}


def _deletion_problem(flow: FlowDefinition, version: FlowVersion) -> str:
    if flow.active == version.number:
        return "This flow version is active."
    if version.waits:
        return "This flow version has paused or waiting interviews."
    return f"This flow is referenced elsewhere in Salesforce. : {flow.used_by}" if flow.used_by else ""
