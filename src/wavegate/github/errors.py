"""What GitHub's refusals mean, and what to do about each."""

import re
from dataclasses import dataclass

from wavegate.errors import RefusedError
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class Purpose:
    """What a request is for. doing: after "may not", such as `create the branch`. permission: `contents: write`."""

    doing: str
    permission: str


_WORKFLOW = re.compile(r"refusing to allow .* workflow|without `?workflows?`? (permission|scope)", re.I)
_SETTING = re.compile(r"not permitted to create or approve pull requests", re.I)
_RULES = re.compile(r"rule violations|protected branch|cannot create ref due to", re.I)
_ALLOW = (
    "Enable Settings → Actions → General → Workflow permissions →"
    ' "Allow GitHub Actions to create and approve pull requests", then run the command again.'
)


def refusal(status: int, detail: str, purpose: Purpose, *, code: str = "") -> RefusedError:
    """The error for a refusal. code, detail: GitHub's own name and words for it, without secrets."""
    detail = one_line(detail, 300)
    message, fix = _explain(status, detail, purpose)
    return RefusedError(message, fix=fix, status=status, code=one_line(code, 60), detail=detail)


def _explain(status: int, detail: str, purpose: Purpose) -> tuple[str, str]:
    said = f" (HTTP {status}: {detail})"
    grant = f"Give the job `permissions: {purpose.permission}`, or the token of a GitHub App with that permission."
    if _WORKFLOW.search(detail):
        return (
            f"The token may not change workflow files, which is needed to {purpose.doing}{said}.",
            "Use the token of a GitHub App with the permission `workflows: write`.",
        )
    if _SETTING.search(detail):
        return f"GitHub Actions may not open pull requests in this repository{said}.", _ALLOW
    if _RULES.search(detail):
        return (
            f"A branch rule does not let the token {purpose.doing}{said}.",
            "Exempt the branches `wavegate/**` from the rule, or use the token of an app that may bypass it.",
        )
    if status == 401:
        return (
            f"GitHub rejected the token{said}.",
            "Set GITHUB_TOKEN to a valid token that has not expired.",
        )
    if status == 403:
        return f"The token may not {purpose.doing}{said}.", grant
    if status == 404:
        return f"GitHub could not {purpose.doing}: not found, or hidden from this token{said}.", grant
    return f"GitHub refused to {purpose.doing}{said}.", "Correct what GitHub reports, then run the command again."
