"""The staged release that a deployment sends: refused if it is not as planned."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from wavegate.errors import InputError
from wavegate.findings.finding import Finding, Severity
from wavegate.plan.staged import stage_plan
from wavegate.plan.values import Plan
from wavegate.salesforce.cli import Cli
from wavegate.staging.convert import converted_findings
from wavegate.staging.replacements import dollar_variables, unset_variables
from wavegate.staging.values import StagedRelease
from wavegate.text import join_names

_NAMED = 20
"""Variables that a message names."""


def refuse_errors(findings: Iterable[Finding]) -> None:
    """Raise an InputError for the first finding that is an error."""
    for each in findings:
        if each.severity is Severity.ERROR:
            place = each.location
            raise InputError(each.message, fix=each.fix, file=place.file, line=place.line, column=place.column)


def stage_for_deploy(
    plan: Plan, root: Path, folder: Path, *, tell: Callable[[str], None], environment: Mapping[str, str] = os.environ
) -> StagedRelease:
    """Stage what a plan ships. tell: takes a warning.

    InputError: something cannot be staged, or a variable that the CLI inserts into a file is not set.
    """
    stage = stage_plan(plan, root, folder)
    file = plan.project.file
    if unset := unset_variables(stage.replacements, environment):
        raise InputError(
            f"`replacements` insert the value of {join_names(unset, _NAMED)}, and it is not set here.",
            fix="Set it for this step: the workflow's `deploy-env` passes variables to the deployment.",
            file=file,
        )
    if doubtful := dollar_variables(stage.replacements, environment):
        names = join_names(doubtful, _NAMED)
        tell(f"The value of {names} contains a `$`: the Salesforce CLI may not insert it as it is ({file}).")
    return stage


def check_stage(stage: StagedRelease, cli: Cli, *, file: str, tell: Callable[[str], None]) -> None:
    """Have the CLI say what it would send. InputError: it is not what was planned. ServiceError: it cannot run."""
    if stage.members:
        tell("Checking with the Salesforce CLI what it will send")
        refuse_errors(converted_findings(stage, cli, file=file))
        tell(f"It is as planned: {len(stage.members)} components, {len(stage.files)} files")
