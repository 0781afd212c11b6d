"""`wavegate status`: what is live where, since when, and by whose approval."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click

from wavegate.cli.actions import Run, add_summary, set_outputs
from wavegate.cli.options import Many, ReportFormat, format_option, manifest_option, root_option, takes
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode, WavegateError
from wavegate.github.approvals import read_approvals
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import is_of
from wavegate.ledger.reader import read_ledger, read_newest
from wavegate.ledger.status import drift_of, environment_status
from wavegate.ledger.status_report import status_json, status_markdown, status_text
from wavegate.ledger.status_values import Drift, EnvironmentStatus
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.release.reading import load_manifest
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.login import kept_session
from wavegate.salesforce.org import Org, Session
from wavegate.salesforce.tokens import log_in


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusOptions:
    """The command's options, as click reads them."""

    root: Path
    manifest: str | None
    environment: tuple[str, ...]
    format: ReportFormat


@click.command(name="status")
@root_option()
@manifest_option()
@click.option(
    "--environment", cls=Many, metavar="ENV", show_default="all of the manifest", help="An environment to show."
)
@format_option
@takes(StatusOptions)
def command(options: StatusOptions) -> int:
    """Show what is live in each environment, since when, by whose approval, and how its org has drifted.

    Requires GITHUB_TOKEN or GH_TOKEN. Drift is shown for the orgs that this job is logged in to.
    """
    manifest = load_manifest(options.root, options.manifest)
    environments = [environment_of(manifest, name) for name in options.environment] or list(manifest.environments)
    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("read what is live from GitHub's deployments", permission="deployments: read")
    statuses = _read(github, access.run, manifest, environments)
    render = {"text": status_text, "markdown": status_markdown, "json": status_json}[options.format]
    print_report(render(statuses), options.format)
    add_summary(status_markdown(statuses))
    set_outputs({"status": status_json(statuses)})
    return int(ExitCode.OK)


def _read(
    github: GitHub, run: Run, manifest: Manifest, environments: Iterable[Environment]
) -> list[EnvironmentStatus]:
    by_name = {each.name: each for each in environments}
    orgs, problem = _open_orgs(by_name.values())
    found = []
    for name, newest in read_newest(github, run.repository, list(by_name)).items():
        own = [each for each in newest.deployments if is_of(each, manifest.path)]
        status = environment_status(name, own, whole=newest.whole)
        if status.live is None and not newest.whole:
            status = _read_further(github, run.repository, manifest, name)
        found.append(_with_approvals(github, run.repository, _with_drift(status, orgs, problem)))
    return found


def _read_further(github: GitHub, repository: str, manifest: Manifest, environment: str) -> EnvironmentStatus:
    """The status of an environment whose newest deployments failed or belong to other manifests."""
    deployments: list[Deployment] = []
    for page in read_ledger(github, repository, environment):
        own = [each for each in page.deployments if is_of(each, manifest.path)]
        deployments += own
        if any(each.succeeded for each in own):
            break
    return environment_status(environment, deployments, whole=True)


def _with_approvals(github: GitHub, repository: str, status: EnvironmentStatus) -> EnvironmentStatus:
    release = status.live.release if status.live else None
    if release is None:
        return status
    try:
        return replace(status, approvals=read_approvals(github, repository, release.run, status.environment))
    except WavegateError:
        return status


def _with_drift(status: EnvironmentStatus, orgs: Mapping[str, Org], problem: str) -> EnvironmentStatus:
    live = status.live
    if live is None:
        return status
    org = orgs.get(live.release.org) if live.release and live.release.org else None
    if org is None:
        return replace(status, drift=Drift(unknown=problem or "this job is not logged in to its org"))
    try:
        return replace(status, drift=drift_of(live.live, find_agents(org, live.live)))
    except WavegateError as error:
        return replace(status, drift=Drift(unknown=error.message))


def _open_orgs(environments: Iterable[Environment]) -> tuple[dict[str, Org], str]:
    """The orgs that this job is logged in to, by id, and the error of a failed login, or ''.

    Each org is queried for its id, since a login may be for a different org than the environment's.
    """
    orgs: dict[str, Org] = {}
    problem = ""
    logins: list[Callable[[Mapping[str, str]], Session | None]] = [
        log_in,
        *(partial(kept_session, each.org) for each in environments),
    ]
    for read in logins:
        try:
            if session := read(os.environ):
                org = Org(session)
                orgs.setdefault(org.identity().org_id, org)
        except WavegateError as error:
            problem = error.message
    return orgs, problem
