"""Access to GitHub: the repository, the token, and clients for them.

In Actions, the runner's variables name both. Elsewhere, the repository is the one that `origin` names, unless it is
named by GITHUB_REPOSITORY or an option. The token goes to the server that GITHUB_SERVER_URL names. Without that,
it goes to a host of GitHub's own, or nowhere if `origin` is on another one.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypedDict, Unpack

from wavegate.cli.actions import Run, current_run, in_actions
from wavegate.errors import InputError, WavegateError
from wavegate.git.process import Credentials
from wavegate.github.origin import parse_origin, server_at, server_of, why_elsewhere, why_not

if TYPE_CHECKING:
    from wavegate.github.client import GitHub


NAME_SERVER = (
    "Set GITHUB_SERVER_URL to the address of the repository's server, such as https://github.acme.example or "
    "https://github.com: the token is sent to no other one. If `origin` names another repository: "
)
"""What to do where `origin` is on a server that the user did not name."""


class ClientLimits(TypedDict, total=False):
    """Limits of a client that replace its defaults; see `GitHub`."""

    timeout: float
    patience: float
    sleep: Callable[[float], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class GitHubAccess:
    """run: the facts of this workflow run; outside Actions, the server and the repository. token: '' without one.

    problem: why the repository is unknown although there is a token, in words; '' in Actions. is_elsewhere: whether
    that is because it is on a server that the user did not name, so that nothing gets the token.
    """

    run: Run
    token: str = field(repr=False)
    problem: str = ""
    is_elsewhere: bool = False

    @classmethod
    def from_environment(
        cls, root: Path = Path(), environment: Mapping[str, str] = os.environ, *, repository: str = ""
    ) -> Self:
        """Read the token and the repository. root: folder of the checkout whose `origin` counts outside Actions.

        repository: `OWNER/NAME` as an option names it, or ''. Outside Actions, the token may also be in GH_TOKEN, as
        the GitHub CLI has it.
        """
        run, token = current_run(environment), environment.get("GITHUB_TOKEN", "")
        run = replace(run, repository=repository or run.repository)
        if in_actions(environment):
            return cls(run=run, token=token)
        known = environment.get("GITHUB_SERVER_URL", "")
        token = token or environment.get("GH_TOKEN", "")
        run = _on_server(run, known, environment) if known else run
        if not token or (known and run.repository):
            return cls(run=run, token=token)
        url, problem = _origin(root)
        origin = parse_origin(url)
        if not known and (why := why_elsewhere(url, run.repository)):
            return cls(run=replace(run, repository=""), token=token, problem=why, is_elsewhere=True)
        server = server_of(origin, known) if origin else ""
        if origin is None or not server:
            return cls(run=run, token=token, problem="" if run.repository else problem or why_not(url, known))
        run = _on_server(run, server, environment)
        return cls(run=replace(run, repository=run.repository or origin.repository), token=token)

    @property
    def is_complete(self) -> bool:
        """Whether both the token and the repository are known."""
        return bool(self.token and self.run.repository)

    def client(self, **limits: Unpack[ClientLimits]) -> "GitHub":
        """A client for this server and token. InputError: the user did not name the server."""
        if self.is_elsewhere:
            raise _incomplete(self, "ask it", "")
        from wavegate.github.client import GitHub  # loads requests, which a command without a token does not need

        return GitHub(api_url=self.run.api_url, graphql_url=self.run.graphql_url, token=self.token, **limits)

    def required_client(self, doing: str, *, permission: str, **limits: Unpack[ClientLimits]) -> "GitHub":
        """A client. InputError: the token or the repository is unknown.

        doing: such as `read the deployments`. permission: the one that this requires, such as `deployments: read`.
        """
        if self.is_complete:
            return self.client(**limits)
        raise _incomplete(self, doing, permission)

    def credentials(self, repository: str = "") -> Credentials | None:
        """Credentials for git to fetch with; None without a token. repository: '' for the checkout's origin."""
        if not self.token or self.is_elsewhere:
            return None
        return Credentials(server_url=self.run.server_url, token=self.token, repository=repository)


def _origin(root: Path) -> tuple[str, str]:
    """The URL of `origin` as the configuration has it, and why it cannot be read; '' for either."""
    from wavegate.git.repository import Git

    try:
        return Git(root).origin(), ""
    except WavegateError as error:
        return "", error.message.rstrip(".")


def _on_server(run: Run, server_url: str, environment: Mapping[str, str]) -> Run:
    """The run on that server. Addresses in the environment count before those that follow from the server's."""
    server = server_at(server_url)
    return replace(
        run,
        server_url=server.server_url,
        api_url=environment.get("GITHUB_API_URL") or server.api_url,
        graphql_url=environment.get("GITHUB_GRAPHQL_URL") or server.graphql_url,
    )


def _incomplete(access: GitHubAccess, doing: str, permission: str) -> InputError:
    if in_actions():
        values = {"GITHUB_TOKEN": access.token, "GITHUB_REPOSITORY": access.run.repository}
        missing = " and ".join(name for name, value in values.items() if not value)
        return InputError(
            f"{missing} {'are' if ' ' in missing else 'is'} not set, so wavegate cannot {doing}.",
            fix=f"Pass the token: `env: GITHUB_TOKEN: ${{{{ github.token }}}}`, with `permissions: {permission}`.",
        )
    if not access.token:
        return InputError(
            f"GITHUB_TOKEN is not set, so wavegate cannot {doing}.",
            fix="Run `export GITHUB_TOKEN=$(gh auth token)`, or set GITHUB_TOKEN or GH_TOKEN to another token.",
        )
    return InputError(
        f"The repository on GitHub is unknown, so wavegate cannot {doing}: {access.problem}.",
        fix=f"{NAME_SERVER if access.is_elsewhere else ''}Set GITHUB_REPOSITORY to OWNER/NAME.",
    )
