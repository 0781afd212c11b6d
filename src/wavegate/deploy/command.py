"""`wavegate deploy ENV`: deploys a release to an environment's org and activates its pinned versions."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from wavegate.cli.actions import acting_user, add_summary, is_dispatched
from wavegate.cli.options import (
    Many,
    environment_argument,
    live_option,
    manifest_option,
    root_option,
    takes,
    timeout_option,
)
from wavegate.deploy.acts.admission import OrgBefore
from wavegate.deploy.admit import Promotion, PromotionRequest
from wavegate.deploy.check_only import report_validation, validate_release
from wavegate.deploy.journal import DeployJournal, DeployJournalEntry
from wavegate.deploy.open_job import following_open_job
from wavegate.deploy.options import DeployOptions, check_options, journal_of, variables_of
from wavegate.deploy.outcome import report_result
from wavegate.deploy.pilot.access import check_recordable
from wavegate.deploy.preparation.ready import ReadyDeployment, make_ready
from wavegate.deploy.preparation.staged import refuse_errors
from wavegate.deploy.rollout import touched_agents
from wavegate.deploy.rollout_report import interrupted_markdown
from wavegate.deploy.rollout_values import Rollout
from wavegate.deploy.run import OrgDeployment
from wavegate.errors import ServiceError
from wavegate.plan.deletions import deletion_lines
from wavegate.plan.head import Head, read_head
from wavegate.plan.live_release import LiveRelease, read_live
from wavegate.plan.prepare import plan_promotion
from wavegate.plan.values import Plan
from wavegate.promotion.request import counted_override, hold_request
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.login import open_org
from wavegate.salesforce.org import Org

Asking = Callable[[], AbstractContextManager[None]]


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
    check_options(options)
    head = read_head(options.root)
    manifest = head.manifest(options.manifest)
    environment = environment_of(manifest, options.environment)
    variables = variables_of(options)
    promotion = None if options.check_only else _promotion(options, head, manifest, environment)

    def unfinished() -> tuple[Org, DeployJournalEntry | None]:
        org = open_org(environment.org, root=options.root, expected=environment.expected_org)
        return org, journal_of(options, org).entry or (promotion.unfinished if promotion else None)

    asking: Asking = nullcontext
    if promotion:
        asking = partial(following_open_job, unfinished, seconds=options.timeout.total_seconds(), tell=click.echo)
    with asking():
        if promotion:
            promotion.check()
        plan, live = _planned(options, head, manifest, environment)
    ready = make_ready(options, head, manifest, environment, plan=plan, live=live, variables=variables)
    if promotion is None:
        journal = journal_of(options, ready.org, "check")
        return report_validation(validate_release(ready.request, ready.org, ready.cli, journal), head.project)
    rollout = _deploy(ready, promotion, journal_of(options, ready.org), asking)
    return report_result(rollout, head.project, promotion, ready.notes, deletion_lines(plan.changes))


def _deploy(ready: ReadyDeployment, promotion: Promotion, journal: DeployJournal, asking: Asking) -> Rollout:
    """Ask the ledger whether the release may enter, and deploy it. asking: the context in which GitHub is asked."""
    request, org = ready.request, ready.org
    check_recordable(request.copies, promotion.memory)
    states = find_agents(org, touched_agents(request.agents, request.members, request.project, request.scripts))
    resumed = journal.before(request.subject)
    with asking():
        record = promotion.begin(
            OrgBefore(
                id=ready.org_id,
                agents=states,
                resumed=resumed,
                publishes=bool(request.scripts),
                copies=request.copies,
                is_pilot=ready.is_pilot,
            )
        )
        retirement = promotion.retirement
    journal.entry = journal.entry or record.unfinished
    request = replace(
        request,
        note=record.note,
        record=promotion.end,
        read_stops=promotion.read_stops,
        unfinished_since=record.unfinished_since,
        published=record.published,
        retirement=retirement,
        memory=promotion.memory,
    )
    try:
        return OrgDeployment(request, org, ready.cli, journal).run(states)
    except ServiceError as error:
        add_summary(interrupted_markdown(error, request.release, request.environment))
        raise


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
