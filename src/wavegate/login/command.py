"""`wavegate login ENV`: logs in once for all later steps of a job, and logs out at its end."""

import os
from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.cli.actions import in_actions, set_outputs
from wavegate.cli.options import environment_argument, manifest_option, root_option, takes
from wavegate.errors import ExitCode
from wavegate.release.manifest import environment_of
from wavegate.release.reading import load_manifest
from wavegate.salesforce.login import forget_sessions, keep_session
from wavegate.salesforce.org import Org, Session
from wavegate.salesforce.preflight import check_org_id
from wavegate.salesforce.tokens import IncompleteLoginError, log_in
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class LoginOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    logout: bool
    optional: bool


@click.command(name="login")
@environment_argument("LOGIN")
@root_option()
@manifest_option()
@click.option("--logout/--no-logout", default=False, help="Remove all logins of this job instead.")
@click.option(
    "--optional/--required",
    default=False,
    help="Succeed without a login if credentials are missing. Rejected credentials are still an error.",
)
@takes(LoginOptions)
def command(options: LoginOptions) -> int:
    """Log in to ENV's org for the rest of this job, with credentials from environment variables.

    One of: SF_AUTH_URL; SF_JWT_KEY with SF_CLIENT_ID, SF_USERNAME and, for a sandbox, SF_LOGIN_URL; SF_ACCESS_TOKEN
    with SF_ORG_INSTANCE_URL.
    """
    if options.logout:
        click.echo("Logged out." if forget_sessions() else "There was no login.")
        return int(ExitCode.OK)
    environment = environment_of(load_manifest(options.root, options.manifest), options.environment)
    name = environment.org
    try:
        session = _log_in(name)
    except IncompleteLoginError as error:
        if not options.optional:
            raise
        click.echo(f"There is no login. {one_line(error.message, 300)}")
        set_outputs({"logged-in": "false"})
        return int(ExitCode.OK)
    org = Org(session)
    identity = org.identity()
    check_org_id(org, identity.org_id, environment.expected_org)
    kept = keep_session(name, session)
    click.echo(f"Logged in to {org.host} as {one_line(identity.username or identity.user_id, 100)}")
    set_outputs(
        {
            "logged-in": "true",
            "session": str(kept),
            "org-id": identity.org_id,
            "username": one_line(identity.username, 100),
            "instance-url": session.instance_url,
        }
    )
    return int(ExitCode.OK)


def _log_in(name: str) -> Session:
    session = log_in(os.environ)
    if session is None:
        raise IncompleteLoginError(
            f"There are no credentials for the org {one_line(name, 100)}.",
            fix="Set SF_AUTH_URL, SF_JWT_KEY with SF_CLIENT_ID and SF_USERNAME, or SF_ACCESS_TOKEN with "
            f"SF_ORG_INSTANCE_URL from the environment's secrets.{_OTHER_OWNER if in_actions() else ''}",
        )
    return session


_OTHER_OWNER = (
    " If the environment has them: a workflow of another owner gets an environment's secrets empty. Call the "
    "workflows that `wavegate init` writes into this repository, or those of your organization's own mirror."
)
"""A cause that nobody can see: GitHub passes the environment's variables, and does not report the empty secrets."""
