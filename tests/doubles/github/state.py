"""GitHub's state of the only repository, apart from what git stores."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from threading import RLock
from typing import Any, Literal

from tests.doubles.github.git import Repository

Access = Literal["none", "read", "write"]
DEFAULT_PERMISSIONS: dict[str, Access] = {
    "actions": "read",
    "checks": "write",
    "contents": "write",
    "deployments": "write",
    "issues": "write",
    "metadata": "read",
    "pull-requests": "write",
    "statuses": "write",
}


@dataclass(kw_only=True, slots=True)
class Token:
    """A token and its permissions; a scope without an entry is `none`. job: whether it is a job's GITHUB_TOKEN."""

    login: str
    permissions: dict[str, Access]
    job: bool = False

    def may(self, scope: str, access: str) -> bool:
        """Whether the token has at least this access."""
        levels = ("none", "read", "write")
        return levels.index(self.permissions.get(scope, "none")) >= levels.index(access)


@dataclass(kw_only=True, slots=True)
class Status:
    """One status of a deployment."""

    id: int
    state: str
    creator: str
    created_at: datetime
    description: str = ""
    log_url: str = ""
    environment_url: str = ""


@dataclass(kw_only=True, slots=True)
class Deployment:
    """A deployment with its statuses, oldest first."""

    id: int
    sha: str
    ref: str
    task: str
    environment: str
    creator: str
    created_at: datetime
    payload: Any = ""
    description: str | None = ""
    transient: bool = False
    production: bool = False
    statuses: list[Status] = field(default_factory=list)

    @property
    def state(self) -> str:
        """The state of the newest status; pending if there is none."""
        return self.statuses[-1].state if self.statuses else "pending"


@dataclass(kw_only=True, slots=True)
class Comment:
    """A comment on an issue or pull request."""

    id: int
    body: str
    creator: str
    created_at: datetime
    updated_at: datetime


@dataclass(kw_only=True, slots=True)
class Issue:
    """An issue; to GitHub, a pull request is one too."""

    id: int
    number: int
    title: str
    body: str | None
    creator: str
    created_at: datetime
    updated_at: datetime
    state: Literal["open", "closed"] = "open"
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    closed_at: datetime | None = None
    closed_by: str | None = None

    def change_state(self, state: Literal["open", "closed"], *, login: str | None, now: datetime) -> None:
        """Close or reopen it. Closing it again keeps who closed it first; an open one has been closed by nobody.

        Source: the description's examples `issue` and `issue-items`: both are null while `state` is open.
        """
        if state != self.state:
            self.closed_at, self.closed_by = (now, login) if state == "closed" else (None, None)
        self.state, self.updated_at = state, now


@dataclass(kw_only=True, slots=True)
class Discussion:
    """A discussion. category: its name."""

    id: int
    number: int
    category: str
    title: str
    body: str
    creator: str
    created_at: datetime
    updated_at: datetime
    closed: bool = False
    reason: str | None = None


@dataclass(kw_only=True, slots=True)
class Review:
    """A review of a pull request. state: as REST writes it, such as APPROVED. login: None if the account is gone."""

    id: int
    login: str | None
    state: str
    commit_id: str
    submitted_at: datetime
    body: str = ""


@dataclass(kw_only=True, slots=True)
class PullEvent:
    """An event of a pull request's history. reviewer, team: whom a request for a review is about."""

    id: int
    event: str
    actor: str
    created_at: datetime
    reviewer: str = ""
    team: str = ""


@dataclass(kw_only=True, slots=True)
class Pull(Issue):
    """A pull request. head, base: branch names. head_sha: the current one, or the one at the time of closing.

    runs_checks: whether GitHub would start workflows for it (it would not if a GITHUB_TOKEN opened it).
    """

    head: str
    base: str
    head_sha: str
    base_sha: str
    draft: bool = False
    runs_checks: bool = True
    merged_at: datetime | None = None
    merge_sha: str | None = None
    reviewers: list[str] = field(default_factory=list)
    team_reviewers: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    events: list[PullEvent] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Environment:
    """A deployment environment. reviewers: `@user` or `@org/team`; secrets: names."""

    id: int
    name: str
    reviewers: list[str] = field(default_factory=list)
    prevent_self_review: bool = False
    wait_minutes: int = 0
    protected_branches: bool = False
    branch_patterns: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    # whether only named branches may deploy, which may be none
    custom_policies: bool = False
    # slugs of the apps whose custom protection rules are enabled
    custom_rules: list[str] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Approval:
    """A reviewer's decision about a run's deployment to an environment."""

    run_id: int
    environment: str
    login: str
    comment: str = ""
    state: Literal["approved", "rejected"] = "approved"


