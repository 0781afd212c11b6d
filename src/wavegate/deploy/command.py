"""`wavegate deploy ENV`: deploys a release to an environment's org and activates its pinned versions."""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click

from wavegate.cli.actions import acting_user, is_dispatched, mask, work_folder
from wavegate.cli.options import (
    Many,
    environment_argument,
    live_option,
    manifest_option,
    root_option,
    takes,
    timeout_option,
)
from wavegate.components.changes import ChangeKind
from wavegate.components.package_file import read_package
from wavegate.deploy.acts.admission import OrgBefore
from wavegate.deploy.admit import Promotion, PromotionRequest
from wavegate.deploy.check_only import report_validation, validate_release
from wavegate.deploy.cohorts import admissions, unmanaged
from wavegate.deploy.journal import DeployJournal, DeployJournalEntry
from wavegate.deploy.open_job import following_open_job
from wavegate.deploy.outcome import report_result
from wavegate.deploy.prepare import package_stages, preflight, subject_of, with_validation
from wavegate.deploy.request import DeployRequest
from wavegate.deploy.restoring import stage_live
from wavegate.deploy.rollout import touched_agents, unpublished
from wavegate.deploy.run import OrgDeployment
from wavegate.deploy.staged import check_stage, refuse_errors, stage_for_deploy
from wavegate.deploy.test_choice import TestChoice, with_tests
from wavegate.errors import InputError
from wavegate.plan.deletions import deletion_lines
from wavegate.plan.head import Head, read_head
from wavegate.plan.live_release import LiveRelease, read_live
from wavegate.plan.prepare import plan_promotion
from wavegate.plan.scripts import release_scripts, released_agents
from wavegate.plan.values import Plan
from wavegate.promotion.request import counted_override, hold_request
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.cli import Cli
from wavegate.salesforce.login import open_org
from wavegate.salesforce.org import Org
from wavegate.staging.replacements import read_variables
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


