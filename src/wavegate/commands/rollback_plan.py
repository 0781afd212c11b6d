"""From two commits to a rollback: reads both releases out of git, and says what a branch must hold.

Shared by the commands that roll back and those that rehearse it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from wavegate.adapters.git import CommitSource, Git
from wavegate.adapters.manifest_file import build_manifest
from wavegate.adapters.release_files import read_document
from wavegate.adapters.release_folder import FOLDER, PACKS, in_packs
from wavegate.adapters.salesforce.project import read_project
from wavegate.adapters.schema import read_by_schema
from wavegate.core.closure import release_scope
from wavegate.core.rollback import (
    branch_name,
    commit_message,
    keep_edits,
    made_by_us,
    plan_rollback,
    splice,
    trailer,
)
from wavegate.core.rollback_steps import checklist, order
from wavegate.errors import InputError
from wavegate.model.finding import Severity
from wavegate.model.manifest import Manifest
from wavegate.model.proposal import Branch, Draft
from wavegate.model.rollback import Rollback, Side
from wavegate.model.scope import ReleaseScope
from wavegate.model.tree import Tree
from wavegate.text import one_line

_NOTES = 10


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be rolled back. base: a branch's name; base_sha: its commit; *_manifest: paths, '' to look for."""

    environment: str
    bad: Side
    good: Side
    base: str
    base_sha: str
    bad_manifest: str = ""
    good_manifest: str = ""
    reason: str = ""
    incident: str = ""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A rollback with the trees behind it. restored: what the base branch becomes."""

    rollback: Rollback
    base: Tree
    base_sha: str
    good: Tree
    restored: Tree
    scope: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class _Shipped:
    """A release as a commit holds it. paths: its files, from the repository's top."""

    tree: Tree
    manifest: Manifest
    scope: ReleaseScope
    paths: frozenset[str]


def prepare(git: Git, request: Request) -> Prepared:
    """Plan the rollback; what git lacks of the commits is fetched. InputError where a release cannot be read."""
    git.ensure([request.bad.commit, request.good.commit, request.base_sha])
    good = _read(git, request.good, request.good_manifest, request.environment)
    bad, notes = _read_bad(git, request, good)
    base = git.tree(request.base_sha)
    scope = good.paths | bad.paths
    plan = plan_rollback(bad=bad.tree, good=good.tree, base=base, scope=scope)
    branch = branch_name(request.environment, bad=request.bad.commit, good=request.good.commit)
    components = {each.id: each for each in (*bad.scope.components, *good.scope.components)}.values()
    rollback = Rollback(
        environment=request.environment,
        bad=request.bad,
        good=request.good,
        base=request.base,
        branch=branch,
        plan=plan,
        reason=request.reason,
        incident=request.incident,
        order=order(plan, components, request.good, request.environment, bad.manifest, prefix=git.prefix),
        checklist=checklist(bad.manifest, bad.scope.kinds | good.scope.kinds),
        owners=bad.manifest.owners.release,
        notes=(*notes, *_doubts(good.scope, request.good)),
    )
    restored = git.write_tree(base.sha, plan.changes) if plan.changes else base
    return Prepared(
        rollback=rollback, base=base, base_sha=request.base_sha, good=good.tree, restored=restored, scope=scope
    )


@dataclass(kw_only=True)
class RollbackDrafter:
    """Says what to commit to the rollback's branch as it is now. kept: paths where an edit of others was kept."""

    git: Git
    prepared: Prepared
    kept: tuple[str, ...] = field(default=(), init=False)

    def __call__(self, branch: Branch, *, renew: bool = False) -> Draft | None:
        """The commit to make, or None where the branch is as it should be.

        The base branch is the last parent, so that merging the branch gives just its tree. A branch that others
        have committed to gets only what they did not touch, and keeps its own history.
        """
        prepared, rollback = self.prepared, self.prepared.rollback
        if branch.head is None:
            return self._draft(prepared.restored, over=prepared.base, parents=(prepared.base_sha,))
        made = made_by_us(branch.commits, trailer(bad=rollback.bad.commit, good=rollback.good.commit))
        if made is None:
            raise InputError(
                f"Branch {branch.name} is there, but wavegate did not make it.",
                fix="Rename or delete it, then run the rollback again.",
            )
        self.git.ensure([branch.head, made])
        head = self.git.tree(branch.head)
        in_use = branch.pull is not None or not branch.had_pulls
        if branch.head != made and in_use and not renew:
            return self._beside_edits(head, made=self.git.tree(made), parent=branch.head)
        if head.sha == prepared.restored.sha and not renew:
            return None
        return self._draft(prepared.restored, over=prepared.base, parents=(branch.head, prepared.base_sha))

    def _beside_edits(self, head: Tree, *, made: Tree, parent: str) -> Draft | None:
        changes, self.kept = keep_edits(self.prepared.restored, head=head, made=made, scope=self.prepared.scope)
        return self._draft(self.git.write_tree(head.sha, changes), over=head, parents=(parent,)) if changes else None

    def _draft(self, tree: Tree, *, over: Tree, parents: tuple[str, ...]) -> Draft:
        rollback = self.prepared.rollback
        return Draft(
            tree=tree.sha,
            base_tree=over.sha,
            changes=splice(over, tree, (self.prepared.good, self.prepared.base)),
            parents=parents,
            message=commit_message(rollback.environment, bad=rollback.bad.commit, good=rollback.good.commit),
        )


