"""Access to an environment's org: by a login of an earlier step, one of the Salesforce CLI, or the job's secrets."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from wavegate.cli.actions import in_actions, mask
from wavegate.errors import InputError
from wavegate.files.whole import write_whole
from wavegate.salesforce.no_credentials import no_credentials
from wavegate.salesforce.org import Org, Session
from wavegate.salesforce.preflight import check_org_id
from wavegate.salesforce.stored_org import forget_stored_orgs, session_of, stored_org
from wavegate.salesforce.tokens import log_in
from wavegate.text import one_line, slug


def open_org(
    name: str, environment: Mapping[str, str] = os.environ, *, root: Path = Path(), expected: str | None = None
) -> Org:
    """The org that the manifest calls `name`, logged in. root: of the checkout. expected: its id; None accepts any.

    InputError: there are no credentials for it, they were rejected, or they are for another org. ServiceError: the
    login got no answer.
    """
    session = kept_session(name, environment, root=root) or log_in(environment)
    if session is None:
        raise no_credentials(name, root, environment)
    org = Org(session)
    if expected:
        check_org_id(org, org.identity().org_id, expected)
    return org


def keep_session(name: str, session: Session, environment: Mapping[str, str] = os.environ) -> Path:
    """Save a session for the later steps of this job, in a file that only this user may read.

    The file is in the runner's temporary folder, which is emptied when the job ends and is not part of any artifact.
    """
    path = _session_path(name, environment)
    if path is None:
        raise InputError(
            "RUNNER_TEMP is not set, so the login cannot be saved.",
            fix="Outside GitHub Actions, use an org of the Salesforce CLI with --org, or pass the credentials in the "
            "environment of each command.",
        )
    content = {
        "instance_url": session.instance_url,
        "access_token": session.access_token,
        "api_version": session.api_version,
    }
    write_whole(path, json.dumps(content).encode(), private=True)
    return path


def kept_session(name: str, environment: Mapping[str, str] = os.environ, *, root: Path = Path()) -> Session | None:
    """The session that this job saved for an org, or the one of an org of the Salesforce CLI that this checkout uses.

    None without either. root: of the checkout.
    """
    path = _session_path(name, environment)
    if path is None or not path.is_file():
        org = None if in_actions(environment) else stored_org(name, root, environment)
        return session_of(org, environment) if org else None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        session = Session(**{field: str(content[field]) for field in ("instance_url", "access_token", "api_version")})
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"The saved login for the org {one_line(name, 100)} is damaged.", fix="Log in again."
        ) from None
    mask(session.access_token)
    return session


def forget_sessions(root: Path, environment: Mapping[str, str] = os.environ) -> bool:
    """Remove every session of this job, and the checkout's choice of orgs of the CLI.

    Returns whether there was any.
    """
    folder = _folder(environment)
    saved = folder is not None and folder.exists()
    if folder is not None and saved:
        shutil.rmtree(folder)
    return forget_stored_orgs(root, environment) or saved


def _session_path(name: str, environment: Mapping[str, str]) -> Path | None:
    folder = _folder(environment)
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return folder / f"{slug(name, 40)}-{digest}.json" if folder else None


def _folder(environment: Mapping[str, str]) -> Path | None:
    temporary = environment.get("RUNNER_TEMP", "")
    return Path(temporary) / ".wavegate" / "logins" if temporary else None
