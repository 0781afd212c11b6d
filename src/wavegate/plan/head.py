"""The checked-out commit as the source of everything that a promotion ships.

A work tree may lack files, hold uncommitted ones, and convert line endings; only the commit says what was approved.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wavegate.components.closure import release_scope
from wavegate.components.component import Project
from wavegate.components.force_ignore import FILE
from wavegate.components.project import read_project
from wavegate.components.scope import ReleaseScope
from wavegate.errors import InputError
from wavegate.files.source import PROJECT_FILE
from wavegate.findings.finding import Finding, Locate, Location, warning
from wavegate.git.checkout import read_work_tree
from wavegate.git.repository import CommitSource, Git
from wavegate.git.tree import Tree, content_digest
from wavegate.release.folder import FOLDER, committed_manifest_paths
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Pack
from wavegate.release.reading import committed_manifest, committed_packs, read_committed, read_document
from wavegate.text import join_names, pluralize

_NAMED = 10
"""Maximum files that a message names."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The checked-out commit of a folder.

    tree: of the whole repository. prefix: the folder's path in it, '' or with a trailing slash. source: the commit's
    files below the folder. project: the Salesforce project there. uncommitted: files that a promotion would ship or
    read, whose uncommitted changes are not part of it.
    """

    root: Path
    commit: str
    tree: Tree
    prefix: str
    source: CommitSource
    project: Project
    uncommitted: tuple[str, ...] = ()
    _scopes: dict[tuple[str, str], ReleaseScope] = field(default_factory=dict, init=False, repr=False, compare=False)

    def manifest(self, path: str | None = None) -> Manifest:
        """The manifest at a path of the commit, or the only one under `agentforce/`. Raises InputError."""
        return committed_manifest(self.source, path and self._relative(path))

    def packs(self, paths: Sequence[str] = ()) -> tuple[Pack, ...]:
        """The packs at paths of the commit, or all of `agentforce/packs/`. Raises InputError."""
        return committed_packs(self.source, [self._relative(path) for path in paths])

    def uncommitted_findings(self, manifest: Manifest) -> tuple[Finding, ...]:
        """A warning that names the uncommitted changes, if there are any."""
        if not self.uncommitted:
            return ()
        message = f"Uncommitted changes are not part of this promotion: {join_names(self.uncommitted, _NAMED)}."
        place = Location(file=manifest.path)
        return (warning("plan/uncommitted", place, message, "Commit them, then run the command again."),)

    def scope(self, manifest: Manifest, environment: str) -> ReleaseScope:
        """What the commit ships to an environment, with findings at their places in its manifest; found once."""
        key = (manifest.path, environment)
        if key not in self._scopes:
            self._scopes[key] = release_scope(manifest, environment, self.project, self.locate(manifest))
        return self._scopes[key]

    def locate(self, file: Manifest | Pack) -> Locate:
        """Finds the entries of one of the commit's files."""
        return read_document(read_committed(self.source, file.path), path=file.path).locate

    def content(self, manifest: Manifest, environment: str) -> str:
        """The digest of what the commit ships to an environment."""
        paths, versions = self.scope(manifest, environment).paths, manifest.pinned_versions(environment)
        return content_digest(self.tree, paths, prefix=self.prefix, versions=versions)

    def _relative(self, path: str) -> str:
        return os.path.normpath(os.path.relpath(self.root / path, self.root))


def read_head(root: Path) -> Head:
    """The checked-out commit of a folder.

    InputError: the folder is in no git repository, has no commit or no Salesforce project, or its work tree lacks
    files that a promotion could ship.
    """
    git = Git(root)
    commit = git.resolve("HEAD")
    tree = git.tree(commit)
    source = CommitSource(git, tree, prefix=git.prefix)
    project = read_project(source)
    if project.file is None:
        message = "The checked-out commit has no sfdx-project.json, so it is unknown what the release ships."
        fix = "Name the project's folder with --root, or commit the Salesforce project."
        if not committed_manifest_paths(source.paths()):
            fix += " Before the first release, run `wavegate init`."
        raise InputError(message, fix=fix)
    relevant = _relevant(project.file, project.directories)
    work_tree = read_work_tree(root, prefix=git.prefix)
    if missing := [path for path in work_tree.missing if path.startswith(relevant)]:
        raise _incomplete(missing)
    return Head(
        root=root.absolute(),
        commit=commit,
        tree=tree,
        prefix=git.prefix,
        source=source,
        project=project,
        uncommitted=tuple(path for path in work_tree.changed if path.startswith(relevant)),
    )


def _relevant(file: str, directories: Sequence[str]) -> tuple[str, ...]:
    """Beginnings of the paths that a promotion ships or reads."""
    return (*directories, f"{FOLDER}/", file, file.removesuffix(PROJECT_FILE) + FILE)


def _incomplete(missing: Sequence[str]) -> InputError:
    return InputError(
        f"The work tree lacks {pluralize(len(missing), 'file')} of the checked-out commit: "
        f"{join_names(missing, _NAMED)}.",
        fix="Check out all files (in actions/checkout, without `sparse-checkout`), or restore them: git restore . "
        "To delete a component, commit its deletion.",
    )
