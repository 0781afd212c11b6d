"""What a deployment needs before it begins: a login that may deploy, the stages of its package, and their digest."""

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

import click

from wavegate.components.component import ComponentId, Project
from wavegate.components.package_file import PackageFiles
from wavegate.deploy.cohorts import CohortAssignment
from wavegate.deploy.pilot.access import members_of
from wavegate.deploy.pilot.steps import people
from wavegate.deploy.request import PackageStage, StageValidation
from wavegate.deploy.test_choice import TestChoice
from wavegate.errors import InputError
from wavegate.git.repository import CommitSource
from wavegate.plan.values import Plan
from wavegate.salesforce.cli import Cli, Upload
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import Identity
from wavegate.salesforce.preflight import check_api_version, check_permissions
from wavegate.staging.variables import variables_digest
from wavegate.text import one_line


def preflight(
    org: Org, cli: Cli, project: Project, package: PackageFiles, assignments: tuple[CohortAssignment, ...]
) -> tuple[Identity, tuple[str, ...]]:
    """Who is logged in, and notes. Raises an error for the first problem that would fail the deployment later."""
    if project.file is None:
        raise InputError("There is no sfdx-project.json in the checkout.", fix="Name its folder with --root.")
    identity = org.identity()
    click.echo(f"Logged in to {org.host} as {one_line(identity.username or identity.user_id, 100)}")
    check_api_version(org, project.api_version)
    note = check_permissions(org)
    if not package.is_empty:
        click.echo(f"Salesforce CLI: {cli.check()}")
    for each in assignments:
        people(org, members_of(each))
    return identity, (note,) if note else ()


def package_stages(
    package: PackageFiles, after_publishing: AbstractSet[ComponentId] = frozenset()
) -> tuple[PackageStage, ...]:
    """The package's stages; what is deleted is deleted with the last.

    after_publishing: the components of the last one, if that needs published agents.
    """
    if package.is_empty:
        return ()
    *first, last = package.stages
    stages = (PackageStage(upload=Upload(package=path), members=members) for path, members in first)
    upload = Upload(package=last[0], before=package.before, after=package.after)
    is_late = bool(after_publishing) and last[1] == after_publishing
    return (*stages, PackageStage(upload=upload, members=last[1] | package.deletions, after_publishing=is_late))


def with_validation(
    stages: tuple[PackageStage, ...], validation_id: str, *, is_of_release: bool
) -> tuple[PackageStage, ...]:
    """The stages, where the first one is deployed as it was validated if that is what was validated.

    validation_id: '' for none. is_of_release: whether it validated what these stages deploy.
    """
    if not validation_id or not stages:
        return stages
    validation = StageValidation(id=validation_id, is_of_stage=is_of_release)
    return (replace(stages[0], validation=validation), *stages[1:])


def subject_of(
    plan: Plan, package: PackageFiles, variables: Mapping[str, str], choice: TestChoice, source: CommitSource
) -> str:
    """A digest of everything that is deployed: an earlier run's job is resumed only if its content is the same."""
    digest = hashlib.sha256(f"{package.digest} {choice.level} {choice.tests}".encode())
    digest.update(" ".join(sorted(str(each.id) for each in plan.deleted_flows)).encode())
    copies = plan.pilot.copy.files if plan.pilot and plan.pilot.copy else {}
    for path in sorted({path for each in plan.shipped for path in each.paths}):
        content = hashlib.sha256(copies[path]).hexdigest() if path in copies else source.entry(path)
        digest.update(f"{path} {content} ".encode())
    digest.update(variables_digest(variables, subject=digest.hexdigest()).encode())
    return digest.hexdigest()
