"""Defence in depth: what a pilot deploys has nothing of the live agents."""

from collections.abc import Iterable

from wavegate.components.component import ComponentId
from wavegate.plan.values import Plan


def check_no_originals(plan: Plan, members: Iterable[ComponentId], files: Iterable[str]) -> None:
    """Check what is staged for a pilot with copies: copies, new components, and what is accepted for everybody.

    members, files: of the stage. AssertionError, a defect of wavegate: there is anything else, so that the live
    agents would change.
    """
    copied = plan.pilot.copied if plan.pilot else None
    if copied is None:
        return
    copy = copied.copy
    accepted = {each.component for each in copied.reaching}
    own = {*copy.names.values(), *copy.shared, *accepted, ComponentId(type="PermissionSet", name=copy.permission_set)}
    if originals := sorted(set(members) - own):
        raise AssertionError(f"the pilot would deploy {originals[0]}, which is not a copy")
    new = {path for each in plan.shipped if each.id in accepted or each.id in copy.shared for path in each.paths}
    if paths := sorted(set(files) - copy.files.keys() - new):
        raise AssertionError(f"the pilot would deploy {paths[0]}, which is not a file of a copy")