def _read_bad(git: Git, request: Request, good: _Shipped) -> tuple[_Shipped, list[str]]:
    """The bad release; where its manifest is what is broken, the good one's names are looked up in its files."""
    try:
        return _read(git, request.bad, request.bad_manifest, request.environment), []
    except InputError as error:
        tree = git.tree(request.bad.commit)
        shipped = _ship(git, tree, good.manifest, request.environment)
        return shipped, [f"{error.message} What only the bad release ships is not removed: check it by hand."]


def _read(git: Git, side: Side, path: str, environment: str) -> _Shipped:
    tree = git.tree(side.commit)
    source = CommitSource(git, tree, prefix=git.prefix)
    path = path or _only_manifest(source.paths(), side)
    data = source.read([path]).get(path)
    if data is None:
        raise InputError(
            f"Release {_named(side)} has no manifest at {one_line(path, 200)}.", fix="Name it with --manifest."
        )
    manifest = _parse(data, path, side)
    if manifest.environment(environment) is None:
        raise InputError(
            f"The manifest of release {_named(side)} has no environment {one_line(environment, 100)}.",
            fix="Check the environment's name, or name another release with --to.",
        )
    return _ship(git, tree, manifest, environment)


def _parse(data: bytes, path: str, side: Side) -> Manifest:
    """The manifest by its schema alone: a rule that came later must not keep an old release from coming back."""
    document = read_document(data, path=path)
    values = read_by_schema(document, "manifest")
    if values is None:
        first = next(each for each in document.findings if each.severity is Severity.ERROR)
        raise InputError(
            f"The manifest of release {_named(side)} cannot be read: {first.message}",
            fix="Name another release with --to, or another manifest with --manifest.",
        )
    return build_manifest(values, path=path, digest=document.digest)


def _ship(git: Git, tree: Tree, manifest: Manifest, environment: str) -> _Shipped:
    source = CommitSource(git, tree, prefix=git.prefix)
    scope = release_scope(manifest, environment, read_project(source))
    packs = tuple(f"{folder / PACKS}/" for folder in (PurePosixPath(manifest.path).parent, PurePosixPath(FOLDER)))
    own = (path for path in source.paths() if path == manifest.path or path.startswith(packs))
    paths = frozenset(git.prefix + path for path in (*scope.paths, *own))
    return _Shipped(tree=tree, manifest=manifest, scope=scope, paths=paths)


def _only_manifest(paths: Iterable[str], side: Side) -> str:
    found = [
        path
        for path in paths
        if path.startswith(f"{FOLDER}/") and path.endswith((".yml", ".yaml")) and not in_packs(path)
    ]
    if len(found) != 1:
        raise InputError(
            f"Release {_named(side)} has {len(found)} manifests under {FOLDER}/.", fix="Name one with --manifest."
        )
    return found[0]


def _doubts(scope: ReleaseScope, side: Side) -> list[str]:
    """What could not be resolved in the release that comes back: its files may be incomplete."""
    errors = [each.message for each in scope.findings if each.severity is Severity.ERROR]
    more = [f"{len(errors) - _NOTES} more such findings."] if len(errors) > _NOTES else []
    return [f"In {_named(side)}: {message}" for message in errors[:_NOTES]] + more


def _named(side: Side) -> str:
    return f"{one_line(side.name, 60)} ({side.commit[:12]})"
