"""An expansion without GitHub: the same change, as a local branch. The work tree is not changed."""

from dataclasses import replace

from wavegate.canary.expand.decision_check import given_decision
from wavegate.canary.expand.options import ExpandOptions
from wavegate.canary.expand.prepare import drafter_of, prepare_expansion, read_base
from wavegate.canary.expand.values import ExpandResult
from wavegate.components.release_at_commit import content_at
from wavegate.git.repository import Git


def expand_locally(options: ExpandOptions) -> ExpandResult:
    """The next step on top of a local branch. What runs in the org is not known, so the manifest alone decides."""
    git = Git(options.root)
    base = read_base(
        git,
        name=options.base or git.current_branch(),
        sha=git.resolve_branch(options.base) if options.base else git.resolve("HEAD"),
        manifest=options.manifest,
        environment=options.environment,
    )
    decision = given_decision(options, base.manifest)
    result = ExpandResult(name="complete", environment=base.environment.name)
    if base.step is None:
        return replace(result, why="The canary has taken its last step.", fix="There is nothing to expand.")
    content = content_at(options.root, base.sha, base.manifest, base.environment.name)
    if decision and content and decision.content != content:
        return replace(
            result,
            name="waiting",
            why="The decision is about another release than the branch has.",
            fix="Check out the pilot's commit, or look again.",
        )
    expansion = replace(
        prepare_expansion(base, content=content or "0" * 64, was_live=True),
        decision=decision,
        override=options.reason,
    )
    result = replace(result, name="dry-run", expansion=expansion)
    if options.dry_run:
        return result
    drafter = drafter_of(base, expansion)
    is_new = drafter.write_locally(expansion.branch)
    return replace(result, name="local" if is_new else "unchanged", kept=drafter.kept)