@click.command(name="deploy")
@environment_argument("DEPLOY")
@root_option("Folder of the checkout, with the Salesforce project.")
@manifest_option()
@live_option("GitHub's deployments; without GITHUB_TOKEN, the whole release is deployed")
@click.option(
    "--decision",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The gate's decision that authorizes the promotion. Required if packs apply, unless --override is given.",
)
@click.option(
    "--decision-digest",
    metavar="SHA256",
    default="",
    show_default=False,
    help="Digest that the decision must have: the gate's output decision-digest.",
)
@click.option(
    "--override",
    metavar="REASON",
    default="",
    show_default=False,
    help="Reason for bypassing the promotion rules; recorded with your login and the rules.",
)
@click.option(
    "--fast-lane",
    is_flag=True,
    help="Promote what was live and good here before without new smoke tests: its decision is cited. While a "
    "rollback is open, that happens without it, too.",
)
@click.option(
    "--test-level",
    type=click.Choice(["NoTestRun", "RunSpecifiedTests", "RunLocalTests", "RunAllTestsInOrg", "RunRelevantTests"]),
    show_default="for Apex, the tests that name its classes, else RunLocalTests; else the org's default",
    help="Apex tests to run.",
)
@click.option(
    "--test", cls=Many, metavar="CLASS", help="An Apex test class to run; sets the level RunSpecifiedTests."
)
@click.option(
    "--check-only",
    is_flag=True,
    help="Validate the release in the org with its tests, and change nothing. Needs no decision.",
)
@click.option(
    "--validation",
    metavar="ID",
    default="",
    show_default=False,
    help="Validation to deploy without running its tests again if the org accepts that: output of --check-only.",
)
@click.option(
    "--validation-subject",
    metavar="SHA256",
    default="",
    show_default=False,
    help="Digest of what was validated: output of --check-only. Another one is deployed with its tests.",
)
@timeout_option(
    "60m",
    "Maximum time to wait for the org. After that, the deployment continues there, and the next run resumes it.",
)
@click.option(
    "--env",
    cls=Many,
    metavar="NAME[=VALUE]",
    help="A variable for the replacements in sfdx-project.json. Without VALUE, it is read from the environment.",
)
@takes(DeployOptions)
def command(options: DeployOptions) -> int:
    """Deploy the release to ENV's org, activate its pinned agent versions, and read back what is live."""
    _check_options(options)
    head = read_head(options.root)
    manifest = head.manifest(options.manifest)
    environment = environment_of(manifest, options.environment)
    variables = _variables(options)
    promotion = None if options.check_only else _promotion(options, head, manifest, environment)
    project = head.project

    def unfinished() -> tuple[Org, DeployJournalEntry | None]:
        org = open_org(environment.org, root=options.root, expected=environment.expected_org)
        return org, _journal(options, org).entry or (promotion.unfinished if promotion else None)

    asking: Callable[[], AbstractContextManager[None]] = nullcontext
    if promotion:
        asking = partial(following_open_job, unfinished, seconds=options.timeout.total_seconds(), tell=click.echo)
    with asking():
        if promotion:
            promotion.check()
        plan, live = _planned(options, head, manifest, environment)
    stage = stage_for_deploy(
        plan, head.root, options.folder / "stage", tell=click.echo, environment={**os.environ, **variables}
    )
    package = read_package(stage.folder)
    org = open_org(environment.org, root=options.root, expected=environment.expected_org)
    assignments = admissions(manifest, environment)
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
    stages = with_tests(package_stages(package), choice, plan.scope)
    agents = released_agents(manifest.agents_in(environment.name), project)
    order = DeployRequest(
        release=manifest.release,
        environment=environment.name,
        agents=agents,
        scripts=release_scripts(project, agents, package.members, head.source.read),
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
    )
    if promotion is None:
        return report_validation(validate_release(order, org, cli, _journal(options, org, "check")), project)
    journal = _journal(options, org)
    states = find_agents(org, touched_agents(order.agents, order.members, order.project, order.scripts))
    before = OrgBefore(
        id=identity.org_id, agents=states, resumed=journal.before(subject), publishes=bool(order.scripts)
    )
    with asking():
        record = promotion.begin(before)
    journal.entry = journal.entry or record.unfinished
    order = replace(
        order,
        note=record.note,
        record=promotion.end,
        read_stops=promotion.read_stops,
        unfinished_since=record.unfinished_since,
        published=record.published,
    )
    rollout = OrgDeployment(order, org, cli, journal).run(states)
    outside = unmanaged(manifest, environment)
    manual = (f"cohort {each} must be enabled manually: it is not a permission-set cohort" for each in outside)
    drafts = unpublished(sorted(package.members), project, order.scripts)
    return report_result(rollout, project, promotion, (*notes, *manual, *drafts), deletion_lines(plan.changes))


def _check_options(options: DeployOptions) -> None:
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


def _journal(options: DeployOptions, org: Org, name: str = "deploy") -> DeployJournal:
    return DeployJournal(options.folder / f"{name}-{slug(org.host)}.json")


def _variables(options: DeployOptions) -> Mapping[str, str]:
    variables = given_variables(options.env, os.environ.get("DEPLOY_ENV_SECRETS", ""), os.environ)
    for secret in variables.secrets:
        mask(secret)
    return variables.values


def _promotion(options: DeployOptions, head: Head, manifest: Manifest, environment: Environment) -> Promotion:
    now = datetime.now(UTC)
    return Promotion(
        PromotionRequest(
            root=options.root,
            hold=hold_request(head, manifest, environment, actor=acting_user(), now=now),
            packs=head.packs(),
            decision=options.decision,
            digest=options.decision_digest,
            override=counted_override(options.override),
            fast_lane=options.fast_lane and is_dispatched(),
            uncommitted=head.uncommitted,
        )
    )


def _planned(
    options: DeployOptions, head: Head, manifest: Manifest, environment: Environment
) -> tuple[Plan, LiveRelease]:
    """The plan to carry out, and the live release that it is compared with."""
    live = read_live(options.root, manifest, environment.name, options.live)
    plan = plan_promotion(head, manifest, environment, live)
    refuse_errors(plan.findings)
    for line in deletion_lines(plan.changes):
        click.echo(line)
    return plan, live
