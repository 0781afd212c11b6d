"""The settings of a repository on GitHub that releases depend on."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionsSettings:
    """Whether workflows run, and which actions they may use: `all`, `local_only` or `selected`."""

    enabled: bool
    allowed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowSettings:
    """What a workflow's own token may do: `read` or `write` by default, and whether it may open pull requests."""

    default_permissions: str
    may_open_pulls: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentSettings:
    """One environment. reviewers: number of users and teams. branches: patterns; None if any branch may deploy.

    protected_only: only protected branches may deploy.
    """

    name: str
    reviewers: int
    prevent_self_review: bool
    protected_only: bool
    branches: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """Names of secrets and variables; their values are not read."""

    secrets: frozenset[str]
    variables: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchRules:
    """What a branch requires. protected: whether it has any rule. checks: names of the required status checks."""

    protected: bool
    checks: frozenset[str]
