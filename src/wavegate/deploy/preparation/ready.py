"""Make a deployment ready: stage what a plan ships, log in, and check what would fail later."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import click

from wavegate.components.changes import ChangeKind
from wavegate.components.package_file import read_package
from wavegate.deploy.cohorts import CohortAssignment, admissions, unmanaged
from wavegate.deploy.options import DeployOptions
from wavegate.deploy.pilot.access import copies_request, copy_assignments
from wavegate.deploy.pilot.resolve import resolved_in_org
from wavegate.deploy.pilot.same import with_same_copies
from wavegate.deploy.preparation.limits import check_limits
from wavegate.deploy.preparation.package import package_stages, preflight, subject_of, with_validation
from wavegate.deploy.preparation.restoring import stage_live
from wavegate.deploy.preparation.staged import check_stage, stage_for_deploy
from wavegate.deploy.request import DeployRequest
from wavegate.deploy.rollout import unpublished
from wavegate.deploy.test_choice import TestChoice, with_tests
from wavegate.pilot.planned import PlannedPilot
from wavegate.pilot.values import PilotCopy
from wavegate.plan.head import Head
from wavegate.plan.live_release import LiveRelease
from wavegate.plan.scripts import release_scripts
from wavegate.plan.values import Plan
from wavegate.release.manifest import Environment, Manifest
from wavegate.salesforce.cli import Cli
from wavegate.salesforce.login import open_org
from wavegate.salesforce.org import Org
from wavegate.staging.replacements import read_variables


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyDeployment:
    """A deployment that has not begun.

    org_id: of the org. notes: for its report, one line each. is_pilot: whether it is for cohorts alone.
    """

    request: DeployRequest
    org: Org
    cli: Cli
    org_id: str
    notes: tuple[str, ...]
    is_pilot: bool


def make_ready(
    options: DeployOptions,
    head: Head,
    manifest: Manifest,
    environment: Environment,
    *,
    plan: Plan,
    live: LiveRelease,
    variables: Mapping[str, str],
) -> ReadyDeployment:
    """Stage the plan and log in. live: what it is compared with. variables: for the replacements.

    Raises an error for the first problem that would fail the deployment later.
    """
    project = plan.project
    copy = plan.pilot.copy if plan.pilot else None
    stage = stage_for_deploy(
        plan, head.root, options.folder / "stage", tell=click.echo, environment={**os.environ, **variables}
    )
    package = read_package(stage.folder)
    org = open_org(environment.org, root=options.root, expected=environment.expected_org)
    pilot = resolved_in_org(plan.pilot, org) if plan.pilot else None
    if pilot:
        check_limits(plan, pilot.cohorts, org, manifest, live)
    assignments = _assignments(pilot, copy, manifest, environment)
    cli = Cli(
        session=org.session,
        folder=stage.folder,
        home=options.folder.resolve() / "sf-home",
        variables=read_variables(stage.replacements),
        extra_environment=variables,
    )
    identity, notes = preflight(org, cli, project, package, assignments)
    check_stage(stage, cli, file=manifest.path, tell=click.echo)
    choice = TestChoice(level=options.test_level, tests=options.test)
    subject = subject_of(plan, package, variables, choice, head.source)
    stages = with_tests(package_stages(package, plan.after_publishing), choice, plan.scope)
    request = DeployRequest(
        release=manifest.release,
        environment=environment.name,
        agents=plan.agents,
        scripts=release_scripts(project, plan.agents, package.members, plan.source.read),
        admissions=assignments,
        members=package.members | package.deletions,
        project=project,
        stages=with_validation(stages, options.validation, is_of_release=options.validation_subject == subject),
        removed=frozenset(each.id for each in plan.deleted_flows),
        added=frozenset(each.id for each in plan.of_kind(ChangeKind.ADDED)),
        restore=partial(stage_live, live, root=head.root, folder=options.folder / "restore", choice=choice),
        subject=subject,
        user_id=identity.user_id,
        seconds=options.timeout.total_seconds(),
        tell=click.echo,
        copies=copies_request(pilot, copy) if pilot and copy else None,
    )
    request = with_same_copies(request, live.pilot, plan.content, org, org_id=identity.org_id)
    outside = unmanaged(manifest, environment, pilot) if pilot and not copy else ()
    manual = (f"cohort {each} must be enabled manually: it has no permission set" for each in outside)
    drafts = unpublished(sorted(package.members), project, request.scripts)
    return ReadyDeployment(
        request=request,
        org=org,
        cli=cli,
        org_id=identity.org_id,
        notes=(*notes, *manual, *drafts),
        is_pilot=pilot is not None,
    )


def _assignments(
    pilot: PlannedPilot | None, copy: PilotCopy | None, manifest: Manifest, environment: Environment
) -> tuple[CohortAssignment, ...]:
    """Who gets which permission set. A release to everybody changes nobody's, even if the manifest lists cohorts."""
    if pilot is None:
        return ()
    return copy_assignments(pilot, copy) if copy else admissions(manifest, environment, pilot)
