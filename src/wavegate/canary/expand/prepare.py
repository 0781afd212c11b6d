"""Prepares an expansion: reads the manifest on the base branch, and determines what its branch must contain."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from wavegate.canary.expand.branch import commit_message, trailer
from wavegate.canary.expand.manifest_edit import edit_manifest
from wavegate.canary.expand.next_step import PendingStep, next_step
from wavegate.canary.expand.values import Expansion, FlowEdit
from wavegate.components.component import ComponentId, Project
from wavegate.components.flow_constants import constant_value, set_constant
from wavegate.components.project import read_project
from wavegate.errors import InputError
from wavegate.git.repository import CommitSource, Git
from wavegate.git.tree import REGULAR_MODES, Tree, TreeChange, TreeEntry
from wavegate.pilot.cohorts import project_principals, resolve_cohorts
from wavegate.promotion.expansion.branch import step_branch
from wavegate.release.manifest import Cohort, Environment, Manifest, Strategy, environment_of
from wavegate.release.reading import committed_manifest, read_committed
from wavegate.rollback.drafter import BranchDrafter
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True)
class Base:
    """The base branch. name: such as `main`. sha: its commit. manifest: as it is there."""

    git: Git
    name: str
    sha: str
    tree: Tree
    source: CommitSource
    manifest: Manifest
    environment: Environment

    @property
    def step(self) -> PendingStep | None:
        """The next step; None if none is left."""
        return next_step(self.environment)


def read_base(git: Git, *, name: str, sha: str, manifest: str | None, environment: str) -> Base:
    """The base branch's manifest. manifest: path, None for the only one. Raises InputError."""
    git.ensure([sha])
    tree = git.tree(sha)
    source = CommitSource(git, tree, prefix=git.prefix)
    found = committed_manifest(source, manifest)
    return Base(
        git=git,
        name=name,
        sha=sha,
        tree=tree,
        source=source,
        manifest=found,
        environment=environment_of(found, environment),
    )


def prepare_expansion(base: Base, *, content: str, was_live: bool, live: CommitSource | None = None) -> Expansion:
    """The next step as the files that it changes.

    content: digest of what the pilot ships. was_live: whether everybody has an earlier release. live: the commit of
    that one, from which routing flows get their values back in the last step. InputError: a file cannot be edited.
    """
    step = base.step
    if step is None:
        raise ValueError("no step is left")
    manifest, environment = base.manifest, base.environment
    data = read_committed(base.source, manifest.path)
    project = read_project(base.source)
    edits = list(_flow_edits(base, project, step, live))
    files = {manifest.path: edit_manifest(data, path=manifest.path, environment=environment.name, step=step)}
    files |= _edited_flows(base, edits)
    joining = replace(environment, pilot_users=step.joining or ())
    return Expansion(
        manifest=manifest,
        environment=environment.name,
        step=step,
        content=content,
        base=base.name,
        branch=step_branch(environment.name, release=manifest.release, content=content, step=step.number),
        cohorts=resolve_cohorts(manifest, joining, project_principals(project), was_live=was_live),
        flows=tuple(edits),
        files={
            base.git.prefix + path: new for path, new in files.items() if new != read_committed(base.source, path)
        },
    )


def drafter_of(base: Base, expansion: Expansion) -> BranchDrafter:
    """Drafts the commits of an expansion's branch. New contents are written as local objects."""
    git, tree = base.git, base.tree
    blobs = {path: git.write_blob(data) for path, data in expansion.files.items()}
    changes = [
        TreeChange(path=path, entry=TreeEntry(mode=tree.files[path].mode, sha=blob)) for path, blob in blobs.items()
    ]
    return BranchDrafter(
        git=git,
        base=tree,
        base_sha=base.sha,
        target=git.write_tree(tree.sha, changes),
        scope=frozenset(expansion.files),
        known=(tree,),
        mark=trailer(content=expansion.content, step=expansion.step),
        message=commit_message(expansion.environment, content=expansion.content, step=expansion.step),
        doing="expansion",
        contents={blob: expansion.files[path] for path, blob in blobs.items()},
        follows_base=False,
    )


def _flow_edits(base: Base, project: Project, step: PendingStep, live: CommitSource | None) -> Iterator[FlowEdit]:
    """What the step sets in routing flows: the values of cohorts that join, in the last step the live release's."""
    names = step.joining if step.joining is not None else base.environment.pilot_users
    for cohort in _routed(base.manifest, names):
        path = _flow_path(base, project, cohort)
        constant = cohort.constant or ""
        value = _live_value(live, path, constant) if step.joining is None else cohort.value
        if value is not None:
            yield FlowEdit(flow=cohort.flow or "", constant=constant, value=value, path=path)


def _routed(manifest: Manifest, names: Iterable[str]) -> Iterator[Cohort]:
    known = {each.name: each for each in manifest.cohorts}
    for name in names:
        cohort = known.get(name)
        if cohort and cohort.strategy is Strategy.ROUTING_FLOW:
            if not cohort.flow or not cohort.constant or cohort.value is None:
                raise InputError(
                    f"The routing flow of the cohort {one_line(name, 100)} has no name, no constant or no value.",
                    fix="Name all three under `cohorts` in the manifest.",
                    file=manifest.path,
                )
            yield cohort


def _flow_path(base: Base, project: Project, cohort: Cohort) -> str:
    flow = project.find(ComponentId(type="Flow", name=cohort.flow or ""))
    entry = base.source.entry(flow.path) if flow else None
    if flow is None or entry is None or entry.mode not in REGULAR_MODES:
        raise InputError(
            f"{base.name} has no flow {one_line(cohort.flow or '', 80)}, which leads the cohort"
            f" {one_line(cohort.name, 100)} to the copy.",
            fix="Correct `flow` of the cohort in the manifest, or add the flow.",
            file=base.manifest.path,
        )
    return flow.path


def _live_value(live: CommitSource | None, path: str, constant: str) -> float | str | None:
    data = live.read([path]).get(path) if live else None
    try:
        return constant_value(data, path=path, constant=constant) if data else None
    except InputError:
        return None


def _edited_flows(base: Base, edits: Iterable[FlowEdit]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for edit in edits:
        data = files.get(edit.path) or read_committed(base.source, edit.path)
        files[edit.path] = set_constant(data, path=edit.path, constant=edit.constant, value=edit.value)
    return files
