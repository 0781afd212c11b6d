"""A proposal: a branch that wavegate writes and the pull request for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wavegate.git.tree import TreeChange
from wavegate.github.managed_section import ManagedSection


class ProposalOutcome(StrEnum):
    """The outcome of a proposal. ISSUE: the pull request may not be opened, so an issue asks a person to."""

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
class OpenPull:
    """An open pull request of the repository's own branch."""

    number: int
    branch: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """A branch on GitHub. head None: it does not exist. commits: ids and messages, newest first.

    pull: its open pull request. had_pulls: it has or had one, open or not. closed: the number of its newest one if
    that was closed without a merge, else 0.
    """

    name: str
    head: str | None = None
    commits: tuple[tuple[str, str], ...] = ()
    pull: Pull | None = None
    had_pulls: bool = False
    closed: int = 0


_TOKEN_LOGINS = frozenset({"github-actions[bot]", "github-actions"})


def starts_checks(branch: Branch, viewer: str) -> bool:
    """Whether GitHub runs the checks of a branch's pull request: not if a workflow's own token opened it.

    viewer: login of the token, which opens it if there is none. Source: docs.github.com, "Triggering a workflow".
    """
    return (branch.pull.author if branch.pull else viewer) not in _TOKEN_LOGINS


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A commit to create. tree: id of the tree that the changes to base_tree must result in.

    contents: of the files that GitHub does not have yet, by the id of their blob; UTF-8.
    """

    tree: str
    base_tree: str
    changes: tuple[TreeChange, ...]
    parents: tuple[str, ...]
    message: str
    contents: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A proposed change. body: the section that wavegate keeps up to date. reviewers: `@user` or `@org/team`.

    manual: the same section for a pull request that a person opens, the full one first, then one short enough for a
    URL. footer: goes below the section when the pull request is opened.
    """

    branch: str
    base: str
    title: str
    body: ManagedSection
    manual: tuple[ManagedSection, ...]
    footer: str = ""
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposed:
    """The result of a proposal. number, url: of the pull request or the issue. notes: what went wrong."""

    outcome: ProposalOutcome
    number: int
    url: str
    notes: tuple[str, ...] = ()
