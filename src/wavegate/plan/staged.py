"""Stages what a plan ships, and has the Salesforce CLI say what it would send."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from wavegate.errors import InputError, ServiceError
from wavegate.findings.finding import Finding, Location, error, notice, warning
from wavegate.plan.pilot.originals import check_no_originals
from wavegate.plan.prepare import plan_manifests
from wavegate.plan.values import Plan
from wavegate.salesforce.cli import Cli
from wavegate.staging.convert import converted_findings
from wavegate.staging.replacements import needed_variables
from wavegate.staging.stage import stage_release
from wavegate.staging.values import StagedRelease
from wavegate.text import join_names

_NOT_CHECKED = "The Salesforce CLI did not check what a deployment sends"


def stage_plan(plan: Plan, root: Path, folder: Path) -> StagedRelease:
    """Stage what a plan ships, with the manifests of its deployment. root: of the checkout. Raises InputError."""
    stage = stage_release(
        plan.source, plan.project, plan.shipped, folder, manifests=plan_manifests(plan), checkout=root
    )
    check_no_originals(plan, stage.members, stage.files)
    return stage


def checked_plan(plan: Plan, root: Path, *, file: str, tell: Callable[[str], None]) -> Plan:
    """The plan with findings on what a deployment would send. file: the manifest's. tell: prints one line."""
    if not plan.shipped:
        return plan
    with tempfile.TemporaryDirectory(prefix="wavegate-") as folder:
        try:
            stage = stage_plan(plan, root, Path(folder) / "stage")
        except InputError as problem:
            place = Location(file=problem.file or file)
            return _with(plan, error("stage/not-possible", place, problem.message, problem.fix))
        cli = Cli(session=None, folder=stage.folder, home=Path(folder) / "home")
        return _with(plan, *_variables(stage, plan), *_checked(stage, cli, file=file, tell=tell))


def _with(plan: Plan, *findings: Finding) -> Plan:
    return replace(plan, findings=(*plan.findings, *findings))


def _variables(stage: StagedRelease, plan: Plan) -> Iterator[Finding]:
    if names := needed_variables(stage.replacements):
        message = f"The deployment inserts the value of {join_names(names, 20)} into files while it sends them."
        fix = "Set each of them where `deploy` runs: the workflow's `deploy-env` passes variables to it."
        yield notice("plan/needs-variables", Location(file=plan.project.file or ""), message, fix)


def _checked(stage: StagedRelease, cli: Cli, *, file: str, tell: Callable[[str], None]) -> tuple[Finding, ...]:
    place = Location(file=file)
    if shutil.which("sf") is None:
        fix = "Install it where the plan is made, to find out before the approval; `deploy` always has it check."
        return (notice("plan/not-checked", place, f"{_NOT_CHECKED}: there is no `sf` on the PATH.", fix),)
    tell("Checking with the Salesforce CLI what a deployment sends")
    try:
        return converted_findings(stage, cli, file=file)
    except ServiceError as problem:
        fix = "Make the command `sf version` work; `deploy` always has the CLI check."
        return (warning("plan/not-checked", place, f"{_NOT_CHECKED}: {problem.message}", fix),)
