"""`wavegate doctor`: is everything set up that a release needs?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click

from wavegate import __version__
from wavegate.cli import actions as runner
from wavegate.cli.options import ReportFormat, format_option, manifest_option, root_option, takes
from wavegate.cli.report import print_report
from wavegate.components.project import read_project
from wavegate.errors import ExitCode, InputError
from wavegate.files.folder import FolderSource
from wavegate.github.connect import NAME_SERVER, GitHubAccess
from wavegate.github.origin import is_enterprise_server
from wavegate.release.manifest import environment_of
from wavegate.release.readiness.code_owners import owners_named
from wavegate.release.reading import load_manifest
from wavegate.setup.doctor.apply import apply
from wavegate.setup.doctor.forms import form_checks
from wavegate.setup.doctor.health import Check, Health, Unavailable, overall, unknown
from wavegate.setup.doctor.input_checks import path_checks
from wavegate.setup.doctor.local_checks import local_workflow_checks
from wavegate.setup.doctor.permission_checks import permission_checks
from wavegate.setup.doctor.pull_request_checks import OwnedRelease
from wavegate.setup.doctor.read_github import GitHubPlace, github_checks
from wavegate.setup.doctor.read_org import org_checks
from wavegate.setup.doctor.renderings import doctor_json, doctor_markdown, doctor_text
from wavegate.setup.doctor.workflow_checks import called_checks, canary_checks, review_checks, runner_checks
from wavegate.setup.doctor.workflow_files import code_owners_text, read_workflows, workflow_texts
from wavegate.setup.local.generated import read_header
from wavegate.setup.own_files import own_commit
from wavegate.setup.release_inputs import component_samples, read_release_inputs
from wavegate.setup.repository_setup import watched
from wavegate.setup.steps import REPOSITORY

_EXIT = {Health.OK: ExitCode.OK, Health.PROBLEM: ExitCode.FAIL, Health.UNKNOWN: ExitCode.INCONCLUSIVE}
_REPORTS = {"text": doctor_text, "markdown": doctor_markdown, "json": doctor_json}


@dataclass(frozen=True, kw_only=True, slots=True)
class DoctorOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    repository: str
    format: ReportFormat
    fix: bool
    yes: bool


@click.command(name="doctor")
@click.argument("environment", envvar="WAVEGATE_DOCTOR_ENVIRONMENT", metavar="[ENV]", default="")
@root_option()
@manifest_option()
@click.option(
    "--repository",
    metavar="OWNER/NAME",
    default="",
    show_default="the workflow run's, else origin's",
    help="Repository on GitHub.",
)
@click.option(
    "--fix/--no-fix",
    default=False,
    help="Set up what GitHub's API can: environments, their branches, self-review and the workflows' permissions. "
    "Asks before each change.",
)
@click.option("--yes/--ask", default=False, help="With --fix: make every change without asking.")
@format_option
@takes(DoctorOptions)
def command(options: DoctorOptions) -> int:
    """Check what a release needs: the workflows, GitHub's settings, and the orgs.

    With ENV, only that environment's org is checked, with the credentials in the environment variables. GitHub's
    settings are read with GITHUB_TOKEN or GH_TOKEN; some require an administrator's token. A setting that cannot be
    read is unknown. Exit codes: 0, everything is set up; 1, something is wrong; 5, something is unknown.
    """
    if options.fix and runner.in_actions():
        raise InputError("--fix changes the repository's settings, and this is GitHub Actions.", fix="Use a laptop.")
    checks = _checks(options)
    if options.fix and any(each.remedies for each in checks):
        access = _access(options)
        changed = apply(access.client(), access.run.repository, checks, ask=not options.yes)
        # what it looks like now, from GitHub itself
        checks = _checks(options) if changed else checks
    print_report(_REPORTS[options.format](checks), options.format)
    runner.add_summary(doctor_markdown(checks))
    return int(_EXIT[overall(checks)])


def _access(options: DoctorOptions) -> GitHubAccess:
    return GitHubAccess.from_environment(options.root, repository=options.repository)


def _checks(options: DoctorOptions) -> list[Check]:
    root, environment = options.root, options.environment
    release = load_manifest(root, options.manifest)
    if environment:
        environment_of(release, environment)
    names = [each.name for each in release.environments]
    texts = workflow_texts(root)
    workflows = read_workflows(texts)
    for_server = any((header := read_header(text)) and header.pin.enterprise for text in texts.values())
    access = _access(options)
    repository = access.run.repository
    source = FolderSource(root)
    project = read_project(source)
    inputs = read_release_inputs(source, project)
    place = partial(
        GitHubPlace,
        repository=repository,
        names=names,
        notify=release.notify,
        release=OwnedRelease(path=release.path, owners=release.owners.release, code_owners=code_owners_text(root)),
        owners=owners_named(release),
        variables=inputs.always,
        workflows=workflows,
        for_server=for_server,
        is_server=is_enterprise_server(access.run.server_url),
    )
    found = [
        *called_checks(workflows),
        *canary_checks(workflows, watched(release)),
        *review_checks(workflows, release.review_cadence),
        *local_workflow_checks(texts, version=__version__, commit=own_commit()),
        *form_checks(workflows, names),
        *permission_checks(texts),
        *runner_checks(workflows),
        *path_checks(workflows, [release.path, *inputs.files, *component_samples(project)]),
        *_github_checks(access, place),
        *org_checks(release, project, environment, root),
    ]
    page = f"{access.run.server_url.rstrip('/')}/{repository}/"
    return [replace(each, page=page + each.page) if each.page and repository else each for each in found]


_NO_TOKEN = (
    "GITHUB_TOKEN is not set.",
    "Set it or GH_TOKEN to an administrator's token, such as `gh auth token` prints.",
)


def _github_checks(access: GitHubAccess, place: Callable[..., GitHubPlace]) -> Iterator[Check]:
    if not access.is_complete:
        message, fix = _no_repository(access) if access.token else _NO_TOKEN
        yield unknown("github/token", REPOSITORY, Unavailable(message=message, fix=fix))
        return
    yield from github_checks(place(github=access.client()))


def _no_repository(access: GitHubAccess) -> tuple[str, str]:
    why = f": {access.problem}" if access.problem else ""
    fix = f"{NAME_SERVER if access.is_elsewhere else ''}Name the repository with --repository OWNER/NAME."
    return f"The repository on GitHub is unknown{why}.", fix
