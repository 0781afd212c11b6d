"""`wavegate update`: moves a repository's workflows to this release, and keeps the team's own edits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path

import click

from wavegate import __version__
from wavegate.cli.options import manifest_option, root_option, takes
from wavegate.errors import ExitCode, InputError
from wavegate.files.whole import write_whole
from wavegate.git.repository import Git
from wavegate.github.connect import GitHubAccess
from wavegate.release.reading import load_manifest
from wavegate.setup.local.base import BaseSources
from wavegate.setup.local.calls import call_problems
from wavegate.setup.local.generated import ACTIONS, FOLDER, read_header
from wavegate.setup.local.outcome import OBSTACLES, FileUpdate, UpdateOutcome
from wavegate.setup.local.pins import mirror_of
from wavegate.setup.local.read import read_workflows
from wavegate.setup.local.schema_address import schema_updates
from wavegate.setup.local.update import NewRelease, common_pin, new_file, new_local, plan_updates
from wavegate.setup.local.versions import newer_than
from wavegate.setup.own_files import reusable_workflows, workflow_templates
from wavegate.setup.pin import chosen_pin, pin_option
from wavegate.setup.repository_setup import (
    SetupChoices,
    needed,
    optional_in,
    read_setup,
    top_folder,
    wanted,
)
from wavegate.setup.workflow_template import fill
from wavegate.text import join_names, logged_lines, one_line, visible

_MAX_LINES = 20
"""Lines of a conflict that are shown of each side."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateOptions:
    """The command's options, as click reads them."""

    root: Path
    manifest: str | None
    pin: str
    diff: bool
    conflicts: bool


@click.command(name="update")
@root_option()
@manifest_option()
@pin_option()
@click.option("--diff/--write", default=False, help="Show the differences, and change nothing.")
@click.option(
    "--conflicts/--no-conflicts",
    default=False,
    help="Write the files although some need a decision; those with conflicts get markers for an editor.",
)
@takes(UpdateOptions)
def command(options: UpdateOptions) -> int:
    """Move the workflows of this repository to this release of wavegate.

    A workflow that `wavegate init` wrote is replaced. If it was edited, the edits are merged into the new text. If an
    edit and the release changed the same lines, both are shown, and no file is written. Pins of wavegate in other
    workflows are moved too, and so is the schema that editors load for manifests and packs. Exit code 1: something
    needs a decision.
    """
    root, pin = options.root, chosen_pin(options.pin)
    git = top_folder(root)
    access = GitHubAccess.from_environment(root)
    credentials = access.credentials()
    workflows = read_workflows(root)
    release = NewRelease(
        commit=pin.commit,
        version=__version__,
        sources=reusable_workflows(),
        bases=BaseSources(
            git=git,
            installed=reusable_workflows(),
            server_url=access.run.server_url,
            token=credentials.token if credentials else "",
        ),
    )
    _check_versions(workflows)
    optional = _optional(options, workflows)
    sources = wanted(release.sources, optional)
    updates = [
        *plan_updates(workflows, release),
        *new_local(workflows, replace(release, sources=sources)),
        *_new_callers(options, git, workflows, release, optional=optional),
        *schema_updates(root, options.manifest or "", pin.commit, __version__ if pin.released else ""),
    ]
    return _finish(options, workflows, updates, released=pin.released)


def _check_versions(workflows: Mapping[str, str]) -> None:
    # an update by somebody else's newer wavegate may have been interrupted
    versions = [found.pin.version for text in workflows.values() if (found := read_header(text))]
    newer = [each for each in versions if newer_than(each, __version__)]
    if newer:
        raise InputError(
            f"The workflows are of v{newer[0]}, and this is wavegate {__version__}, which is older.",
            fix="Update wavegate itself first: run `uvx wavegate@latest update`.",
        )


def _optional(options: UpdateOptions, workflows: Mapping[str, str]) -> frozenset[str]:
    """The optional workflows that the repository has, or whose need its manifest states."""
    found = optional_in(workflows)
    try:
        return found | needed(load_manifest(options.root, options.manifest))
    except InputError:
        # workflows are updated without a manifest too
        return found


