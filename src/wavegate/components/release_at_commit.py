"""A release at a commit: its manifest, its scope, and the paths of its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from wavegate.components.closure import release_scope
from wavegate.components.project import read_project
from wavegate.components.scope import ReleaseScope
from wavegate.errors import InputError
from wavegate.files.schema import read_by_schema
from wavegate.findings.finding import Severity
from wavegate.findings.suggestions import suggestion
from wavegate.git.repository import CommitSource, Git
from wavegate.git.tree import Tree, content_digest
from wavegate.release.folder import FOLDER, PACKS, committed_manifest_paths
from wavegate.release.manifest import Manifest
from wavegate.release.manifest_file import build_manifest
from wavegate.release.reading import read_document
from wavegate.release.reference import ReleaseRef
from wavegate.text import join_names, one_line


@dataclass(frozen=True, kw_only=True)
class ReleaseAtCommit:
    """One release. paths: its files (components, manifest, packs), relative to the repository root."""

    tree: Tree
    manifest: Manifest
    scope: ReleaseScope
    paths: frozenset[str]


def read_release_at(git: Git, release: ReleaseRef, path: str, environment: str) -> ReleaseAtCommit:
    """Read a release at its commit, for one environment. path: the manifest's; '' finds the only manifest.

    InputError if there is no such manifest or environment, or if the manifest cannot be read.
    """
    tree = git.tree(release.commit)
    manifest = read_manifest_at(CommitSource(git, tree, prefix=git.prefix), release, path, environment)
    return ship(git, tree, manifest, environment)


def read_manifest_at(source: CommitSource, release: ReleaseRef, path: str, environment: str) -> Manifest:
    """The manifest of a release, with the environment. source: of its commit. path, errors: as `read_release_at`."""
    path = path or _only_manifest(source.paths(), release)
    data = source.read([path]).get(path)
    if data is None:
        raise InputError(
            f"Release {release.title} has no manifest at {one_line(path, 200)}.",
            fix="Give the manifest's path with --manifest.",
        )
    manifest = _parse(data, path, release)
    if manifest.environment(environment) is None:
        known = [one_line(each.name, 60) for each in manifest.environments]
        raise InputError(
            f"The manifest of release {release.title} has no environment {one_line(environment, 100)}.",
            fix=f"It has {join_names(known, 10)}.{suggestion(environment, known)}",
        )
    return manifest


def _parse(data: bytes, path: str, release: ReleaseRef) -> Manifest:
    """Read the manifest by its schema alone: a rule added later must not block a rollback to an old release."""
    document = read_document(data, path=path)
    values = read_by_schema(document, "manifest")
    if values is None:
        first = next(each for each in document.findings if each.severity is Severity.ERROR)
        raise InputError(
            f"The manifest of release {release.title} cannot be read: {first.message}",
            fix="Choose another release with --target, or another manifest with --manifest.",
        )
    return build_manifest(values, path=path, digest=document.digest)


def ship(git: Git, tree: Tree, manifest: Manifest, environment: str) -> ReleaseAtCommit:
    """The release that a manifest describes in a tree."""
    source = CommitSource(git, tree, prefix=git.prefix)
    scope = release_scope(manifest, environment, read_project(source))
    packs = tuple(f"{folder / PACKS}/" for folder in (PurePosixPath(manifest.path).parent, PurePosixPath(FOLDER)))
    own = (path for path in source.paths() if path == manifest.path or path.startswith(packs))
    paths = frozenset(git.prefix + path for path in (*scope.paths, *own))
    return ReleaseAtCommit(tree=tree, manifest=manifest, scope=scope, paths=paths)


def content_at(root: Path, commit: str, manifest: Manifest, environment: str) -> str:
    """The digest of what a release ships to an environment at a commit.

    root: folder of the checkout. '' if it is unknown: no such commit, or no Salesforce project in it.
    """
    try:
        git = Git(root)
        tree = git.tree(git.resolve(commit))
    except InputError:
        return ""
    project = read_project(CommitSource(git, tree, prefix=git.prefix))
    if project.file is None:
        return ""
    paths = release_scope(manifest, environment, project).paths
    return content_digest(tree, paths, prefix=git.prefix, versions=manifest.pinned_versions(environment))


def _only_manifest(paths: Sequence[str], release: ReleaseRef) -> str:
    manifests = committed_manifest_paths(paths)
    if len(manifests) != 1:
        raise InputError(
            f"Release {release.title} has {len(manifests)} manifests under {FOLDER}/.",
            fix="Choose one with --manifest.",
        )
    return manifests[0]
