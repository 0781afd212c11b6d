"""A rollback on GitHub: reads the ledger, opens one pull request, and marks the bad deployment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wavegate.cli.actions import Run
from wavegate.errors import InputError, ServiceError, WavegateError
from wavegate.git.repository import Git
from wavegate.github.branches import read_branch
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.github.managed_section import ManagedSection
from wavegate.github.proposal import Proposer
from wavegate.github.proposed import Proposal, ProposalOutcome, Proposed
from wavegate.ledger.deployment import Deployment, State
from wavegate.ledger.history import choices, earlier, last_known_good, named, never_live, newest_attempt, none_good
from wavegate.ledger.reader import read_ledger
from wavegate.ledger.writer import mark_failed
from wavegate.release.reference import ReleaseRef
from wavegate.rollback import pull_request as report
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
"""Logins whose pull requests start no workflows, so that a workflow cannot start itself."""


def roll_back(asked: RollbackOptions, access: GitHubAccess, github: GitHub) -> Result:
    """Roll back what the ledger says is live. Run again, it resumes where it stopped.

    access: complete; what the checkout lacks is fetched with it too. github: its client.
    """
    run = access.run
    chosen = _choose(github, run.repository, asked)
    request, bad = chosen.request, chosen.bad
    git = Git(asked.root, credentials=access.credentials(run.repository))
    prepared = prepare(git, request)
    rollback = prepared.rollback
    if not rollback.plan.changes:
        result = without_changes(rollback, choices=chosen.choices)
        if rollback.plan.same_release or asked.dry_run or _is_broken(bad):
            return result
        page = f"{run.server_url}/{run.repository}/commit/{request.base_sha}"
        description = f"Rolled back to {rollback.good.name}: already on the base"
        return replace(result, unmarked=_mark(github, bad, description, page))
    if asked.dry_run:
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
    """What is to be rolled back, who asks for it, and which other releases were live earlier."""

    request: RollbackRequest
    bad: Deployment
    viewer: str
    choices: str


def _choose(github: GitHub, repository: str, asked: RollbackOptions) -> _Chosen:
    """The bad release and the good one, from as many pages of the ledger as necessary."""
    deployments: list[Deployment] = []
    bad = good = None
    for page in read_ledger(github, repository, asked.environment, base=asked.base):
        deployments += page.deployments
        bad = newest_attempt(deployments, manifest=asked.manifest or None)
        if bad:
            good = named(deployments, bad, asked.target) if asked.target else last_known_good(deployments, bad)
        if good:
            break
    if bad is None or good is None:
        raise _none_found(asked, deployments, bad)
    request = RollbackRequest(
        environment=asked.environment,
        bad=_side(bad),
        good=_side(good),
        base=page.base,
        base_sha=page.base_sha,
        onto="" if page.default else page.base,
        bad_manifest=asked.manifest or (bad.release.manifest if bad.release else ""),
        good_manifest=asked.manifest or (good.release.manifest if good.release else ""),
        reason=asked.reason,
        incident=asked.incident,
        notes=() if asked.manifest else _other_manifests(deployments, bad),
    )
    others = [each for each in earlier(deployments, bad) if each.commit != good.commit]
    return _Chosen(request=request, bad=bad, viewer=page.viewer, choices=choices(others))


def _other_manifests(deployments: Sequence[Deployment], bad: Deployment) -> tuple[str, ...]:
    """A note where the environment also had releases of other manifests: the newest may not be the intended one."""
    live = (each.release.manifest for each in deployments if each.release and each.succeeded)
    others = sorted(set(live) - {bad.release.manifest if bad.release else ""})
    if not others:
        return ()
    shown, where = ", ".join(one_line(each, 100) for each in others[:5]), one_line(bad.environment, 100)
    return (f"{where} also had releases of {shown}; to roll one of them back, name it with --manifest.",)


def _none_found(asked: RollbackOptions, deployments: Sequence[Deployment], bad: Deployment | None) -> InputError:
    if bad is None:
        return InputError(
            f"wavegate has not deployed any release to {one_line(asked.environment, 100)}.",
            fix="Check the environment's name and --manifest, or roll back with --local, --live and --target.",
        )
    return never_live(deployments, bad, asked.target) if asked.target else none_good(deployments, bad)


def _proposal(rollback: Rollback, run: Run, *, checks_run: bool) -> Proposal:
    started = f"Started by {code(run.actor)} in [a workflow run]({run.url})." if run.url else ""
    key = f"rollback:{rollback.branch}"
    by_hand = (report.body(rollback, checks_run=True), report.brief(rollback))
    return Proposal(
        branch=rollback.branch,
        base=rollback.base,
        title=report.title(rollback),
        body=ManagedSection(key=key, text=report.body(rollback, checks_run=checks_run)),
        by_hand=tuple(ManagedSection(key=key, text=text) for text in by_hand),
        footer=started,
        reviewers=rollback.owners,
    )


def _mark(github: GitHub, bad: Deployment, description: str, page: str) -> ServiceError | None:
    """Mark the bad deployment, unless it is marked already. An error is returned: everything else is done by then.

    A refusal becomes a ServiceError, too: the rollback did take place, and running it again completes it.
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
