"""How an org differs from a commit's release."""

from dataclasses import dataclass
from enum import StrEnum

from wavegate.components.component import Component


class DifferenceKind(StrEnum):
    """changed: both have it. missing: only the commit has it. added: only the org has it.

    not-live: another version is active in the org than the commit ships.
    """

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    NOT_LIVE = "not-live"


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One component of an org that is not as in a commit.

    component: `Type:Name`. lines: how, in a few lines of plain text; `-` is the commit's, `+` the org's. All values
    are untrusted. size: how many lines differ in all. of_form: only elements that are empty or `false`, which an org
    adds and drops by itself.
    """

    component: str
    kind: DifferenceKind
    lines: tuple[str, ...] = ()
    size: int = 1
    of_form: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """Components that a package has in the same files: an agent and its versions, an object and its fields.

    name: `Type:Name` of the whole.
    """

    name: str
    components: tuple[Component, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitComparison:
    """A commit compared with an org. release: the manifest's name of what it ships. content: digest of that.

    differences: sorted by component; those of form do not make it another release.
    """

    commit: str
    release: str
    content: str
    differences: tuple[Difference, ...] = ()

    @property
    def real(self) -> tuple[Difference, ...]:
        """The differences that are not of form."""
        return tuple(each for each in self.differences if not each.of_form)

    @property
    def distance(self) -> tuple[int, int]:
        """How far the org is from this commit: components, then lines. Every org adds the same to every commit."""
        return len(self.real), sum(each.size for each in self.real)

    @property
    def is_equal(self) -> bool:
        """Whether the org has exactly this release."""
        return not self.real
