"""`wavegate doctor`: is everything set up that a release needs?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from wavegate import __version__
from wavegate.cli import actions as runner
from wavegate.cli.options import ReportFormat, format_option, manifest_option, root_option, takes
from wavegate.cli.report import print_report
from wavegate.components.project import read_project
from wavegate.errors import ExitCode, InputError
from wavegate.files.folder import FILE_LIMIT, FolderSource
from wavegate.github import settings
from wavegate.github.connect import GitHubAccess
from wavegate.release.manifest import Manifest, environment_of
from wavegate.release.reading import load_manifest
from wavegate.setup.checks.form_checks import form_checks
from wavegate.setup.checks.notify_checks import notify_checks
from wavegate.setup.checks.permission_checks import permission_checks
from wavegate.setup.github_checks import (
    REPOSITORY,
    actions_checks,
    branch_checks,
    environment_checks,
    kill_switch_checks,
    login_checks,
    ok,
    unknown,
    workflow_checks,
)
from wavegate.setup.health import Check, Health, Unavailable, overall
from wavegate.setup.local.state import as_called, local_workflow_checks
from wavegate.setup.own_files import own_commit
from wavegate.setup.read_org import ask, org_checks
from wavegate.setup.renderings import doctor_json, doctor_markdown, doctor_text
from wavegate.setup.workflow_checks import called_checks, stop_environments
from wavegate.text import one_line

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
@format_option
@takes(DoctorOptions)
def command(options: DoctorOptions) -> int:
    """Check what a release needs: the workflows, GitHub's settings, and the org of ENV.

    GitHub's settings are read with GITHUB_TOKEN or GH_TOKEN; some require an administrator's token. A setting that
    cannot be read is unknown. Exit codes: 0, everything is set up; 1, something is wrong; 5, something is unknown.
    """
    root, environment = options.root, options.environment
    release = load_manifest(root, options.manifest)
    if environment:
        environment_of(release, environment)
    names = [each.name for each in release.environments]
    found = _workflows(root)
    workflows = as_called(found)
    stops = stop_environments(workflows, names)
    checks = [
        *called_checks(found | workflows),
        *local_workflow_checks(found, version=__version__, commit=own_commit()),
        *form_checks(workflows, names),
        *permission_checks(workflows),
        *_github_checks(root, options.repository, release, stops),
        *org_checks(release, read_project(FolderSource(root)), environment),
    ]
    print_report(_REPORTS[options.format](checks), options.format)
    runner.add_summary(doctor_markdown(checks))
    return int(_EXIT[overall(checks)])


def _workflows(root: Path) -> dict[str, str]:
    """The text of every workflow of the checkout, by file name."""
    folder = root / ".github" / "workflows"
    found = sorted(path for path in folder.glob("*.y*ml") if path.is_file() and path.stat().st_size <= FILE_LIMIT)
    try:
        return {path.name: path.read_text("utf-8", errors="replace") for path in found}
    except OSError as refused:
        raise InputError(
            f"The workflows cannot be read: {refused.strerror}.",
            fix="Check the permissions of this file.",
            file=one_line(str(refused.filename), 300),
        ) from None


_NO_TOKEN = (
    "GITHUB_TOKEN is not set.",
    "Set it or GH_TOKEN to an administrator's token, such as `gh auth token` prints.",
)


def _github_checks(
    root: Path, repository: str, release: Manifest, stops: Mapping[str, str | Unavailable]
) -> Iterator[Check]:
    names = [each.name for each in release.environments]
    access = GitHubAccess.from_environment(root)
    repository = repository or access.run.repository
    if not access.token or not repository:
        message, fix = _no_repository(access) if access.token else _NO_TOKEN
        yield unknown("github/token", REPOSITORY, Unavailable(message=message, fix=fix))
        return
    github = access.client()
    branch = ask(lambda: settings.default_branch(github, repository))
    if isinstance(branch, Unavailable):
        yield unknown("github/token", REPOSITORY, branch)
        return
    yield ok("github/token", REPOSITORY, f"The token reads {one_line(repository, 200)}.")
    yield from actions_checks(ask(lambda: settings.actions_settings(github, repository)))
    yield from workflow_checks(ask(lambda: settings.workflow_settings(github, repository)))
    rules = ask(lambda: settings.branch_rules(github, repository, branch))
    yield from branch_checks(branch, rules)
    environments = ask(lambda: settings.environments(github, repository))
    yield from environment_checks(names, environments, branch=branch, rules=rules)
    if not isinstance(environments, Unavailable):
        yield from kill_switch_checks(stops, environments, branch=branch, rules=rules)
        existing = frozenset(each.name.casefold() for each in environments)
        named = dict.fromkeys([*names, *(each for each in stops.values() if isinstance(each, str))])
        readable = [each for each in named if each.casefold() in existing]
        secrets = {each: ask(partial(settings.environment_names, github, repository, each)) for each in readable}
        own = ask(lambda: settings.repository_names(github, repository))
        yield from login_checks(secrets, own)
        yield from notify_checks(
            release.notify, secrets, own, lambda: ask(lambda: settings.organization_names(github, repository))
        )


def _no_repository(access: GitHubAccess) -> tuple[str, str]:
    why = f": {access.problem}" if access.problem else ""
    return f"The repository on GitHub is unknown{why}.", "Name it with --repository OWNER/NAME."
