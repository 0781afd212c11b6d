"""A rollback without GitHub: the same plan, as a local branch. The work tree is not changed."""

from dataclasses import replace

from wavegate.errors import InputError
from wavegate.git.repository import Git
from wavegate.github.proposed import ProposalOutcome
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.prepare import (
    Prepared,
    RollbackOptions,
    RollbackRequest,
    prepare,
    rollback_drafter,
    without_changes,
)
from wavegate.rollback.values import Result


def roll_back_locally(options: RollbackOptions) -> Result:
    """Roll back from the commit in --live to the one in --target."""
    if not options.target:
        raise InputError(
            "Without GitHub, the last known good release is unknown.",
            fix="Name the good commit with --target, and the bad one with --live. With GITHUB_TOKEN and without "
            "--local, the ledger knows both.",
        )
    git = Git(options.root)
    base_sha = git.resolve_branch(options.base) if options.base else git.resolve("HEAD")
    bad, good = git.resolve(options.live or "HEAD"), git.resolve(options.target)
    prepared = prepare(
        git,
        RollbackRequest(
            environment=options.environment,
            bad=ReleaseRef(commit=bad, name=bad[:12]),
            good=ReleaseRef(commit=good, name=options.target),
            base=options.base or git.current_branch(),
            base_sha=base_sha,
            bad_manifest=options.manifest or "",
            good_manifest=options.manifest or "",
            reason=options.reason,
            incident=options.incident,
        ),
    )
    rollback = prepared.rollback
    if not rollback.plan.changes:
        return without_changes(rollback)
    if options.dry_run:
        return Result(name="dry-run", rollback=rollback)
    return _write_locally(git, prepared)


def _write_locally(git: Git, prepared: Prepared) -> Result:
    rollback = prepared.rollback
    drafter = rollback_drafter(git, prepared)
    if not drafter.write_locally(rollback.branch):
        return Result(name=ProposalOutcome.UNCHANGED, rollback=rollback, kept=drafter.kept)
    push = f"Review it, then push it: git push origin {rollback.branch}"
    return Result(name="local", rollback=replace(rollback, notes=(*rollback.notes, push)), kept=drafter.kept)