@dataclass(kw_only=True, slots=True)
class CheckRun:
    """A check run of a commit."""

    id: int
    name: str
    head_sha: str
    status: str
    conclusion: str | None
    output: dict[str, Any]
    created_at: datetime


@dataclass(kw_only=True, slots=True)
class CommitStatus:
    """A status of a commit, for a context."""

    id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: str
    created_at: datetime


@dataclass(kw_only=True, slots=True)
class Settings:
    """Settings of the repository. required_checks: by branch protection. ruleset_checks: by a ruleset."""

    default_permissions: Literal["read", "write"] = "read"
    actions_may_open_pulls: bool = True
    actions_enabled: bool = True
    allowed_actions: Literal["all", "local_only", "selected"] = "all"
    allowed_patterns: list[str] = field(default_factory=list)
    allows_github_owned: bool = True
    required_checks: list[str] = field(default_factory=list)
    ruleset_checks: list[str] = field(default_factory=list)
    # approvals of a required pull request, and whether code owners must approve; None if none is required
    protected_pulls: tuple[int, bool] | None = None
    ruleset_pulls: tuple[int, bool] | None = None
    merge_queue: bool = False
    has_issues: bool = True
    private: bool = True
    organization: bool = True
    # the owner's plan; None if the token may not see it
    plan: str | None = None
    # of a GitHub Enterprise Server; '' is github.com
    server_version: str = ""
    # version by name
    runners: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class State:
    """The whole state. Hold the lock while reading or changing more than one value.

    teams: members by slug. secret_teams: those that no token sees. without_access: people and teams that may not read
    the repository.
    """

    owner: str
    name: str
    branch: str
    url: str
    git: Repository
    tokens: dict[str, Token]
    settings: Settings = field(default_factory=Settings)
    deployments: list[Deployment] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    # colour and description by name, where somebody chose them
    label_looks: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    discussions: list[Discussion] = field(default_factory=list)
    discussion_categories: list[str] = field(default_factory=lambda: ["Announcements", "Releases"])
    environments: list[Environment] = field(default_factory=list)
    check_runs: list[CheckRun] = field(default_factory=list)
    commit_statuses: list[CommitStatus] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    organization_secrets: list[str] = field(default_factory=list)
    organization_variables: dict[str, str] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)
    teams: dict[str, list[str]] = field(default_factory=dict)
    secret_teams: set[str] = field(default_factory=set)
    without_access: set[str] = field(default_factory=set)
    approvals: list[Approval] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)
    # as on github.com, too large for an Int of GraphQL
    ids: "count[int]" = field(default_factory=lambda: count(3_000_000_001))

    @property
    def pulls(self) -> list[Pull]:
        """The pull requests among the issues."""
        return [issue for issue in self.issues if isinstance(issue, Pull)]

    def next_id(self) -> int:
        """A unique number."""
        return next(self.ids)

    def now(self) -> datetime:
        """The current time as GitHub stores it: whole seconds, UTC."""
        return datetime.now(UTC).replace(microsecond=0)

    def head(self, branch: str) -> str | None:
        """The commit that a branch points to."""
        return self.git.ref(f"refs/heads/{branch}")

    def happened(self, pull: Pull, event: str, actor: str, *, reviewer: str = "", team: str = "") -> None:
        """Add an event to a pull request's history."""
        made = PullEvent(
            id=self.next_id(), event=event, actor=actor, created_at=self.now(), reviewer=reviewer, team=team
        )
        pull.events.append(made)

    def follow(self, branch: str) -> None:
        """Update a branch's open pull requests to its current commit; if the branch is gone, close them."""
        sha = self.head(branch)
        for pull in self.pulls:
            if pull.state == "open" and pull.head == branch:
                if sha and sha != pull.head_sha and not self.git.is_ancestor(pull.head_sha, sha):
                    self.happened(pull, "head_ref_force_pushed", pull.creator)
                pull.head_sha = sha or pull.head_sha
                pull.change_state("open" if sha else "closed", login=None, now=self.now())
