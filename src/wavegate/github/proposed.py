"""A proposal: a branch that wavegate writes and the pull request for it."""

from dataclasses import dataclass
from enum import StrEnum

from wavegate.git.tree import TreeChange
from wavegate.github.managed_section import ManagedSection


class ProposalOutcome(StrEnum):
    """What came of a proposal. ISSUE: the pull request may not be opened, an issue asks a person to."""

    OPENED = "opened"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    ISSUE = "issue"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pull:
    """An open pull request. author: login. reviewed: somebody reviewed it or was asked to."""

    number: int
    url: str
    title: str
    body: str
    author: str = ""
    reviewed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """A branch as GitHub has it. head None: it is not there. commits: id and message, newest first.

    pull: the open pull request. had_pulls: there was one, open or not.
    """

    name: str
    head: str | None = None
    commits: tuple[tuple[str, str], ...] = ()
    pull: Pull | None = None
    had_pulls: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A commit to make. tree: the id that the changes must give over base_tree."""

    tree: str
    base_tree: str
    changes: tuple[TreeChange, ...]
    parents: tuple[str, ...]
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What is proposed. body: the section that wavegate keeps up to date. reviewers: `@user` or `@org/team`.

    by_hand: the same section for a pull request that a person opens, the whole first, then one that fits an address.
    footer: stands below the section when the pull request is opened. labels are not used: they are no state.
    """

    branch: str
    base: str
    title: str
    body: ManagedSection
    by_hand: tuple[ManagedSection, ...]
    footer: str = ""
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposed:
    """What came of it. number, url: of the pull request or the issue. notes: what did not work out as wished."""

    outcome: ProposalOutcome
    number: int
    url: str
    notes: tuple[str, ...] = ()
