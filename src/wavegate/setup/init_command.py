"""`wavegate init`: the workflows of a repository, and the first release files if there are none."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from wavegate.cli.options import manifest_option, root_option, takes
from wavegate.components.component import Project
from wavegate.components.project import read_project
from wavegate.errors import ExitCode, InputError
from wavegate.files.folder import FolderSource
from wavegate.files.new_files import Written, write_new
from wavegate.git.repository import Git
from wavegate.release.folder import manifest_paths, pack_paths, read_file
from wavegate.release.manifest import Manifest
from wavegate.release.readiness.code_owners import CODE_OWNERS_PLACES
from wavegate.release.reading import load_manifest
from wavegate.setup.code_owners import CODE_OWNERS, code_owners_file, missing_lines, owned_patterns
from wavegate.setup.ignored import ignore_outputs
from wavegate.setup.local.generated import REPOSITORY_NAME
from wavegate.setup.pin import ChosenPin, chosen_pin, pin_option
from wavegate.setup.release_inputs import ReleaseInputs, read_release_inputs
from wavegate.setup.repository_setup import SetupChoices, read_setup, repository_name, top_folder, workflows
from wavegate.setup.safety import SUITE as SAFETY
from wavegate.setup.safety import creation_commands, safety_files
from wavegate.setup.starter import SUITE, files_with_examples, pin_schema, starter_files, starter_pack
from wavegate.setup.steps import setup_steps
from wavegate.setup.values import Setup
from wavegate.text import join_names, one_line

_WORDS = {
    Written.NEW: "wrote     ",
    Written.ADDED: "added to  ",
    Written.SAME: "unchanged ",
    Written.DIFFERENT: "left alone",
}

_MAX_SHOWN = 6
"""Commands that are printed."""
_MAX_LINES = 50
"""Lines of CODEOWNERS that are printed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InitOptions:
    """The command's options, as click reads them."""

    root: Path
    manifest: str | None
    pin: str
    branch: str
    mirror: str
    server: str
    starters: tuple[Literal["safety", "canary", "classify", "report", "review"], ...]


@click.command(name="init")
@root_option()
@manifest_option("the only one under agentforce/, or a new one")
@pin_option()
@click.option(
    "--branch",
    metavar="BRANCH",
    default="",
    show_default="origin's default branch, or else main, master or the current one",
    help="Branch that releases come from.",
)
@click.option(
    "--mirror",
    metavar="OWNER/REPO",
    default="",
    show_default="none",
    help="Your organization's own copy of wavegate. Its reusable workflows are called, instead of copied into this "
    "repository.",
)
@click.option(
    "--server",
    metavar="URL",
    default="",
    show_default="that of origin",
    help="GitHub server of the repository. For a GitHub Enterprise Server, the workflows do without what it lacks.",
)
@click.option(
    "--with",
    "starters",
    type=click.Choice(["safety", "canary", "classify", "report", "review"]),
    multiple=True,
    help="Also write a starter: safety is a pack and test specs for attacks on the agent; canary is the scheduled "
    "workflow that watches a canary, which is written anyway if the manifest has one; classify is the workflow that "
    "labels a pull request by its class and waits for the approvals that the class needs; report is the scheduled "
    "workflow that writes a page about the releases; review is the one that reviews them, which is written "
    "anyway if the manifest has a review cadence.",
)
@takes(InitOptions)
def command(options: InitOptions) -> int:
    """Write the workflows that check, promote, roll back and disable the releases of this repository.

    Adds a manifest, a smoke pack and, from the manifest's owners, .github/CODEOWNERS if there are none, and keeps
    what wavegate writes out of git. Existing files are not changed, except that lines are added to .gitignore.
    """
    root, manifest, pin = options.root, options.manifest, chosen_pin(options.pin)
    _check_names(options.mirror, options.server)
    project = read_project(FolderSource(root))
    git = top_folder(root)
    suites = (SUITE, *(each for each in options.starters if each == "safety"))
    written = _starter(root, git, project, manifest, suites, pin.commit)
    release = load_manifest(root, manifest)
    choices = SetupChoices(
        pin=pin.commit,
        branch=options.branch,
        manifest=manifest or "",
        mirror=options.mirror,
        server=options.server,
        optional=frozenset(options.starters) - {"safety"},
    )
    setup = read_setup(root, git, release, choices)
    files, first = workflows(setup), _first_pack(release)
    if not pack_paths(root):
        files = dict([starter_pack(project, first)]) | files
    safety = safety_files(project, [each.name for each in release.agents]) if "safety" in options.starters else {}
    written |= {path: write_new(root, path, pin_schema(text, pin.commit)) for path, text in (files | safety).items()}
    written |= {".gitignore": ignore_outputs(root)}
    missing = _code_owners(root, release, project, written)
    _report_files(written, list(files_with_examples(project, first)))
    _report_steps(setup)
    _report_choices(setup, pin)
    _report_variables(read_release_inputs(FolderSource(root), project))
    _report_code_owners(missing)
    if safety:
        _report_safety(release, safety)
    return int(ExitCode.OK)


