"""The options of `deploy`, and what follows from them alone."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from wavegate.cli.actions import mask, work_folder
from wavegate.deploy.journal import DeployJournal
from wavegate.errors import InputError
from wavegate.salesforce.org import Org
from wavegate.staging.variables import given_variables
from wavegate.text import one_line, slug


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    live: str
    decision: Path | None
    decision_digest: str
    override: str
    fast_lane: bool
    test_level: str | None
    test: tuple[str, ...]
    check_only: bool
    validation: str
    validation_subject: str
    timeout: timedelta
    env: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """The folder for this command's own files."""
        return work_folder(self.root)


def check_options(options: DeployOptions) -> None:
    """InputError: options that exclude each other, or a malformed id."""
    given: dict[str, object] = {
        "--decision": options.decision,
        "--decision-digest": options.decision_digest,
        "--override": options.override,
        "--fast-lane": options.fast_lane,
        "--validation": options.validation,
        "--validation-subject": options.validation_subject,
    }
    for name in [name for name, value in given.items() if value and options.check_only]:
        raise InputError(f"{name} has no meaning with --check-only.", fix="Leave it out.")
    if options.validation and not re.fullmatch(r"0Af\w{12}(?:\w{3})?", options.validation, re.ASCII):
        raise InputError(
            f"{one_line(options.validation, 40)} is not the id of a validation.",
            fix="Pass the output `validation` of a run with --check-only.",
        )


def journal_of(options: DeployOptions, org: Org, name: str = "deploy") -> DeployJournal:
    """The journal of this command's deployments to an org. name: of another kind of job."""
    return DeployJournal(options.folder / f"{name}-{slug(org.host)}.json")


def variables_of(options: DeployOptions) -> Mapping[str, str]:
    """The variables for the replacements, by name; the secret ones are masked in the log."""
    variables = given_variables(options.env, os.environ.get("DEPLOY_ENV_SECRETS", ""), os.environ)
    for secret in variables.secrets:
        mask(secret)
    return variables.values
