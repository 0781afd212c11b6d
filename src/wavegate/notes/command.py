"""`wavegate notes ENV`: release notes with the changelog of prompts and instructions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import click

from wavegate.cli.actions import add_summary, set_outputs
from wavegate.cli.options import (
    Many,
    ReportFormat,
    environment_argument,
    format_option,
    manifest_option,
    root_option,
    takes,
)
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode, InputError
from wavegate.files.whole import write_whole
from wavegate.gate.decision import Decision
from wavegate.git.repository import Git
from wavegate.github.connect import GitHubAccess
from wavegate.notes.as_json import notes_json
from wavegate.notes.as_markdown import notes_markdown, release_markdown
from wavegate.notes.as_text import notes_text
from wavegate.notes.changelog import with_release
from wavegate.notes.choose import chosen
from wavegate.notes.read import StepReader, commits_named, read_live, read_releases, with_approvers
from wavegate.notes.regression import since_good
from wavegate.notes.values import LiveThere, NotedRelease, ReleaseNotes
from wavegate.release.manifest import Manifest, environment_of
from wavegate.release.reading import load_manifest
from wavegate.report.evidence import read_decisions
from wavegate.text import one_line, pluralize

_FORMS: dict[str, Callable[[ReleaseNotes], str]] = {
    "text": notes_text,
    "markdown": notes_markdown,
    "json": notes_json,
}
_MAX_CHANGELOG = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class NotesOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    start: str
    end: str
    since_good: str
    decision: tuple[str, ...]
    changelog: Path | None
    format: ReportFormat
    output: Path | None


@click.command(name="notes")
@environment_argument("NOTES")
@root_option()
@manifest_option()
@click.option(
    "--start",
    metavar="RELEASE",
    default="",
    show_default="the one before --end",
    help="The release that the first one is compared with: its name, its commit, or a date on which it was live.",
)
@click.option(
    "--end",
    metavar="RELEASE",
    default="",
    show_default="the live one",
    help="The last release, named as for --start.",
)
@click.option(
    "--since-good",
    metavar="TEST",
    default="",
    show_default="none",
    help="Compare the last decision in which this test passed with the first one after it in which it failed.",
)
@click.option(
    "--decision",
    cls=Many,
    metavar="PATH",
    show_default="none",
    help="For --since-good: a decision file of `gate`, or a folder of them.",
)
@click.option(
    "--changelog",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    show_default="none",
    help="A changelog in which each release gets a section. What people wrote around the sections stays.",
)
@format_option
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    show_default="standard output",
    help="File to write the notes to.",
)
@takes(NotesOptions)
def command(options: NotesOptions) -> int:
    """Write release notes: what changed from one release of ENV to the next, in words.

    Prompts and instructions are compared word for word, and renamed ones are followed. With GITHUB_TOKEN or GH_TOKEN,
    the releases, who approved them and their evidence are those of the ledger; else --start and --end are commits.
    """
    manifest = load_manifest(options.root, options.manifest)
    environment_of(manifest, options.environment)
    access = GitHubAccess.from_environment(options.root)
    git = Git(options.root, credentials=access.credentials())
    releases, live, repository = (
        (_since_good(options), (), _page(access)) if options.since_good else _releases(options, manifest, access, git)
    )
    reader = StepReader(git, manifest.path, options.environment)
    steps = []
    for before, after in _pairs(releases):
        click.echo(
            f"Comparing {one_line(after.name, 80)} with {one_line(before.name, 80) if before else 'nothing'}",
            err=True,
        )
        steps.append(reader.step(before, after))
    notes = ReleaseNotes(
        environment=options.environment,
        manifest=manifest.path,
        steps=tuple(reversed(steps)),
        live=live,
        repository=repository,
    )
    _write(options, notes)
    return int(ExitCode.OK)


def _releases(
    options: NotesOptions, manifest: Manifest, access: GitHubAccess, git: Git
) -> tuple[Sequence[NotedRelease], tuple[LiveThere, ...], str]:
    """The releases, oldest first, what is live, and the URL of the repository's page."""
    if not access.is_complete:
        return commits_named(git, [options.start, options.end]), (), ""
    github, run = access.client(), access.run
    known = read_releases(github, run.repository, options.environment, manifest)
    wanted = chosen(known, options.start, options.end)
    found = [with_approvers(github, run.repository, each, options.environment) for each in wanted]
    return found, read_live(github, run.repository, manifest), _page(access)


def _page(access: GitHubAccess) -> str:
    """URL of the repository's page; '' if the repository is unknown."""
    return f"{access.run.server_url}/{access.run.repository}" if access.is_complete else ""


def _since_good(options: NotesOptions) -> Sequence[NotedRelease]:
    if options.start or options.end:
        raise click.UsageError("--since-good finds the two releases itself: leave --start and --end out.")
    if not options.decision:
        raise click.UsageError("--since-good needs --decision, the decision files of earlier gates.")
    files = read_decisions(options.decision, options.root)
    decisions = [each.decision for each in files if isinstance(each.decision, Decision)]
    return [
        NotedRelease(name=each.release, commit=each.commit or "", run=each.run or "")
        for each in since_good(decisions, options.since_good)
    ]


def _pairs(releases: Sequence[NotedRelease]) -> list[tuple[NotedRelease | None, NotedRelease]]:
    if len(releases) == 1:
        return [(None, releases[0])]
    return list(pairwise(releases))


def _write(options: NotesOptions, notes: ReleaseNotes) -> None:
    text = _FORMS[options.format](notes)
    if options.output is None:
        print_report(text, options.format)
    else:
        write_whole(options.output, (text.rstrip("\n") + "\n").encode())
        click.echo(f"Wrote {one_line(str(options.output), 300)}: {pluralize(len(notes.steps), 'release')}")
    if options.changelog is not None:
        _keep(options.changelog, notes)
    add_summary(notes_markdown(notes))
    set_outputs({"release": notes.title, "notes": str(options.output or "")})


def _keep(path: Path, notes: ReleaseNotes) -> None:
    try:
        data = path.read_bytes() if path.exists() else b""
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        message = f"The changelog cannot be read: {one_line(str(error), 200)}."
        raise InputError(message, fix="Name a text file in UTF-8.", file=str(path)) from error
    if len(data) > _MAX_CHANGELOG:
        raise InputError("The changelog is larger than 16 MiB.", fix="Start a new one.", file=str(path))
    for step in reversed(notes.steps):
        section = release_markdown(step, notes.repository)
        text = with_release(text, section, release=step.after.name, commit=step.after.commit)
    if text.encode() != data:
        write_whole(path, text.encode())
