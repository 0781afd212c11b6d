"""What GitHub's refusals mean, and what to do about each."""

import re
from dataclasses import dataclass

from wavegate.errors import InputError, ServiceError
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class Purpose:
    """What a request is for. doing: after "may not", such as `create the branch`. permission: `contents: write`."""

    doing: str
    permission: str


class RefusedError(InputError):
    """GitHub understood and said no (4xx): nothing was changed, and a retry alone will not help."""

    def __init__(self, message: str, *, fix: str, status: int, told: str) -> None:
        super().__init__(message, fix=fix)
        self.status = status
        self.told = told


class UnconfirmedError(ServiceError):
    """A change may or may not have been made: the answer was lost, broken, or a server error."""


_WORKFLOW = re.compile(r"refusing to allow .* workflow|without `?workflows?`? (permission|scope)", re.I)
_SETTING = re.compile(r"not permitted to create or approve pull requests", re.I)
_ALLOW = (
    "Switch on Settings → Actions → General → Workflow permissions →"
    ' "Allow GitHub Actions to create and approve pull requests", then run it again.'
)


def refusal(status: int, told: str, purpose: Purpose) -> RefusedError:
    """The error for a refusal. told: GitHub's own words."""
    message, fix = _explain(status, told, purpose)
    return RefusedError(message, fix=fix, status=status, told=told)


def _explain(status: int, told: str, purpose: Purpose) -> tuple[str, str]:
    said = f" (HTTP {status}: {one_line(told, 300)})"
    grant = f"Give the job `permissions: {purpose.permission}`, or give it the token of a GitHub App that has it."
    if _WORKFLOW.search(told):
        return (
            f"The token may not change workflow files, which {purpose.doing} would do{said}.",
            "Use the token of a GitHub App with the permission `workflows: write`.",
        )
    if _SETTING.search(told):
        return f"GitHub Actions may not open pull requests in this repository{said}.", _ALLOW
    if status == 401:
        return (
            f"GitHub does not accept the token{said}.",
            "Set GITHUB_TOKEN to a token that is valid and not expired.",
        )
    if status == 403:
        return f"The token may not {purpose.doing}{said}.", grant
    if status == 404:
        return f"GitHub does not find what it takes to {purpose.doing}, or hides it from this token{said}.", grant
    return f"GitHub refused to {purpose.doing}{said}.", "Read GitHub's words above; they say what does not fit."
