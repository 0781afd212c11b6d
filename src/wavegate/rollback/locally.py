"""A rollback without GitHub: the same plan, as a local branch. The work tree is not changed."""

from dataclasses import replace

from wavegate.errors import InputError
from wavegate.git.repository import Git
from wavegate.github.proposed import Branch, ProposalOutcome
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.prepare import (
    Prepared,
    Result,
    RollbackDrafter,
    RollbackOptions,
    RollbackRequest,
    prepare,
    without_changes,
)


def roll_back_locally(asked: RollbackOptions) -> Result:
    """Roll back from one commit to another that --live and --target name."""
    if not asked.target:
        raise InputError("Without GitHub, it is unknown what was live.", fix="Name the good commit with --target.")
    git = Git(asked.root)
    base_sha = git.resolve(asked.base or "HEAD")
    bad, good = git.resolve(asked.live or "HEAD"), git.resolve(asked.target)
    prepared = prepare(
        git,
        RollbackRequest(
            environment=asked.environment,
            bad=ReleaseRef(commit=bad, name=bad[:12]),
            good=ReleaseRef(commit=good, name=asked.target),
            base=asked.base or git.current_branch(),
            base_sha=base_sha,
            bad_manifest=asked.manifest or "",
            good_manifest=asked.manifest or "",
            reason=asked.reason,
            incident=asked.incident,
        ),
    )
    rollback = prepared.rollback
    if not rollback.plan.changes:
        return without_changes(rollback)
    if asked.dry_run:
        return Result(name="dry-run", rollback=rollback)
    return _write_locally(git, prepared)


def _write_locally(git: Git, prepared: Prepared) -> Result:
    rollback = prepared.rollback
    branch = Branch(name=rollback.branch, head=git.branch_head(rollback.branch), commits=git.history(rollback.branch))
    drafter = RollbackDrafter(git=git, prepared=prepared)
    draft = drafter(branch)
    if draft is None:
        return Result(name=ProposalOutcome.UNCHANGED, rollback=rollback, kept=drafter.kept)
    commit = git.commit_tree(draft.tree, parents=draft.parents, message=draft.message)
    git.move_branch(rollback.branch, commit, expected=branch.head)
    push = f"Review it, then push it: git push origin {rollback.branch}"
    return Result(name="local", rollback=replace(rollback, notes=(*rollback.notes, push)), kept=drafter.kept)
