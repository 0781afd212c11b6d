"""Checks of an org before anything in it is changed; each failure is one message that says what to fix."""

from wavegate.errors import InputError, RefusedError, ServiceError
from wavegate.salesforce.org import Org
from wavegate.text import one_line


def check_api_version(org: Org, version: str) -> None:
    """Check that the org supports the project's API version. InputError: it does not."""
    newest = org.newest_api_version()
    if float(version) > newest:
        raise InputError(
            f"The project uses API version {version}, but {org.host} supports up to {newest:.1f}.",
            fix="Lower sourceApiVersion in sfdx-project.json, or wait until the org is upgraded.",
            file="sfdx-project.json",
        )


def check_org_id(org: Org, org_id: str, expected: str | None) -> None:
    """Check that a login is to the org that the manifest names. InputError: it is to another one.

    org_id: of the login. expected: 15 or 18 characters, of which the first 15 identify an org; None accepts any.
    """
    if expected and org_id[:15] != expected[:15]:
        raise InputError(
            f"The login is to {org.host}, org {one_line(org_id, 20)}, but the manifest expects {expected}.",
            fix="Use the credentials of the environment's org, or correct its expectedOrg in the manifest.",
        )


def check_permissions(org: Org) -> str | None:
    """Check that the login user may deploy. Returns a note if the org does not show it. InputError: it may not.

    Source: the object UserPermissionAccess, which shows the caller's own permissions.
    """
    permissions = ("PermissionsModifyAllData", "PermissionsModifyMetadata")
    try:
        rows = org.select(permissions, "FROM UserPermissionAccess LIMIT 1")
    except (RefusedError, ServiceError):
        return "The org does not show the login user's permissions, so they were not checked."
    if rows and "True" not in rows[0]:
        raise InputError(
            f"The login user may not deploy to {org.host}.",
            fix="Assign it a permission set with Modify Metadata Through Metadata API Functions.",
        )
    return None
