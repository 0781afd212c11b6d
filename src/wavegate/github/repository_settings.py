"""The settings of a repository on GitHub that releases depend on."""

from dataclasses import dataclass
from enum import Enum, auto


class OwnerAccess(Enum):
    """What GitHub says about a person or a team that is named as an owner."""

    HAS_ACCESS = auto()
    NO_ACCESS = auto()
    NOT_FOUND = auto()
    """Does not exist, or the token may not see it: GitHub answers the same for both."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RepositoryFacts:
    """What a repository is. branch: the default one. private: not public. owner: its login.

    is_organization: whether the owner is an organization.
    """

    branch: str
    private: bool
    owner: str
    is_organization: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionsSettings:
    """Whether workflows run, and which actions they may use: `all`, `local_only` or `selected`.

    patterns: of the selected ones. github_owned: whether GitHub's own are among them. Both only for `selected`.
    """

    enabled: bool
    allowed: str
    patterns: tuple[str, ...] = ()
    github_owned: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowSettings:
    """What a workflow's own token may do: `read` or `write` by default, and whether it may open pull requests."""

    default_permissions: str
    may_open_pulls: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentSettings:
    """One environment.

    reviewers: kind (`User` or `Team`) and id of each. wait_minutes: of its wait timer. branches: patterns; None if
    any branch may deploy. protected_only: only protected branches may deploy.
    """

    name: str
    reviewers: tuple[tuple[str, int], ...]
    prevent_self_review: bool
    protected_only: bool
    branches: tuple[str, ...] | None
    wait_minutes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """Names of secrets and variables; their values are not read."""

    secrets: frozenset[str]
    variables: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PullRequestRules:
    """What a required pull request requires. approvals: how many. code_owners: whether they must approve, too."""

    approvals: int
    code_owners: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchRules:
    """What a branch requires. protected: whether it has any rule. checks: names of the required status checks.

    has_queue: whether pull requests are merged by a merge queue. pulls: what rulesets require of a pull request; None
    if they require none. has_protection: whether a branch protection rule, whose details need more rights to read,
    may require more.
    """

    protected: bool
    checks: frozenset[str]
    has_queue: bool = False
    pulls: PullRequestRules | None = None
    has_protection: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfHostedRunner:
    """A runner of the repository. version: of the runner's software, '' if GitHub does not say."""

    name: str
    labels: frozenset[str]
    version: str
