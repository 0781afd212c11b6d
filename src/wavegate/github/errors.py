"""What GitHub's refusals mean, and what to do about each.

Sources: docs.github.com "Troubleshooting the REST API", "About authentication with single sign-on" and "Restricting
network traffic with an IP allow list"; the words of the others are from public logs of `gh` and of Actions.
"""

import re
from dataclasses import dataclass

from wavegate.errors import RefusedError
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class Purpose:
    """What a request is for. doing: after "may not", such as `create the branch`. permission: `contents: write`."""

    doing: str
    permission: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GitHubRefusal:
    """One kind of refusal. status: 0 for any. words: a pattern for GitHub's own words, '' for any.

    message, fix: with `{doing}` and `{permission}` of the purpose, and `{grant}` for how to get the permission. The
    message has no period.
    """

    status: int = 0
    words: str = ""
    message: str
    fix: str

    def covers(self, status: int, detail: str) -> bool:
        """Whether a reply is of this kind."""
        return self.status in (0, status) and re.search(self.words, detail, re.IGNORECASE) is not None


_GRANT = "{grant}"
_OF_JOBS = frozenset(
    {"actions", "attestations", "checks", "contents", "deployments", "discussions", "id-token", "issues"}
    | {"packages", "pages", "pull-requests", "security-events", "statuses"}
)
"""Permissions that a job's own token can have. Source: docs.github.com, "Workflow syntax", `permissions`."""
_MAY_NOT = "The token may not {doing}"
_AGAIN = "Correct what GitHub reports, then run the command again."

REFUSALS = (
    GitHubRefusal(
        words=r"refusing to allow .* workflow|without `?workflows?`? (permission|scope)",
        message="The token may not change workflow files, which is needed to {doing}",
        fix="Use the token of a GitHub App with the permission `workflows: write`.",
    ),
    GitHubRefusal(
        words="not permitted to create or approve pull requests",
        message="GitHub Actions may not open pull requests in this repository",
        fix="Enable Settings → Actions → General → Workflow permissions →"
        ' "Allow GitHub Actions to create and approve pull requests", then run the command again.',
    ),
    GitHubRefusal(
        words="rule violations|protected branch|cannot create ref due to",
        message="A branch rule does not let the token {doing}",
        fix="Exempt the branches `wavegate/**` from the rule, or use the token of an app that may bypass it.",
    ),
    # "Resource protected by organization SAML enforcement. You must grant your … token access to this organization."
    GitHubRefusal(
        words=r"\bSAML\b|single sign-on",
        message="The organization's single sign-on keeps the token from being used to {doing}",
        fix="Authorize the token for the organization: Settings → Developer settings → the token → Configure SSO; or "
        "run `gh auth refresh`.",
    ),
    # "…, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this …"
    GitHubRefusal(
        words="IP allow list",
        message="The organization's IP allow list does not let this computer {doing}",
        fix="Use a runner whose address is on the list, self-hosted or larger with a static address.",
    ),
    # "The 'acme' organization forbids access via a personal access token (classic)" or "… a fine-grained personal …"
    GitHubRefusal(
        words="forbids access via|OAuth App access restrictions",
        message="The organization's policy does not let a token of this kind {doing}",
        fix="Use the token of a GitHub App, or a personal one of the kind and lifetime that the policy allows.",
    ),
    GitHubRefusal(
        words="not accessible by personal access token",
        message=_MAY_NOT,
        fix="Give the fine-grained token this repository and the permission `{permission}`.",
    ),
    GitHubRefusal(
        words="required scopes",
        message=_MAY_NOT,
        fix="Give the classic token the scopes repo and read:org, or use one with the permission `{permission}`.",
    ),
    GitHubRefusal(
        words="not accessible by integration",
        message=_MAY_NOT,
        fix=f"{_GRANT} Pull requests from forks and from Dependabot always get a token that may only read.",
    ),
    # "Must have admin rights to Repository.", "Must have push access to repository"
    GitHubRefusal(
        words="must have (admin|push|maintain|write|read)",
        message="The token's user may not {doing}",
        fix="Use the token of an administrator, such as that of `gh auth token`: a job's own token is never one.",
    ),
    # "Upgrade to GitHub Pro or make this repository public to enable this feature."
    GitHubRefusal(
        words="upgrade to GitHub|make this repository public|not available for your plan",
        message="The plan of the repository's owner does not include what is needed to {doing}",
        fix="Upgrade the plan, make the repository public, or do without.",
    ),
    # "Repository was archived so is read-only."
    GitHubRefusal(
        words="archived",
        message="The repository is archived, so nobody can {doing}",
        fix="Unarchive it in Settings → General.",
    ),
    # status 410: "Issues are disabled for this repo", "Issues has been disabled in this repository."
    GitHubRefusal(
        words="issues (are|has been|have been) disabled",
        message="The repository's issues are switched off, so wavegate cannot {doing}",
        fix="Switch them on in Settings → General → Features.",
    ),
    GitHubRefusal(
        words="account (was|is) suspended|repository access blocked|repository unavailable",
        message="GitHub has blocked the account or the repository, so nobody can {doing}",
        fix="Ask the owner, or GitHub's support.",
    ),
    # "Bad credentials", "Requires authentication"
    GitHubRefusal(
        status=401,
        message="GitHub rejected the token",
        fix="Set GITHUB_TOKEN to a valid token that has not expired.",
    ),
    GitHubRefusal(status=403, message=_MAY_NOT, fix=_GRANT),
    # "Not Found", and by GraphQL "Could not resolve to a Repository with the name 'acme/agents'."
    GitHubRefusal(
        status=404,
        message="GitHub could not {doing}: not found, or hidden from this token",
        fix=f"{_GRANT} A private repository is hidden from a token without access to it.",
    ),
    GitHubRefusal(message="GitHub refused to {doing}", fix=_AGAIN),
)
"""By precedence: the first one that covers a reply counts. The last one covers any."""


def refusal(status: int, detail: str, purpose: Purpose, *, code: str = "") -> RefusedError:
    """The error for a refusal. code, detail: GitHub's own name and words for it, without secrets."""
    detail = one_line(detail, 300)
    kind = next(each for each in REFUSALS if each.covers(status, detail))
    values = {"doing": purpose.doing, "permission": purpose.permission, "grant": _grant(purpose.permission)}
    message = f"{kind.message.format(**values)} (HTTP {status}: {detail})."
    return RefusedError(message, fix=kind.fix.format(**values), status=status, code=one_line(code, 60), detail=detail)


def _grant(permission: str) -> str:
    """How to get a permission, such as `contents: read`, or several."""
    if _OF_JOBS.issuperset(re.findall(r"([a-z-]+): (?:read|write)", permission)):
        return f"Give the job `permissions: {permission}`, or the token of a GitHub App with that permission."
    return (
        "Use an administrator's token, such as that of `gh auth token`, or a GitHub App's with the permission "
        f"`{permission}`: a job's own token cannot have it."
    )
