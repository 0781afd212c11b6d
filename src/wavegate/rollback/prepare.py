"""Prepares a rollback: reads both releases from git, and determines what its branch must contain.

Shared by rollbacks and their rehearsals.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from wavegate.components.release_at_commit import ReleaseAtCommit, read_release_at, ship
from wavegate.components.scope import ReleaseScope
from wavegate.errors import InputError
from wavegate.findings.finding import Severity
from wavegate.git.repository import Git
from wavegate.git.tree import Tree
from wavegate.github.proposed import ProposalOutcome
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.drafter import BranchDrafter
from wavegate.rollback.plan import branch_name, commit_message, plan_rollback, trailer
from wavegate.rollback.steps import activation, checklist, other_files, restored, touched
from wavegate.rollback.values import Result, Rollback
from wavegate.text import one_line

_NOTES = 10


@dataclass(frozen=True, kw_only=True)
class RollbackOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    target: str
    live: str
    base: str
    reason: str
    incident: str
    withdraw: bool
    activating: bool
    dry_run: bool
    local: bool
    timeout: timedelta


@dataclass(frozen=True, kw_only=True)
class RollbackRequest:
    """What to roll back.

    base: a branch's name; base_sha: its commit; onto: its name again, or '' for the default branch.
    bad_manifest, good_manifest: paths, '' for the release's only manifest. notes: for the reader.
    """

    environment: str
    bad: ReleaseRef
    good: ReleaseRef
    base: str
    base_sha: str
    onto: str = ""
    bad_manifest: str = ""
    good_manifest: str = ""
    reason: str = ""
    incident: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A rollback and its inputs. restored: the base branch's tree after the rollback."""

    rollback: Rollback
    bad: ReleaseAtCommit
    good: ReleaseAtCommit
    base: Tree
    base_sha: str
    restored: Tree
    scope: frozenset[str]


def prepare(git: Git, request: RollbackRequest) -> Prepared:
    """Plan the rollback, fetching the commits that are missing. InputError: a release cannot be read."""
    git.ensure([request.bad.commit, request.good.commit, request.base_sha])
    good = read_release_at(git, request.good, request.good_manifest, request.environment)
    bad, notes = _read_bad(git, request, good)
    base = git.tree(request.base_sha)
    scope = good.paths | bad.paths
    plan = plan_rollback(bad=bad.tree, good=good.tree, base=base, scope=scope)
    bad_sha, good_sha = request.bad.commit, request.good.commit
    branch = branch_name(request.environment, bad=bad_sha, good=good_sha, onto=request.onto)
    components = {each.id: each for each in (*bad.scope.components, *good.scope.components)}.values()
    names = touched(plan, components, prefix=git.prefix)
    pinned = good.manifest.pinned_versions(request.environment)
    rollback = Rollback(
        environment=request.environment,
        bad=request.bad,
        good=request.good,
        base=request.base,
        branch=branch,
        plan=plan,
        reason=request.reason,
        incident=request.incident,
        restored=(*restored(names), *other_files(plan, components, prefix=git.prefix)),
        checklist=(
            *checklist(bad.manifest, names, names=names),
            *activation(good=request.good, bad=request.bad, pinned=pinned, environment=request.environment),
        ),
        owners=tuple(owner.strip() for owner in bad.manifest.owners.release),
        notes=(*request.notes, *notes, *_doubts(good.scope, request.good)),
    )
    after = git.write_tree(base.sha, plan.changes) if plan.changes else base
    return Prepared(
        rollback=rollback,
        bad=bad,
        good=good,
        base=base,
        base_sha=request.base_sha,
        restored=after,
        scope=scope,
    )


def without_changes(rollback: Rollback, *, choices: str = "") -> Result:
    """The result if there is nothing to restore, with a note on why. InputError: every path that differs conflicts.

    choices: names of releases that were live earlier, plain text.
    """
    good, base = one_line(rollback.good.name, 60), one_line(rollback.base, 60)
    if rollback.plan.same_release:
        note = f"The live release ships the same files as {good}. To go further back, name a release with --target"
        note += f": {choices}." if choices else "."
        rollback = replace(rollback, restored=(), checklist=())
    elif rollback.plan.conflicts:
        raise _only_conflicts(rollback, base)
    else:
        note = f"{base} already has the files of {good}: promote it to {one_line(rollback.environment, 60)}."
    return Result(name=ProposalOutcome.UNCHANGED, rollback=replace(rollback, notes=(note, *rollback.notes)))


def _only_conflicts(rollback: Rollback, base: str) -> InputError:
    paths = rollback.plan.conflicts
    shown = ", ".join(one_line(path, 200) for path in paths[:_NOTES])
    more = f" and {len(paths) - _NOTES} more" if len(paths) > _NOTES else ""
    return InputError(
        f"Nothing can be restored: every path that differs changed on {base} after the bad release: {shown}{more}.",
        fix=f"If {base} is fixed, promote it. Otherwise restore manually: "
        f"git restore --source {rollback.good.commit} -- PATH",
    )


def rollback_drafter(git: Git, prepared: Prepared) -> BranchDrafter:
    """Drafts the commits of the rollback's branch."""
    rollback = prepared.rollback
    bad, good = rollback.bad.commit, rollback.good.commit
    return BranchDrafter(
        git=git,
        base=prepared.base,
        base_sha=prepared.base_sha,
        target=prepared.restored,
        scope=prepared.scope,
        known=(prepared.good.tree, prepared.base),
        mark=trailer(bad=bad, good=good),
        message=commit_message(rollback.environment, bad=bad, good=good),
        doing="rollback",
    )


def _read_bad(git: Git, request: RollbackRequest, good: ReleaseAtCommit) -> tuple[ReleaseAtCommit, list[str]]:
    """The bad release. If its manifest is broken, the good release's manifest is applied to its files."""
    try:
        return read_release_at(git, request.bad, request.bad_manifest, request.environment), []
    except InputError as error:
        tree = git.tree(request.bad.commit)
        shipped = ship(git, tree, good.manifest, request.environment)
        return shipped, [
            f"{error.message} Components that only the bad release ships are not removed: check them manually."
        ]


def _doubts(scope: ReleaseScope, side: ReleaseRef) -> list[str]:
    """What could not be resolved in the release to restore: its files may be incomplete."""
    errors = [each.message for each in scope.findings if each.severity is Severity.ERROR]
    more = [f"{len(errors) - _NOTES} more such findings."] if len(errors) > _NOTES else []
    return [f"In {side.title}: {message}" for message in errors[:_NOTES]] + more
