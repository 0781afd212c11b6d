"""Access to GitHub as the environment variables describe it: the repository, the token, and clients for them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypedDict, Unpack

from wavegate.cli.actions import Run, current_run, in_actions
from wavegate.errors import InputError
from wavegate.git.process import Credentials

if TYPE_CHECKING:
    from wavegate.github.client import GitHub


class ClientLimits(TypedDict, total=False):
    """Limits of a client that replace its defaults; see `GitHub`."""

    timeout: float
    patience: float
    sleep: Callable[[float], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class GitHubAccess:
    """run: the facts of this workflow run. token: GITHUB_TOKEN, '' if it is not set."""

    run: Run
    token: str = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read GITHUB_TOKEN and the GITHUB_* facts of the run."""
        return cls(run=current_run(environment), token=environment.get("GITHUB_TOKEN", ""))

    @property
    def is_complete(self) -> bool:
        """Whether both the token and the repository are known."""
        return bool(self.token and self.run.repository)

    def client(self, **limits: Unpack[ClientLimits]) -> "GitHub":
        """A client for this server and token."""
        from wavegate.github.client import GitHub  # loads requests, which a command without a token does not need

        return GitHub(api_url=self.run.api_url, graphql_url=self.run.graphql_url, token=self.token, **limits)

    def required_client(self, doing: str, *, permission: str, **limits: Unpack[ClientLimits]) -> "GitHub":
        """A client. InputError: the token or the repository is unknown.

        doing: such as `read the deployments`. permission: the one that this requires, such as `deployments: read`.
        """
        if self.is_complete:
            return self.client(**limits)
        values = {"GITHUB_TOKEN": self.token, "GITHUB_REPOSITORY": self.run.repository}
        missing = " and ".join(name for name, value in values.items() if not value)
        fix = (
            f"Pass the token: `env: GITHUB_TOKEN: ${{{{ github.token }}}}`, with `permissions: {permission}`."
            if in_actions()
            else "Set GITHUB_REPOSITORY to OWNER/NAME, and GITHUB_TOKEN to a token, such as that of `gh auth token`."
        )
        message = f"{missing} {'are' if ' ' in missing else 'is'} not set, so wavegate cannot {doing}."
        raise InputError(message, fix=fix)

    def credentials(self, repository: str = "") -> Credentials | None:
        """Credentials for git to fetch with; None without a token. repository: '' for the checkout's origin."""
        if not self.token:
            return None
        return Credentials(server_url=self.run.server_url, token=self.token, repository=repository)
