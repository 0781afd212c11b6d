"""`wavegate login ENV`: logs in once for all later steps of a job, and logs out at its end."""

import os
from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.cli.actions import in_actions, set_outputs
from wavegate.cli.options import environment_argument, manifest_option, root_option, takes
from wavegate.errors import ExitCode, InputError
from wavegate.release.manifest import environment_of
from wavegate.release.reading import load_manifest
from wavegate.salesforce.login import forget_sessions, keep_session
from wavegate.salesforce.no_credentials import no_credentials
from wavegate.salesforce.org import Org, Session
from wavegate.salesforce.preflight import check_org_id
from wavegate.salesforce.stored_org import find_stored_org, session_of, use_stored_org
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
    org: str | None


@click.command(name="login")
@environment_argument("LOGIN")
@root_option()
@manifest_option()
@click.option(
    "--org",
    metavar="ALIAS",
    help="On a laptop: use an org that the Salesforce CLI is logged in to, for all later commands in this checkout.",
)
@click.option("--logout/--no-logout", default=False, help="Remove all logins of this job, or this checkout, instead.")
@click.option(
    "--optional/--required",
    default=False,
    help="Succeed without a login if credentials are missing. Rejected credentials are still an error.",
)
@takes(LoginOptions)
def command(options: LoginOptions) -> int:
    """Log in to ENV's org for the rest of this job, with credentials from environment variables.

    One of: SF_JWT_KEY with SF_CLIENT_ID, SF_USERNAME and SF_LOGIN_URL; SF_AUTH_URL; SF_ACCESS_TOKEN with
    SF_ORG_INSTANCE_URL. On a laptop, --org needs none of them, and keeps no secret: every command gets a token from
    the Salesforce CLI.
    """
    if options.logout:
        click.echo("Logged out." if forget_sessions(options.root) else "There was no login.")
        return int(ExitCode.OK)
    if options.org:
        return _use_stored_org(options, options.org)
    environment = environment_of(load_manifest(options.root, options.manifest), options.environment)
    name = environment.org
    try:
        session = _log_in(name, options.root)
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


def _use_stored_org(options: LoginOptions, alias: str) -> int:
    if in_actions():
        raise InputError(
            "--org names an org of the Salesforce CLI on a laptop, and this is GitHub Actions.",
            fix="Pass the credentials from the environment's secrets instead.",
        )
    environment = environment_of(load_manifest(options.root, options.manifest), options.environment)
    stored = find_stored_org(alias)
    org = Org(session_of(stored))
    identity = org.identity()
    check_org_id(org, identity.org_id, environment.expected_org)
    use_stored_org(environment.org, stored, options.root)
    click.echo(f"Logged in to {org.host} as {one_line(identity.username or identity.user_id, 100)}")
    click.echo(f"Commands in this checkout use it for {one_line(environment.org, 100)}, until you log out.")
    return int(ExitCode.OK)


def _log_in(name: str, root: Path) -> Session:
    session = log_in(os.environ)
    if session is None:
        raise no_credentials(name, root)
    return session
