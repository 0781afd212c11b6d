"""The flows of an org: which version is active, activating and deactivating one, and deleting versions.

The Tooling API does it: a flow is a FlowDefinition, whose versions are Flow records. A FlowDefinition cannot be
deleted; an org drops it with its last version. Not verified in a real org: whether a production org asks for flow
test coverage when a version is activated this way.
Source: Tooling API, FlowDefinition and Flow; field use as in cumulusci's `ActivateFlow` and sfdx-hardis.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wavegate.errors import RefusedError, ServiceError
from wavegate.salesforce.org import Org, literal
from wavegate.salesforce.org_values import FlowState, FlowVersions

_LISTED = 100
"""Names in one query: a flow's name has up to 80 characters, and a URL up to 16 KB."""
_FIELDS = (
    "Id, DeveloperName, NamespacePrefix, ManageableState, ActiveVersion.VersionNumber, LatestVersion.VersionNumber"
)


def read_flows(org: Org, names: Iterable[str]) -> dict[str, FlowState]:
    """The named flows that the org has, by the name that was asked for. Case is ignored, as in the org.

    names: as in a package; `ns__Name` for a flow of a managed package. RefusedError: the user may not use the Tooling
    API. ServiceError: the org did not answer.
    """
    asked = tuple(dict.fromkeys(names))
    bare = sorted({_split(name)[1] for name in asked})
    records = [
        record for start in range(0, len(bare), _LISTED) for record in _ask(org, bare[start : start + _LISTED])
    ]
    found = ((name, _choose(name, records)) for name in asked)
    return {name: _state(org, name, record) for name, record in found if record}


def set_active_version(org: Org, flow: FlowState, number: int | None) -> None:
    """Activate a version of a flow, and no other; None deactivates the flow. Repeating it changes nothing.

    RefusedError: the org refused it. ServiceError: the org did not confirm it.
    """
    org.patch(f"/tooling/sobjects/FlowDefinition/{flow.id}", {"Metadata": {"activeVersionNumber": number or 0}})


def flow_version_ids(org: Org, flow: FlowState) -> dict[int, str]:
    """The ids of all versions of a flow by number, lowest first."""
    # `literal` quotes the id
    rows = _tooling(org, f"SELECT Id, VersionNumber FROM Flow WHERE DefinitionId = {literal(flow.id)}")  # noqa: S608
    try:
        return dict(sorted((int(row["VersionNumber"]), str(row["Id"])) for row in rows))
    except (KeyError, TypeError, ValueError):
        raise _unexpected(org) from None


def delete_flow_version(org: Org, version_id: str) -> None:
    """Delete one version, unless it is gone already.

    RefusedError: the org refuses it: the version is active, has paused interviews, or something refers to it.
    """
    try:
        org.delete(f"/tooling/sobjects/Flow/{version_id}")
    except RefusedError as refused:
        if refused.status != 404 and refused.code not in ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"):
            raise


def _ask(org: Org, names: Iterable[str]) -> list[dict[str, Any]]:
    listed = ", ".join(map(literal, names))
    return _tooling(org, f"SELECT {_FIELDS} FROM FlowDefinition WHERE DeveloperName IN ({listed})")  # noqa: S608


def _tooling(org: Org, soql: str) -> list[dict[str, Any]]:
    return org.records(org.get("/tooling/query", {"q": soql}))


def _choose(name: str, records: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The record of a flow: with its namespace if the name has one, else the org's own."""
    namespace, bare = _split(name)
    named = [each for each in records if _folded(each, "DeveloperName") == bare.casefold()]
    if namespace:
        return next((each for each in named if _folded(each, "NamespacePrefix") == namespace.casefold()), None)
    # in an org with a namespace of its own, its flows have that one
    own = (each for each in named if not each.get("NamespacePrefix") or each.get("ManageableState") == "unmanaged")
    return next(own, None)


def _split(name: str) -> tuple[str, str]:
    """Namespace and developer name."""
    namespace, separator, bare = name.partition("__")
    return (namespace, bare) if separator else ("", name)


def _folded(record: Mapping[str, Any], field: str) -> str:
    return str(record.get(field) or "").casefold()


def _state(org: Org, name: str, record: Mapping[str, Any]) -> FlowState:
    try:
        active, latest = _numbers(record)
        return FlowState(id=str(record["Id"]), name=name, versions=FlowVersions(active=active, latest=latest))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _unexpected(org) from None


def _numbers(record: Mapping[str, Any]) -> Iterator[int | None]:
    for field in ("ActiveVersion", "LatestVersion"):
        version = record[field]
        yield None if version is None else int(version["VersionNumber"])


def _unexpected(org: Org) -> ServiceError:
    return ServiceError(f"{org.host} described its flows in an unexpected format.", fix="Run the command again.")
