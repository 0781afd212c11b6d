"""What an update does with one workflow file."""

from dataclasses import dataclass
from enum import StrEnum

from wavegate.setup.local.conflicts import MergeConflict


class UpdateOutcome(StrEnum):
    """The outcomes, by the word that is printed."""

    CURRENT = "current"
    REPLACED = "replaced"
    MERGED = "merged"
    MOVED = "moved"
    NEW = "new"
    DELETED_HERE = "left out"
    OBSOLETE = "obsolete"
    CONFLICT = "conflict"
    UNRESOLVED = "unresolved"
    UNKNOWN = "unknown"


OBSTACLES = frozenset({UpdateOutcome.CONFLICT, UpdateOutcome.UNRESOLVED, UpdateOutcome.UNKNOWN})
"""What a person must decide before anything is written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileUpdate:
    """What happens to the file at a path.

    before, after: its text, that of a workflow with line feeds; a new file has no `before`, and one that stays as it
    is has no `after`. detail: a sentence about the outcome, or ''. conflicts: of a merge; then `after` has markers.
    """

    path: str
    outcome: UpdateOutcome
    before: str | None = None
    after: str | None = None
    detail: str = ""
    conflicts: tuple[MergeConflict, ...] = ()
