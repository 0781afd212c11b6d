"""`wavegate admit ENV`: is the environment open to this release? Asked before a test runs or anybody approves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from wavegate.cli.actions import acting_user, add_summary, announce, is_dispatched, set_outputs, warn
from wavegate.cli.options import environment_argument, manifest_option, override_option, root_option, takes
from wavegate.errors import ExitCode
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.environment import EnvironmentLedger
from wavegate.plan.head import read_head
from wavegate.promotion.admission import Admission, admission_of
from wavegate.promotion.environment_ledger import read_promotion
from wavegate.promotion.refusals import admitted_markdown, live_line, refusals_markdown
from wavegate.promotion.request import counted_override, hold_request
from wavegate.promotion.values import Refusal
from wavegate.release.manifest import environment_of
from wavegate.text import link, one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class AdmitOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    override: str
    fast_lane: bool


@click.command(name="admit")
@environment_argument("ADMIT")
@root_option("Folder of the checkout, with the Salesforce project.")
@manifest_option()
@override_option
@click.option(
    "--fast-lane/--no-fast-lane",
    default=False,
    help="Promote content that was live and good in ENV before without new smoke tests, even if no rollback is open. "
    "In GitHub Actions, it counts only on workflow_dispatch.",
)
@takes(AdmitOptions)
def command(options: AdmitOptions) -> int:
    """Check whether ENV is open to this release: stops, locks, freezes, rollbacks and the order of environments.

    Also shows whether the release has the fast lane. Changes nothing. Requires GITHUB_TOKEN or GH_TOKEN.
    """
    head = read_head(options.root)
    manifest = head.manifest(options.manifest)
    environment = environment_of(manifest, options.environment)
    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("read what holds the environment", permission="deployments: read")
    request = hold_request(head, manifest, environment, actor=acting_user(), now=datetime.now(UTC))
    ledger = read_promotion(github, access.run.repository, request)
    admission = admission_of(ledger, request, asked=options.fast_lane and is_dispatched())
    if options.fast_lane and admission.lane is None:
        _warn_of_no_lane(environment.name)
    refused = admission.refusals_despite(counted_override(options.override))
    set_outputs(
        {
            "admitted": "false" if refused else "true",
            "fast-lane": "true" if admission.lane and not refused else "false",
            "rules": ",".join(dict.fromkeys(each.rule for each in admission.refusals)),
        }
    )
    return (
        _report_refused(manifest.release, environment.name, refused, _facts(ledger.own, access))
        if refused
        else _report_admitted(environment.name, admission)
    )


def _warn_of_no_lane(environment: str) -> None:
    if is_dispatched():
        reason = f"what this release ships was never live and good in {one_line(environment, 100)} before"
        fix = "It is promoted with smoke tests and a gate decision, as usual."
    else:
        reason = "it counts only in a run that a person started with the workflow's form"
        fix = "Start the workflow with `Run workflow`, and choose it there."
    warn(f"The fast lane is not used: {reason}.", fix=fix)


def _facts(ledger: EnvironmentLedger, access: GitHubAccess) -> list[str]:
    """What is live meanwhile, and the run to start again."""
    run = access.run
    live = live_line(ledger.environment, ledger.live, repository=f"{run.server_url}/{run.repository}")
    return [f"{live} · {link('this run', run.attempt_url)}" if run.attempt_url else live]


def _report_refused(release: str, environment: str, refused: Sequence[Refusal], facts: Sequence[str]) -> int:
    click.echo(f"Promotion to {one_line(environment, 100)} blocked.")
    for each in refused:
        announce(f"{each.message} [{each.rule}]", fix=each.fix)
    add_summary(refusals_markdown(environment, refused, release=release, facts=facts))
    return int(ExitCode.FAIL)


def _report_admitted(environment: str, admission: Admission) -> int:
    click.echo(f"{one_line(environment, 100)} is open to this release.")
    if admission.lane:
        click.echo(one_line(f"Fast lane: {admission.lane_words}"))
    for sentence in admission.notes:
        click.echo(one_line(sentence))
    for each in admission.refusals:
        click.echo(one_line(f"Overridden: {each.message} [{each.rule}]"))
    if admission.lane or admission.refusals or admission.notes:
        add_summary(admitted_markdown(environment, admission.refusals, admission.lane_words, admission.notes))
    return int(ExitCode.OK)
