"""A rollback on GitHub: reads the ledger, opens one pull request, and marks the bad deployment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wavegate.cli.actions import Run
from wavegate.errors import ServiceError, WavegateError
from wavegate.git.repository import Git
from wavegate.github.branches import read_branch
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.github.managed_section import ManagedSection
from wavegate.github.proposal import Proposer
from wavegate.github.proposed import Proposal, ProposalOutcome, Proposed
from wavegate.ledger.deployment import Deployment, State
from wavegate.ledger.history import choices, earlier
from wavegate.ledger.writer import mark_failed
from wavegate.release.reference import ReleaseRef
from wavegate.rollback import pull_request as report
from wavegate.rollback.choice import choose_releases
from wavegate.rollback.prepare import (
    Result,
    RollbackDrafter,
    RollbackOptions,
    RollbackRequest,
    prepare,
    without_changes,
)
from wavegate.rollback.values import Rollback
from wavegate.text import code, one_line

_TOKEN_LOGINS = {"github-actions[bot]", "github-actions"}
"""Logins whose pull requests do not start workflows: GitHub prevents a workflow from starting itself."""


def roll_back(options: RollbackOptions, access: GitHubAccess, github: GitHub) -> Result:
    """Roll back the environment's newest deployment in the ledger. A rerun resumes where this one stopped.

    access: complete; also used to fetch commits that are missing from the checkout. github: its client.
    """
    run = access.run
    chosen = _choose(github, run.repository, options)
    request, bad = chosen.request, chosen.bad
    git = Git(options.root, credentials=access.credentials(run.repository))
    prepared = prepare(git, request)
    rollback = prepared.rollback
    if not rollback.plan.changes:
        result = without_changes(rollback, choices=chosen.choices)
        if rollback.plan.same_release or options.dry_run or _is_broken(bad):
            return result
        page = f"{run.server_url}/{run.repository}/commit/{request.base_sha}"
        description = f"Rolled back to {rollback.good.name}: already on the base"
        return replace(result, unmarked=_mark(github, bad, description, page))
    if options.dry_run:
        return Result(name="dry-run", rollback=rollback)
    branch = read_branch(github, run.repository, rollback.branch, base=rollback.base)
    drafter = RollbackDrafter(git=git, prepared=prepared)
    proposer = Proposer(
        github=github,
        repository=run.repository,
        server_url=run.server_url,
        introduction=report.ISSUE_INTRODUCTION,
    )
    author = branch.pull.author if branch.pull else chosen.viewer
    proposal = _proposal(rollback, run, checks_run=author not in _TOKEN_LOGINS)
    proposed = proposer.propose(proposal, branch, drafter)
    unmarked = _mark(github, bad, _description(rollback, proposed), proposed.url)
    return Result(name=proposed.outcome, rollback=rollback, proposed=proposed, kept=drafter.kept, unmarked=unmarked)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chosen:
    """What to roll back. viewer: the token's login. choices: other releases that were live earlier, as text."""

    request: RollbackRequest
    bad: Deployment
    viewer: str
    choices: str


def _choose(github: GitHub, repository: str, options: RollbackOptions) -> _Chosen:
    choice = choose_releases(
        github,
        repository,
        options.environment,
        base=options.base,
        manifest=options.manifest or "",
        target=options.target,
    )
    bad, good, page, deployments = choice.bad, choice.good, choice.page, choice.deployments
    request = RollbackRequest(
        environment=options.environment,
        bad=_side(bad),
        good=_side(good),
        base=page.base,
        base_sha=page.base_sha,
        onto="" if page.default else page.base,
        bad_manifest=options.manifest or (bad.release.manifest if bad.release else ""),
        good_manifest=options.manifest or (good.release.manifest if good.release else ""),
        reason=options.reason,
        incident=options.incident,
        notes=() if options.manifest else _other_manifests(deployments, bad),
    )
    others = [each for each in earlier(deployments, bad) if each.commit != good.commit]
    return _Chosen(request=request, bad=bad, viewer=page.viewer, choices=choices(others))


def _other_manifests(deployments: Sequence[Deployment], bad: Deployment) -> tuple[str, ...]:
    """A note if the environment also had releases of other manifests: the newest may not be the intended one."""
    live = (each.release.manifest for each in deployments if each.release and each.succeeded)
    others = sorted(set(live) - {bad.release.manifest if bad.release else ""})
    if not others:
        return ()
    shown, where = ", ".join(one_line(each, 100) for each in others[:5]), one_line(bad.environment, 100)
    return (f"{where} also had releases of {shown}; to roll one of them back, pass its manifest with --manifest.",)


def _proposal(rollback: Rollback, run: Run, *, checks_run: bool) -> Proposal:
    started = f"Started by {code(run.actor)} in [a workflow run]({run.url})." if run.url else ""
    key = f"rollback:{rollback.branch}"
    manual = (report.body(rollback, checks_run=True), report.brief(rollback))
    return Proposal(
        branch=rollback.branch,
        base=rollback.base,
        title=report.title(rollback),
        body=ManagedSection(key=key, text=report.body(rollback, checks_run=checks_run)),
        manual=tuple(ManagedSection(key=key, text=text) for text in manual),
        footer=started,
        reviewers=rollback.owners,
    )


def _mark(github: GitHub, bad: Deployment, description: str, page: str) -> ServiceError | None:
    """Mark the bad deployment as failed, unless it already is. Returns the error, if any: all else is done by then.

    A rejected request becomes a ServiceError too, because the rollback was made and a rerun completes it.
    """
    if any(status.state is State.FAILURE and status.log_url == page for status in bad.statuses):
        return None
    try:
        mark_failed(github, bad.id, description=description, log_url=page)
    except WavegateError as error:
        return ServiceError(
            f"The rollback is at {page}, but the bad deployment could not be marked: {error.message}",
            fix=f"{error.fix} Until then, a later rollback may consider that release good.",
        )
    return None


def _is_broken(deployment: Deployment) -> bool:
    return deployment.rolled_back or not deployment.succeeded


def _description(rollback: Rollback, proposed: Proposed) -> str:
    kind = "issue" if proposed.outcome is ProposalOutcome.ISSUE else "pull request"
    return f"Rolled back by {kind} #{proposed.number} to {rollback.good.name}"


def _side(deployment: Deployment) -> ReleaseRef:
    return ReleaseRef(
        commit=deployment.commit, name=deployment.title, deployment=deployment.id, agents=deployment.agents
    )
