"""What an earlier pilot changed for everybody: the org has it unlike the live release, whatever git says."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.scope import ReleaseScope


def with_reached(
    changes: Iterable[ComponentChange], scope: ReleaseScope, reached: AbstractSet[str]
) -> tuple[ComponentChange, ...]:
    """The changes, with those that take an earlier pilot's changes back, sorted by component.

    scope: of the release. reached: `Type:Name` of what pilots have changed for everybody since the live release.
    """
    known = {each.component.id: each for each in changes}
    for component in scope.components:
        if str(component.id) in reached and component.parent is None:
            known.setdefault(component.id, ComponentChange(component=component, kind=ChangeKind.CHANGED))
    return tuple(known[each] for each in sorted(known)) if reached else tuple(known.values())
