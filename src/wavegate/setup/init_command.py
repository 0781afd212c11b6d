"""`wavegate init`: the workflows of a repository, and the first release files if there are none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from wavegate import __version__
from wavegate.cli.options import manifest_option, root_option, takes
from wavegate.components.component import Project
from wavegate.components.project import read_project
from wavegate.errors import ExitCode, InputError
from wavegate.files.folder import FolderSource
from wavegate.files.new_files import Written, write_new
from wavegate.git.repository import Git
from wavegate.release.folder import manifest_paths, pack_paths
from wavegate.release.manifest import Manifest
from wavegate.release.reading import load_manifest
from wavegate.setup.own_files import own_commit, workflow_templates
from wavegate.setup.safety import SUITE as SAFETY
from wavegate.setup.safety import creation_commands, safety_files
from wavegate.setup.starter import SUITE, pin_schema, starter_files, starter_pack
from wavegate.setup.steps import setup_steps
from wavegate.setup.values import Setup
from wavegate.setup.workflow_template import fill
from wavegate.text import join_names, one_line

_WORDS = {
    Written.NEW: "wrote     ",
    Written.SAME: "unchanged ",
    Written.DIFFERENT: "left alone",
}

_MAX_SHOWN = 6
"""Commands that are printed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InitOptions:
    """The command's options, as click reads them."""

    root: Path
    manifest: str | None
    pin: str
    branch: str
    starters: tuple[Literal["safety"], ...]


@click.command(name="init")
@root_option()
@manifest_option("the only one under agentforce/, or a new one")
@click.option(
    "--pin",
    metavar="COMMIT",
    default="",
    show_default="this wavegate's own",
    help="Commit of wavegate to pin the workflows to. Its full SHA.",
)
@click.option(
    "--branch",
    metavar="BRANCH",
    default="",
    show_default="origin's default branch, or else main",
    help="Branch that releases come from.",
)
@click.option(
    "--with",
    "starters",
    type=click.Choice(["safety"]),
    multiple=True,
    help="Also write a starter: safety is a pack and test specs for attacks on the agent.",
)
@takes(InitOptions)
def command(options: InitOptions) -> int:
    """Write the workflows that check, promote, roll back and disable the releases of this repository.

    Adds a manifest and a smoke pack if there are none. Existing files are not changed.
    """
    root, manifest, commit = options.root, options.manifest, _pin(options.pin)
    project = read_project(FolderSource(root))
    git = Git(root)
    if git.prefix:
        raise InputError(
            "This folder is not the top folder of its repository.", fix="Name the top folder with --root."
        )
    suites = (SUITE, *options.starters)
    written = _starter(root, project, manifest, suites, commit)
    release = load_manifest(root, manifest)
    setup = Setup(
        environments=tuple(each.name for each in release.environments),
        commit=commit,
        version=__version__,
        branch=options.branch or git.default_branch() or "main",
        folders=tuple(sorted({each.path.partition("/")[0] for each in project.components.values()}))
        or ("force-app",),
        manifest=manifest or "",
    )
    files = {f".github/workflows/{name}": fill(text, setup) for name, text in workflow_templates().items()}
    if not pack_paths(root):
        files = dict([starter_pack(project, _first_pack(release))]) | files
    safety = safety_files(project, [each.name for each in release.agents]) if "safety" in options.starters else {}
    written |= {path: write_new(root, path, pin_schema(text, commit)) for path, text in (files | safety).items()}
    _report_result(written, setup)
    if safety:
        _report_safety(release, safety)
    return int(ExitCode.OK)


def _pin(commit: str) -> str:
    commit = commit or own_commit() or ""
    if not re.fullmatch(r"[0-9a-f]{40}", commit):
        what = f"{one_line(commit, 60)} is not a full commit SHA." if commit else "wavegate's own commit is unknown."
        fix = "Name a release's commit with --pin; the release's page on GitHub shows it."
        raise InputError(what, fix=fix)
    return commit


def _starter(
    root: Path, project: Project, manifest: str | None, packs: Sequence[str], commit: str
) -> dict[str, Written]:
    """Write a manifest if there is none."""
    if manifest or manifest_paths(root):
        return {}
    files = starter_files(project, name=root.resolve().name, packs=packs)
    return {path: write_new(root, path, pin_schema(text, commit)) for path, text in files.items()}


def _first_pack(manifest: Manifest) -> str:
    """Name of the first pack that a gate of the manifest requires, else the usual name."""
    names = (name for each in manifest.environments for name in each.gate.packs or ())
    return next(names, SUITE)


def _report_result(written: dict[str, Written], setup: Setup) -> None:
    for path, what in written.items():
        click.echo(f"{_WORDS[what]}  {one_line(path, 200)}")
    if Written.DIFFERENT in written.values():
        click.echo("\nFiles that were left alone differ from what init would write: compare them, or delete them and")
        click.echo("run init again. Dependabot updates the pinned commits.")
    click.echo("\nTo do once; `wavegate doctor` checks every step:")
    for number, step in enumerate(setup_steps(setup.environments, branch=setup.branch), 1):
        click.echo(f"  {number}. {one_line(step, 1000)}")


def _report_safety(release: Manifest, files: dict[str, str]) -> None:
    click.echo("\nFor the safety tests: adapt their specs to your agent, then create the definitions in the org:")
    commands = creation_commands(files)
    for command_line in commands[:_MAX_SHOWN]:
        click.echo(f"  {one_line(command_line, 300)}")
    if len(commands) > _MAX_SHOWN:
        click.echo(f"  and {len(commands) - _MAX_SHOWN} more: one for each spec in specs/")
    gates = [each.name for each in release.environments if each.gate.packs and SAFETY not in each.gate.packs]
    if gates:
        click.echo(
            f"Add {SAFETY} to `gate.packs` of {one_line(join_names(gates), 300)} in {one_line(release.path, 200)}."
        )
