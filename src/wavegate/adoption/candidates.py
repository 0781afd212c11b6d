"""The commits that an org may run: each with its release, read from git."""

from collections.abc import Callable
from dataclasses import dataclass
from posixpath import dirname

from wavegate.adoption.units import units_of
from wavegate.adoption.values import Unit
from wavegate.components.closure import release_scope
from wavegate.components.component import Project
from wavegate.components.project import read_project
from wavegate.components.release_at_commit import read_manifest_at
from wavegate.components.scope import ReleaseScope
from wavegate.errors import InputError
from wavegate.files.source import PROJECT_FILE
from wavegate.git.repository import CommitSource, Git
from wavegate.git.tree import content_digest
from wavegate.plan.scripts import released_agents
from wavegate.release.manifest import Agent, Manifest
from wavegate.release.reference import ReleaseRef
from wavegate.text import pluralize

_PROGRESS = 10
"""Commits after which a line says how many have been read."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A commit and what it ships to an environment.

    manifest: the commit's own if has_manifest, else the one of the checked-out commit. content: digest of what it
    ships. agents: with the versions that it ships; None for one that a script decides.
    """

    commit: str
    source: CommitSource
    project: Project
    manifest: Manifest
    has_manifest: bool
    scope: ReleaseScope
    content: str
    agents: tuple[Agent, ...]
    units: tuple[Unit, ...]


def read_candidates(
    git: Git, manifest: Manifest, environment: str, *, commit: str | None, search: int, tell: Callable[[str], None]
) -> tuple[Candidate, ...]:
    """The checked-out commit and those before it along first parents that change what a release may ship.

    Of those with the same content, only the newest; newest first. manifest: of the checked-out commit. commit: the
    only one to read, None for all. search: how many commits to read. InputError: the named commit ships nothing.
    """
    if commit:
        only = read_candidate(git, commit, manifest, environment)
        if only is None:
            message = f"Commit {commit[:12]} has no Salesforce project, or ships nothing to {environment}."
            raise InputError(message, fix="Name another commit with --commit.")
        return (only,)
    found: dict[str, Candidate] = {}
    commits = _commits(git, manifest, search, tell)
    for number, each in enumerate(commits):
        if number and number % _PROGRESS == 0:
            tell(f"Read {number} of {len(commits)}")
        candidate = read_candidate(git, each, manifest, environment)
        if candidate:
            found.setdefault(candidate.content, candidate)
    if not found:
        raise InputError(f"No commit ships anything to {environment}.", fix="Check the manifest's environment.")
    return tuple(found.values())


def read_candidate(git: Git, commit: str, manifest: Manifest, environment: str) -> Candidate | None:
    """A commit's release to an environment; None if the commit has no Salesforce project or ships nothing."""
    git.ensure([commit])
    tree = git.tree(commit)
    source = CommitSource(git, tree, prefix=git.prefix)
    own = _own_manifest(source, commit, manifest.path, environment)
    project = read_project(source)
    if project.file is None:
        return None
    scope = release_scope(own or manifest, environment, project)
    units = units_of(scope.components)
    if not units:
        return None
    versions = (own or manifest).pinned_versions(environment)
    return Candidate(
        commit=commit,
        source=source,
        project=project,
        manifest=own or manifest,
        has_manifest=own is not None,
        scope=scope,
        content=content_digest(tree, scope.paths, prefix=git.prefix, versions=versions),
        agents=released_agents((own or manifest).agents_in(environment), project),
        units=units,
    )


def _own_manifest(source: CommitSource, commit: str, path: str, environment: str) -> Manifest | None:
    try:
        return read_manifest_at(source, ReleaseRef(commit=commit, name=commit), path, environment)
    except InputError:
        return None


def _commits(git: Git, manifest: Manifest, search: int, tell: Callable[[str], None]) -> list[str]:
    head = git.resolve("HEAD")
    project = read_project(CommitSource(git, git.tree(head), prefix=git.prefix))
    folders = [*project.directories, dirname(manifest.path), project.file or PROJECT_FILE]
    older = [each for each in git.first_parents(head, folders, search) if each != head]
    note = "; the checkout is shallow, so there may be older ones" if git.is_shallow() else ""
    tell(f"Reading the releases of {pluralize(1 + len(older[: search - 1]), 'commit')}{note}")
    return [head, *older[: search - 1]]
