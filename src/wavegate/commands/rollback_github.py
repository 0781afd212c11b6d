"""A rollback on GitHub: from the ledger to one branch, one pull request and a marked deployment."""

from collections.abc import Sequence

from wavegate.adapters.git import Git
from wavegate.adapters.git_process import Credentials
from wavegate.adapters.github.branches import read_branch
from wavegate.adapters.github.client import GitHub
from wavegate.adapters.github.deployments import mark_failed
from wavegate.adapters.github.ledger import read_ledger
from wavegate.adapters.github.proposal import Proposer
from wavegate.adapters.runner import Run
from wavegate.commands.rollback_plan import Options, Request, Result, RollbackDrafter, prepare, without_changes
from wavegate.core.ledger import current, last_known_good, named, never_live
from wavegate.errors import InputError
from wavegate.model.deployment import Deployment, State
from wavegate.model.marked import Marked
from wavegate.model.proposal import Outcome, Proposal, Proposed
from wavegate.model.rollback import Rollback, Side
from wavegate.report import pull_request as report
from wavegate.text import code, one_line

_TOKEN_LOGINS = {"github-actions[bot]", "github-actions"}
"""Whose token starts no workflows: GitHub keeps a workflow from starting itself."""


def roll_back(asked: Options, run: Run, github: GitHub, credentials: Credentials) -> Result:
    """Roll back what the ledger says is live. Run again, it takes up where it stopped.

    credentials: for fetching commits that the checkout lacks.
    """
    request, bad, viewer = _choose(github, run.repository, asked)
    git = Git(asked.root, credentials=credentials)
    prepared = prepare(git, request)
    rollback = prepared.rollback
    if not rollback.plan.changes:
        result = without_changes(rollback)
        if not (rollback.plan.same_release or asked.dry_run or _is_broken(bad)):
            page = f"{run.server_url}/{run.repository}/commit/{request.base_sha}"
            _mark(github, run.repository, bad, f"Rolled back to {rollback.good.name}: already on the base", page)
        return result
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
    proposal = _proposal(rollback, run, checks_run=viewer not in _TOKEN_LOGINS)
    proposed = proposer.propose(proposal, branch, drafter)
    _mark(github, run.repository, bad, _description(rollback, proposed), proposed.url)
    return Result(name=proposed.outcome, rollback=rollback, proposed=proposed, kept=drafter.kept)


def _choose(github: GitHub, repository: str, asked: Options) -> tuple[Request, Deployment, str]:
    """The bad release and the good one, from as many pages of the ledger as it takes."""
    deployments: list[Deployment] = []
    bad = good = None
    for page in read_ledger(github, repository, asked.environment, base=asked.base):
        deployments += page.deployments
        bad = current(deployments, manifest=asked.manifest or None)
        if bad:
            good = named(deployments, bad, asked.to) if asked.to else last_known_good(deployments, bad)
        if good:
            break
    if bad is None or good is None:
        raise _none_found(asked, deployments, bad)
    request = Request(
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
    )
    return request, bad, page.viewer


def _none_found(asked: Options, deployments: Sequence[Deployment], bad: Deployment | None) -> InputError:
    environment = one_line(asked.environment, 100)
    if bad is None:
        return InputError(
            f"wavegate has deployed no release to {environment}.",
            fix="Check the environment's name and --manifest; `--local --from --to` rolls back without the ledger.",
        )
    if asked.to:
        return never_live(deployments, bad, asked.to)
    return InputError(
        f"{environment} has no earlier release that was live and not rolled back.",
        fix="Name one with --to, or turn the agent off with `wavegate disable`.",
    )


def _proposal(rollback: Rollback, run: Run, *, checks_run: bool) -> Proposal:
    started = f"Started by {code(run.actor)} in [a workflow run]({run.url})." if run.url else ""
    return Proposal(
        branch=rollback.branch,
        base=rollback.base,
        title=report.title(rollback),
        body=Marked(key=f"rollback:{rollback.branch}", text=report.body(rollback, checks_run=checks_run)),
        footer=started,
        reviewers=rollback.owners,
    )


def _mark(github: GitHub, repository: str, bad: Deployment, description: str, page: str) -> None:
    """Mark the bad deployment, unless it is marked so already."""
    if not any(status.state is State.FAILURE and status.log_url == page for status in bad.statuses):
        mark_failed(github, repository, bad.id, description=description, log_url=page)


def _is_broken(deployment: Deployment) -> bool:
    return deployment.rolled_back or not deployment.succeeded


def _description(rollback: Rollback, proposed: Proposed) -> str:
    kind = "issue" if proposed.outcome is Outcome.ISSUE else "pull request"
    return f"Rolled back by {kind} #{proposed.number} to {rollback.good.name}"


def _side(deployment: Deployment) -> Side:
    return Side(commit=deployment.commit, name=deployment.title, deployment=deployment.id, agents=deployment.agents)