def _new_callers(
    options: UpdateOptions,
    git: Git,
    workflows: Mapping[str, str],
    release: NewRelease,
    *,
    optional: frozenset[str],
) -> Iterator[FileUpdate]:
    """The callers that the repository does not have, if it has others."""
    templates, pin = workflow_templates(), common_pin(workflows)
    if templates.keys().isdisjoint(workflows):
        if not pin:
            raise InputError("There are no workflows of wavegate here.", fix="Run `wavegate init` to write them.")
        return
    offered = wanted(templates, optional)
    missing = {name: text for name, text in offered.items() if name not in workflows}
    deleted = [name for name in missing if git.versions(f"{FOLDER}/{name}")]
    yield from (new_file(f"{FOLDER}/{name}", "", release) for name in deleted)
    if len(deleted) == len(missing):
        return
    manifest = load_manifest(options.root, options.manifest)
    choices = SetupChoices(pin=release.commit, manifest=options.manifest or "")
    setup = read_setup(options.root, git, manifest, choices)
    if pin:
        setup = replace(setup, local=True, actions=pin.repository, enterprise=pin.enterprise)
    else:
        setup = replace(setup, local=False, actions=mirror_of(workflows, release.sources))
    for name in sorted(missing.keys() - set(deleted)):
        yield new_file(f"{FOLDER}/{name}", fill(missing[name], setup), release)


def _finish(
    options: UpdateOptions, workflows: Mapping[str, str], updates: Sequence[FileUpdate], *, released: bool
) -> int:
    obstacles = [each for each in updates if each.outcome in OBSTACLES]
    writable = [each for each in updates if each.after is not None and (options.conflicts or not obstacles)]
    if options.diff:
        for update in updates:
            click.echo(_diff(update), nl=False)
    _report(updates)
    written = {each.path: each.after for each in writable if each.after is not None}
    after = {**workflows, **{Path(path).name: text for path, text in written.items() if path.startswith(FOLDER)}}
    problems = list(call_problems(after))
    if not options.diff:
        for update in writable:
            _write(options.root, update)
    foreign = [name for name, text in sorted(after.items()) if f"uses: {ACTIONS}/{FOLDER}/" in text]
    _report_end(options, updates, problems, foreign)
    if not released and any(each.after for each in updates):
        click.echo(
            "\nThe commit of this wavegate is not known to be a release's. Before you merge, name one with --pin."
        )
    return int(ExitCode.FAIL if obstacles or problems else ExitCode.OK)


def _write(root: Path, update: FileUpdate) -> None:
    path, text = root / update.path, update.after or ""
    # a release file has its own line endings, a workflow has line feeds
    if "\r\n" not in text and path.is_file() and b"\r\n" in path.read_bytes():
        text = text.replace("\n", "\r\n")
    write_whole(path, text.encode("utf-8", "surrogateescape"))


def _diff(update: FileUpdate) -> str:
    """The difference as `git diff` shows it; '' if there is none, or a person must decide first."""
    if update.after is None or update.outcome is UpdateOutcome.CONFLICT:
        return ""
    old = (update.before or "").splitlines()
    names = (f"a/{update.path}" if update.before is not None else "/dev/null", f"b/{update.path}")
    lines = unified_diff(old, update.after.splitlines(), *names, lineterm="")
    return logged_lines("".join(f"{visible(line)}\n" for line in lines))


def _report(updates: Sequence[FileUpdate]) -> None:
    for update in updates:
        detail = f"  {one_line(update.detail, 400)}" if update.detail else ""
        click.echo(f"{update.outcome.value:<10}  {one_line(update.path, 200)}{detail}")
    for update in updates:
        for conflict in update.conflicts:
            click.echo(f"\n{one_line(update.path, 200)}, line {conflict.line}. Yours:")
            _show(conflict.yours)
            click.echo(f"wavegate v{__version__}:")
            _show(conflict.new)


def _show(lines: Sequence[str]) -> None:
    for line in lines[:_MAX_LINES]:
        click.echo(f"  | {one_line(line, 300)}")
    if len(lines) > _MAX_LINES:
        click.echo(f"  | and {len(lines) - _MAX_LINES} more lines")
    if not lines:
        click.echo("  | (removed)")


def _report_end(
    options: UpdateOptions, updates: Sequence[FileUpdate], problems: Sequence[str], foreign: Sequence[str]
) -> None:
    if foreign:
        click.echo(
            f"\n{one_line(join_names(foreign), 300)}: a workflow of another owner gets no environment secrets."
        )
        click.echo("Delete these callers and run `wavegate init`, which writes the workflows into this repository.")
    if problems:
        click.echo("\nGitHub would refuse these calls:")
    for problem in problems:
        click.echo(f"  {one_line(problem, 300)}")
    if any(each.outcome in OBSTACLES for each in updates) and not options.conflicts:
        click.echo(
            "\nNo file was changed. `wavegate update --conflicts` writes the files, with markers at the conflicts."
        )
    elif options.diff:
        click.echo("\nNo file was changed.")