def _check_names(mirror: str, server: str) -> None:
    if server and not re.fullmatch(r"https?://[A-Za-z0-9.:-]+/?", server):
        raise InputError(
            f"{one_line(server, 100)} is not the address of a server.",
            fix="Write --server as a URL, such as https://github.example.com.",
        )
    if mirror and not re.fullmatch(REPOSITORY_NAME, mirror):
        raise InputError(
            f"{one_line(mirror, 100)} is not a repository.",
            fix="Write --mirror as OWNER/REPO, such as acme/wavegate.",
        )


def _starter(
    root: Path, git: Git, project: Project, manifest: str | None, packs: Sequence[str], commit: str
) -> dict[str, Written]:
    """Write a manifest if there is none."""
    if manifest or manifest_paths(root):
        return {}
    files = starter_files(project, name=repository_name(root, git), packs=packs)
    return {path: write_new(root, path, pin_schema(text, commit)) for path, text in files.items()}


def _code_owners(root: Path, release: Manifest, project: Project, written: dict[str, Written]) -> tuple[str, ...]:
    """Write CODEOWNERS if there is none; the lines that an existing one lacks, which is never rewritten."""
    lines = owned_patterns(release, project, sorted({*FolderSource(root).paths(), *written}))
    for place in CODE_OWNERS_PLACES:
        if os.path.lexists(root / place):
            return missing_lines(lines, read_file(root, place).decode("utf-8", "replace"))
    if text := code_owners_file(lines, release):
        written[CODE_OWNERS] = write_new(root, CODE_OWNERS, text)
    return ()


def _first_pack(manifest: Manifest) -> str:
    """Name of the first pack that a gate of the manifest requires, else the usual name."""
    names = (name for each in manifest.environments for name in each.gate.packs or ())
    return next(names, SUITE)


def _report_files(written: dict[str, Written], with_examples: Sequence[str]) -> None:
    for path, what in written.items():
        click.echo(f"{_WORDS[what]}  {one_line(path, 200)}")
    if Written.DIFFERENT in written.values():
        click.echo("\nFiles that were left alone differ from what init would write: compare them, or delete them and")
        click.echo("run init again. `wavegate update` moves workflows to another release and keeps your edits.")
    if examples := [path for path in with_examples if written.get(path) is Written.NEW]:
        click.echo(f"\nThe project has nothing to list in {join_names(examples)}: replace the example names there.")
    if {Written.NEW, Written.ADDED} & set(written.values()):
        click.echo("\nReview these files, and commit them: `wavegate plan` and the workflows read what is committed.")


def _report_steps(setup: Setup) -> None:
    click.echo("\nTo do once; `wavegate doctor` checks every step:")
    for number, step in enumerate(setup_steps(setup.environments, branch=setup.branch), 1):
        click.echo(f"  {number}. {one_line(step, 1000)}")


def _report_choices(setup: Setup, pin: ChosenPin) -> None:
    if setup.enterprise:
        click.echo("\nThe workflows are for a GitHub Enterprise Server. It needs GitHub Connect, or copies of the")
        click.echo("actions that they use. If the repository is on github.com, add --server https://github.com.")
    if not pin.released:
        click.echo(f"\nThe workflows are pinned to {setup.commit}, the commit of this wavegate,")
        click.echo("which is not known to be a release's. Before you merge them, name a release's with --pin.")


def _report_variables(inputs: ReleaseInputs) -> None:
    if inputs.problem:
        click.echo(f"\nThe replacements of sfdx-project.json cannot be read: {one_line(inputs.problem, 300)}")
    if inputs.variables:
        names = one_line(join_names(inputs.variables, 10), 400)
        click.echo(f"\nThe replacements in sfdx-project.json need values for {names}: pass them with `deploy-env`")
        click.echo("in wavegate-release.yml, or as lines NAME=value of the secret DEPLOY_ENV of each environment.")


def _report_code_owners(missing: Sequence[str]) -> None:
    if missing:
        click.echo("\nCODEOWNERS was left alone. The manifest names owners for files that it gives to nobody or to")
        click.echo("others; add what you agree with, the more special lines later:")
        for line in missing[:_MAX_LINES]:
            click.echo(f"  {one_line(line, 300)}")
        if len(missing) > _MAX_LINES:
            click.echo(f"  and {len(missing) - _MAX_LINES} more")


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
