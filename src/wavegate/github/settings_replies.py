"""What GitHub answers to questions about settings, as far as it is read."""

import msgspec


class OwnerReply(msgspec.Struct):
    login: str
    type: str = "User"


class RepositorySettingsReply(msgspec.Struct):
    default_branch: str
    private: bool
    owner: OwnerReply


class ActionsReply(msgspec.Struct):
    enabled: bool
    allowed_actions: str = "all"


class SelectedReply(msgspec.Struct):
    github_owned_allowed: bool = False
    patterns_allowed: list[str] = []


class WorkflowReply(msgspec.Struct):
    default_workflow_permissions: str
    can_approve_pull_request_reviews: bool


class IdentifiedReply(msgspec.Struct):
    id: int


class ReviewerReply(msgspec.Struct):
    type: str
    reviewer: IdentifiedReply


class ProtectionRuleReply(msgspec.Struct):
    type: str
    prevent_self_review: bool = False
    wait_timer: int = 0
    reviewers: list[ReviewerReply] = []


class AppReply(msgspec.Struct):
    slug: str


class CustomRuleReply(msgspec.Struct):
    enabled: bool
    app: AppReply


class CustomRulesReply(msgspec.Struct):
    custom_deployment_protection_rules: list[CustomRuleReply] = []


class PolicyReply(msgspec.Struct):
    protected_branches: bool
    custom_branch_policies: bool


class EnvironmentSettingsReply(msgspec.Struct):
    name: str
    protection_rules: list[ProtectionRuleReply] = []
    deployment_branch_policy: PolicyReply | None = None


class EnvironmentsReply(msgspec.Struct):
    environments: list[EnvironmentSettingsReply]


class NamedReply(msgspec.Struct):
    name: str
    type: str | None = None


class PoliciesReply(msgspec.Struct):
    branch_policies: list[NamedReply]


class SecretsReply(msgspec.Struct):
    secrets: list[NamedReply]


class VariablesReply(msgspec.Struct):
    variables: list[NamedReply]


class StatusChecksReply(msgspec.Struct):
    contexts: list[str] = []


class ProtectionReply(msgspec.Struct):
    enabled: bool = False
    required_status_checks: StatusChecksReply | None = None


class BranchReply(msgspec.Struct):
    protected: bool
    protection: ProtectionReply | None = None


class RequiredReviewsReply(msgspec.Struct):
    require_code_owner_reviews: bool = False
    required_approving_review_count: int = 0


class BranchProtectionReply(msgspec.Struct):
    required_pull_request_reviews: RequiredReviewsReply | None = None


class LabelReply(msgspec.Struct):
    name: str


class RunnerReply(msgspec.Struct):
    name: str
    labels: list[LabelReply] = []
    version: str | None = None


class RunnersReply(msgspec.Struct):
    runners: list[RunnerReply]


class PlanReply(msgspec.Struct):
    name: str


class OrganizationReply(msgspec.Struct):
    plan: PlanReply | None = None


class ServerReply(msgspec.Struct):
    installed_version: str = ""


class ContextReply(msgspec.Struct):
    context: str


class ParametersReply(msgspec.Struct):
    required_status_checks: list[ContextReply] = []
    require_code_owner_review: bool = False
    required_approving_review_count: int = 0


class BranchRuleReply(msgspec.Struct):
    type: str
    parameters: ParametersReply | None = None
