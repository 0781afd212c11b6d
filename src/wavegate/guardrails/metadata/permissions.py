"""What permission sets, their groups, muting permission sets and profiles grant.

Source: PermissionSet, PermissionSetGroup, MutingPermissionSet and Profile in Salesforce's Metadata API guide.
"""

from collections.abc import Iterator, Mapping

from wavegate.components.metadata import Element
from wavegate.guardrails.metadata.settings import is_true
from wavegate.guardrails.model import Grant

GRANTED = "granted"
"""The level of what is either granted or not."""

_SWITCHED: Mapping[str, tuple[str, str, str]] = {
    "agentAccesses": ("agent", "agentName", "enabled"),
    "classAccesses": ("class", "apexClass", "enabled"),
    "flowAccesses": ("flow", "flow", "enabled"),
    "userPermissions": ("user", "name", "enabled"),
    "customPermissions": ("custom permission", "name", "enabled"),
    "customMetadataTypeAccesses": ("custom metadata type", "name", "enabled"),
    "customSettingAccesses": ("custom setting", "name", "enabled"),
    "externalCredentialPrincipalAccesses": ("credential", "externalCredentialPrincipal", "enabled"),
    "externalDataSourceAccesses": ("data source", "externalDataSource", "enabled"),
    "pageAccesses": ("page", "apexPage", "enabled"),
    "recordTypeVisibilities": ("record type", "recordType", "visible"),
    "applicationVisibilities": ("application", "application", "visible"),
    "servicePresenceStatusAccesses": ("presence status", "servicePresenceStatus", "enabled"),
    "emailRoutingAddressAccesses": ("email routing address", "name", "enabled"),
}
"""Element to the kind of what it grants, the child that names it, and the child that switches it."""

_LEVELS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "objectPermissions": (
        "object",
        "object",
        {
            "allowRead": "read",
            "allowCreate": "create",
            "allowEdit": "edit",
            "allowDelete": "delete",
            "viewAllRecords": "view all",
            "modifyAllRecords": "modify all",
            "viewAllFields": "view all fields",
        },
    ),
    "fieldPermissions": ("field", "field", {"readable": "read", "editable": "edit"}),
}
"""Element to the kind of what it grants, the child that names it, and the level that each other child gives."""

_MEMBERS: Mapping[str, str] = {
    "permissionSets": "permission set",
    "mutingPermissionSets": "muting permission set",
}


def read_grants(root: Element) -> Iterator[tuple[Grant, Element]]:
    """Each permission that the file grants, or mutes if it is a muting permission set, with its element."""
    for element in root.children:
        if element.tag in _SWITCHED:
            kind, name, switch = _SWITCHED[element.tag]
            if is_true(element, switch) or not any(element.all(switch)):
                yield Grant(kind=kind, name=element.value(name), level=GRANTED), element
        elif element.tag in _LEVELS:
            kind, name, levels = _LEVELS[element.tag]
            for tag, level in levels.items():
                if is_true(element, tag):
                    yield Grant(kind=kind, name=element.value(name), level=level), element
        elif element.tag in _MEMBERS and element.text:
            yield Grant(kind=_MEMBERS[element.tag], name=element.text, level=GRANTED), element
        elif element.tag == "tabSettings" and element.value("visibility") not in ("", "None"):
            yield Grant(kind="tab", name=element.value("tab"), level=element.value("visibility")), element
        elif element.tag == "dataspaceScopes":
            level = element.value("dataAccessLevel") or GRANTED
            yield Grant(kind="data space", name=element.value("dataspaceScope"), level=level), element
    yield from _view_flags(root)


def _view_flags(root: Element) -> Iterator[tuple[Grant, Element]]:
    """Switches at the top of a permission set, such as `viewSemanticSearchDefinitions`."""
    for element in root.children:
        if element.text == "true" and element.tag.startswith(("view", "customize", "manage", "edit")):
            yield Grant(kind="user", name=element.tag, level=GRANTED), element
