"""Why a command has no credentials for an org, as far as that can be determined."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from wavegate.cli.actions import in_actions
from wavegate.salesforce.tokens import IncompleteLoginError
from wavegate.text import join_names, one_line

_VARIABLES = ("SF_CLIENT_ID", "SF_USERNAME", "SF_LOGIN_URL", "SF_ORG_INSTANCE_URL")
_CALL = re.compile(
    r"^\s*uses:\s*[\"']?([\w.-]+)/[\w.-]+/\.github/workflows/(?:promote|rollback|disable|enable)\.yml@", re.MULTILINE
)
_LIMIT = 1024 * 1024
_SET = (
    "set SF_JWT_KEY with SF_CLIENT_ID, SF_USERNAME and SF_LOGIN_URL, SF_AUTH_URL, or SF_ACCESS_TOKEN with "
    "SF_ORG_INSTANCE_URL"
)


def no_credentials(name: str, root: Path, environment: Mapping[str, str] = os.environ) -> IncompleteLoginError:
    """The error. name: what the manifest calls the org. root: of the checkout, where the run's workflow is read.

    GitHub passes no secret of an environment to a called workflow of another owner, while its variables arrive.
    Source: measured in rios0rios0/pipelines#579 and reported in meigma/release#67; GitHub documents it nowhere.
    """
    message = f"There are no credentials for the org {one_line(name, 100)}."
    if not in_actions(environment):
        return IncompleteLoginError(
            message, fix=f"Run `wavegate login ENVIRONMENT --org ALIAS` with an org of the Salesforce CLI, or {_SET}."
        )
    arrived = [each for each in _VARIABLES if environment.get(each)]
    if arrived:
        message += f" The variables {join_names(arrived)} are there, but every secret is empty."
    workflow, owner = _foreign_call(root, environment)
    local = "run `wavegate init`, which writes the workflows into this repository"
    if owner:
        message += (
            f" {workflow} calls a workflow of {owner}, and GitHub passes no environment secrets to a called workflow "
            "of another owner."
        )
        return IncompleteLoginError(message, fix=f"{local[0].upper()}{local[1:]}.")
    fix = f"Run the login action before this step, or {_SET} from the environment's secrets."
    if not workflow:
        fix += f" If a workflow of another owner is called, it gets no environment secrets: {local}."
    return IncompleteLoginError(message, fix=fix)


def _foreign_call(root: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """The workflow of this run, '' if it cannot be read, and the other owner whose workflow it calls, or ''."""
    ours, _, reference = environment.get("GITHUB_REPOSITORY", "").partition("/")
    path = environment.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].removeprefix(f"{ours}/{reference}/")
    if not re.fullmatch(r"\.github/workflows/[\w.-]+", path):
        return "", ""
    try:
        with (root / path).open("rb") as file:
            text = file.read(_LIMIT).decode("utf-8", "replace")
    except OSError:
        return "", ""
    owners = (owner for owner in _CALL.findall(text) if owner.lower() != ours.lower())
    return path, next(owners, "")
