"""`wavegate rollback`: the pull request that restores the last known good release of an environment."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.adapters.git import Git
from wavegate.adapters.git_process import Credentials
from wavegate.adapters.github.branches import read_branch
from wavegate.adapters.github.client import GitHub
from wavegate.adapters.github.ledger import mark_failed, read_ledger
from wavegate.adapters.github.proposal import Proposer
from wavegate.adapters.runner import Run, add_summary, current_run, in_actions, set_outputs, workflow_command
from wavegate.commands.rollback_plan import Prepared, Request, RollbackDrafter, prepare
from wavegate.core.ledger import current, last_known_good, named
from wavegate.errors import ExitCode, InputError
from wavegate.model.deployment import Deployment, State
from wavegate.model.marked import Marked
from wavegate.model.proposal import Branch, Outcome, Proposal, Proposed
from wavegate.model.rollback import Rollback, Side
from wavegate.report import pull_request as report
from wavegate.text import code, one_line

_TOKEN_LOGINS = {"github-actions[bot]", "github-actions"}
"""Whose token starts no workflows: GitHub keeps a workflow from starting itself."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for; empty strings where nothing was said."""

    environment: str
    root: Path
    manifest: str
    bad: str
    good: str
    base: str
    reason: str
    incident: str
    dry_run: bool
    local: bool
    max_wait: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of it. kept: paths where an edit of others on the branch was kept."""

    name: str
    rollback: Rollback
    proposed: Proposed | None = None
    kept: Sequence[str] = ()


@click.command(name="rollback")
@click.argument("environment", envvar="WAVEGATE_ROLLBACK_ENVIRONMENT")
@click.option("--to", "good", default="", help="Release or commit to restore.  [default: the last known good one]")
@click.option("--reason", default="", help="Why, in one sentence, for the pull request.")
@click.option("--incident", default="", help="The incident's number or address, for the pull request.")
@click.option("--dry-run", is_flag=True, help="Say what would be restored, and change nothing.")
@click.option("--base", default="", help="Branch to restore it on.  [default: the repository's default branch]")
@click.option("--manifest", default="", help="Manifest of the release.  [default: as the deployment recorded it]")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    show_default="the current folder",
    help="Folder of the checkout.",
)
@click.option("--local", is_flag=True, help="Make a local branch, without GitHub: then --to is needed.")
@click.option("--from", "bad", default="", help="With --local: commit of the bad release.  [default: HEAD]")
@click.option(
    "--max-wait",
    type=click.FloatRange(min=0),
    default=120,
    show_default=True,
    help="Seconds to wait in all when GitHub's rate limits ask for it.",
)
def command(**options: object) -> int:
    """Open the pull request that restores the last known good release of ENVIRONMENT.

    Run it again at any time: there is one branch and one pull request for a rollback, and nothing is forced.
    """
    asked = Options(**options)  # type: ignore[arg-type]
    if not asked.environment.strip():
        raise InputError("No environment is named.", fix="Name the environment whose release is bad.")
    run = current_run()
    token = os.environ.get("GITHUB_TOKEN", "")
    if asked.local or (not in_actions() and not (token and run.repository)):
        return _tell(_roll_back_locally(asked))
    if not token or not run.repository:
        raise InputError(
            "GITHUB_TOKEN is not set for this step.", fix="Pass the token: `env: GITHUB_TOKEN: ${{ github.token }}`."
        )
    return _tell(_roll_back(asked, run, token))


def _roll_back(asked: Options, run: Run, token: str) -> Result:
    github = GitHub(api_url=run.api_url, graphql_url=run.graphql_url, token=token, patience=asked.max_wait)
    request, bad, viewer = _choose(github, run.repository, asked)
    git = Git(asked.root, credentials=Credentials(server_url=run.server_url, token=token))
    prepared = prepare(git, request)
    rollback = prepared.rollback
    if not rollback.plan.changes:
        page = f"{run.server_url}/{run.repository}/commit/{request.base_sha}"
        return _nothing_to_do(github, run, asked, rollback, bad, page)
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
        good = last_known_good(deployments, bad) if bad and not asked.good else None
        if good:
            break
    if bad is None:
        raise InputError(
            f"wavegate has deployed no release to {one_line(asked.environment, 100)}.",
            fix="Check the environment's name and --manifest; `--local --from --to` rolls back without the ledger.",
        )
    good = named(deployments, bad, asked.good) if asked.good else good
    if good is None:
        raise InputError(
            f"{one_line(asked.environment, 100)} has no earlier release that was live and not rolled back.",
            fix="Name one with --to, or turn the agent off with `wavegate disable`.",
        )
    request = Request(
        environment=asked.environment,
        bad=_side(bad),
        good=_side(good),
        base=page.base,
        base_sha=page.base_sha,
        bad_manifest=asked.manifest or (bad.release.manifest if bad.release else ""),
        good_manifest=asked.manifest or (good.release.manifest if good.release else ""),
        reason=asked.reason,
        incident=asked.incident,
    )
    return request, bad, page.viewer


def _nothing_to_do(
    github: GitHub, run: Run, asked: Options, rollback: Rollback, bad: Deployment, page: str
) -> Result:
    told = _why_nothing(rollback)
    if not rollback.plan.same_release and not asked.dry_run and not _is_broken(bad):
        _mark(github, run.repository, bad, f"Rolled back to {rollback.good.name}: already on the base", page)
    return Result(name=Outcome.UNCHANGED, rollback=_with_note(rollback, told))


def _why_nothing(rollback: Rollback) -> str:
    """Why there is nothing to restore; InputError where that is because nothing may be."""
    good = one_line(rollback.good.name, 60)
    if rollback.plan.conflicts:
        raise InputError(
            f"Nothing can be restored: all {len(rollback.plan.conflicts)} paths changed on"
            f" {one_line(rollback.base, 60)} after the bad release, such as"
            f" {one_line(rollback.plan.conflicts[0], 200)}.",
            fix="Restore them by hand, or release what is on the base.",
        )
    if rollback.plan.same_release:
        return f"What is live ships the same files as {good}: to go further back, name a release with --to."
    return f"{one_line(rollback.base, 60)} has the files of {good} already: release it to {rollback.environment}."


def _roll_back_locally(asked: Options) -> Result:
    if not asked.good:
        raise InputError("Without GitHub there is no record of what was live.", fix="Name the good commit with --to.")
    git = Git(asked.root)
    base_sha = git.resolve(asked.base or "HEAD")
    bad, good = git.resolve(asked.bad or "HEAD"), git.resolve(asked.good)
    prepared = prepare(
        git,
        Request(
            environment=asked.environment,
            bad=Side(commit=bad, name=bad[:12]),
            good=Side(commit=good, name=asked.good),
            base=asked.base or git.current_branch(),
            base_sha=base_sha,
            bad_manifest=asked.manifest,
            good_manifest=asked.manifest,
            reason=asked.reason,
            incident=asked.incident,
        ),
    )
    rollback = prepared.rollback
    if not rollback.plan.changes:
        return Result(name=Outcome.UNCHANGED, rollback=_with_note(rollback, _why_nothing(rollback)))
    if asked.dry_run:
        return Result(name="dry-run", rollback=rollback)
    return _write_locally(git, prepared)


def _write_locally(git: Git, prepared: Prepared) -> Result:
    rollback = prepared.rollback
    branch = Branch(name=rollback.branch, head=git.branch_head(rollback.branch), commits=git.history(rollback.branch))
    drafter = RollbackDrafter(git=git, prepared=prepared)
    draft = drafter(branch)
    if draft is None:
        return Result(name=Outcome.UNCHANGED, rollback=rollback, kept=drafter.kept)
    commit = git.commit_tree(draft.tree, parents=draft.parents, message=draft.message)
    git.move_branch(rollback.branch, commit, expected=branch.head)
    return Result(name="local", rollback=rollback, kept=drafter.kept)


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
    agents = deployment.release.agents if deployment.release else {}
    return Side(commit=deployment.commit, name=deployment.title, deployment=deployment.id, agents=agents)


def _with_note(rollback: Rollback, note: str) -> Rollback:
    from dataclasses import replace

    return replace(rollback, notes=(note, *rollback.notes))


def _tell(result: Result) -> int:
    rollback, proposed = result.rollback, result.proposed
    pull = proposed if proposed and proposed.outcome is not Outcome.ISSUE else None
    for line in report.lines(rollback, result=result.name, proposed=proposed, kept=result.kept):
        click.echo(line)
    if in_actions() and rollback.plan.conflicts:
        count = len(rollback.plan.conflicts)
        click.echo(workflow_command("warning", f"{count} paths changed since and were left alone.", title="rollback"))
    if in_actions() and proposed and proposed.outcome is Outcome.ISSUE:
        click.echo(workflow_command("warning", " ".join(proposed.notes), title="rollback"))
    add_summary(report.summary(rollback, result=result.name, proposed=proposed, kept=result.kept))
    set_outputs(
        {
            "result": result.name,
            "pull-request": str(pull.number) if pull else "",
            "pull-request-url": pull.url if pull else "",
            "branch": rollback.branch,
            "from": rollback.bad.commit,
            "to": rollback.good.commit,
            "conflicts": str(len(rollback.plan.conflicts)),
        }
    )
    return ExitCode.OK
