"""A rollback on GitHub: reads the ledger, opens one pull request, records it, and marks the bad deployment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from wavegate.cli.actions import Run, acting_user
from wavegate.errors import ServiceError, WavegateError
from wavegate.git.repository import Git
from wavegate.github.branches import read_branch
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.github.managed_section import ManagedSection
from wavegate.github.proposal import Proposer
from wavegate.github.proposed import Branch, Proposal, ProposalOutcome, starts_checks
from wavegate.ledger.acts.act import Act, ActKind, release_id
from wavegate.ledger.acts.record import complete_act, read_acts
from wavegate.ledger.acts.withdrawal import follows_a_pull, record_reopened
from wavegate.ledger.deployment import Deployment, State
from wavegate.ledger.history import choices, earlier
from wavegate.ledger.writer import mark_failed
from wavegate.release.reading import load_manifest
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.choice import ReleaseChoice, choose_releases
from wavegate.rollback.context import with_situation
from wavegate.rollback.prepare import (
    Prepared,
    RollbackOptions,
    RollbackRequest,
    prepare,
    rollback_drafter,
    without_changes,
)
from wavegate.rollback.record import record_rollback
from wavegate.rollback.report import pull_request as report
from wavegate.rollback.values import Result, Rollback
from wavegate.text import code, one_line


def roll_back(options: RollbackOptions, access: GitHubAccess, github: GitHub) -> Result:
    """Roll back the environment's newest deployment in the ledger. A rerun resumes where this one stopped.

    access: complete; also used to fetch commits that are missing from the checkout. github: its client.
    """
    run = access.run
    choice = choose_releases(
        github,
        run.repository,
        options.environment,
        base=options.base,
        manifest=options.manifest or "",
        target=options.target,
        known=lambda: _environments(options),
    )
    git = Git(options.root, credentials=access.credentials(run.repository))
    prepared = prepare(git, _request(options, choice))
    activating = options.activating and not options.dry_run
    prepared = replace(prepared, rollback=with_situation(prepared, choice, run, git, activating=activating))
    rollback = prepared.rollback
    job = _Job(github=github, run=run, choice=choice, prepared=prepared, options=options)
    if not rollback.plan.changes:
        others = [each for each in earlier(choice.deployments, choice.bad) if each.commit != choice.good.commit]
        result = without_changes(rollback, choices=choices(others))
        if rollback.plan.same_release or options.dry_run or _is_open(choice):
            return result
        page = f"{run.server_url}/{run.repository}/commit/{prepared.base_sha}"
        done = _Made(page=page, description=f"Rolled back to {rollback.good.name}: already on the base")
        return job.finish(result, done)
    if options.dry_run:
        return Result(name="dry-run", rollback=rollback)
    return job.propose(git)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Made:
    """What was made for a rollback: its page, with the pull request's or issue's number, 0 for none."""

    page: str
    description: str
    number: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Job:
    """One rollback on GitHub, once it is known what it has to do."""

    github: GitHub
    run: Run
    choice: ReleaseChoice
    prepared: Prepared
    options: RollbackOptions

    def propose(self, git: Git) -> Result:
        """Make the branch and the pull request, then record them."""
        run, rollback = self.run, self.prepared.rollback
        drafter = rollback_drafter(git, self.prepared)
        proposer = Proposer(
            github=self.github,
            repository=run.repository,
            server_url=run.server_url,
            introduction=report.ISSUE_INTRODUCTION,
        )
        proposed = proposer.propose(self._describe, self._branch(), drafter, base=rollback.base)
        kind = "issue" if proposed.outcome is ProposalOutcome.ISSUE else "pull request"
        description = f"Rolled back by {kind} #{proposed.number} to {rollback.good.name}"
        made = _Made(page=proposed.url, number=proposed.number, description=description)
        result = Result(name=proposed.outcome, rollback=rollback, proposed=proposed, kept=drafter.kept)
        return self.finish(result, made)

    def finish(self, result: Result, made: _Made) -> Result:
        """Record the rollback and mark the bad deployment. What fails is in the result: a rerun completes it."""
        try:
            current = self._record(made)
        except WavegateError as error:
            return replace(result, incomplete=_incomplete(made, "it could not be recorded", error, _UNRECORDED))
        try:
            self._mark(made)
        except WavegateError as error:
            failed = "the bad deployment could not be marked"
            return replace(result, incomplete=_incomplete(made, failed, error, _UNMARKED))
        if current.page == made.page:
            return result
        return replace(result, name="superseded", superseded_by=current)

    def _record(self, made: _Made) -> Act:
        choice, rollback = self.choice, self.prepared.rollback
        act = Act(
            kind=ActKind.ROLLBACK,
            time=datetime.now(UTC),
            actor=acting_user() or choice.page.viewer,
            reason=rollback.reason,
            run=self.run.attempt_url,
            manifest=choice.manifest,
            release=release_id(choice.bad),
            target=release_id(choice.good),
            page=made.page,
            number=made.number,
            incident=rollback.incident,
        )
        repository, environment, acts = self.run.repository, self.options.environment, choice.acts
        if choice.reopened and choice.reopened.release != act.release:
            # this rollback takes its place, and its release stays refused
            record_reopened(self.github, repository, environment, choice.reopened, acts=acts)
            acts = read_acts(self.github, repository, environment)
        elif follows_a_pull(acts):
            complete_act(self.github, acts[0])
        return record_rollback(self.github, repository, environment, act, known=acts)

    def _mark(self, made: _Made) -> None:
        """Mark the bad deployment as failed, unless it already is."""
        bad = self.choice.bad
        # a withdrawal marked it as successful again, with the same page
        marks = [status.state for status in bad.statuses if status.log_url == made.page]
        if marks[-1:] == [State.FAILURE] or (not made.number and _is_broken(bad)):
            return
        mark_failed(self.github, bad.id, description=made.description, log_url=made.page)

    def _branch(self) -> Branch:
        """The rollback's branch. It is only read if it may exist: creating it shows whether it does."""
        name, base = self.prepared.rollback.branch, self.prepared.rollback.base
        bad, good = self.choice.bad, self.choice.good
        is_known = any(
            each.kind is ActKind.ROLLBACK
            and (each.release and each.release.commit) == bad.commit
            and (each.target and each.target.commit) == good.commit
            for each in self.choice.acts
        )
        if is_known or bad.rolled_back:
            return read_branch(self.github, self.run.repository, name, base=base)
        return Branch(name=name)

    def _describe(self, branch: Branch) -> Proposal:
        checks_run = starts_checks(branch, self.choice.page.viewer)
        return _proposal(self.prepared.rollback, self.run, checks_run=checks_run)


_UNRECORDED = "Until then, a promotion of the bad release is not refused."
_UNMARKED = "Until then, a later rollback may consider that release good."


def _incomplete(made: _Made, what: str, error: WavegateError, until: str) -> ServiceError:
    """A refused request is an error of the service too: the rollback was made, and a rerun completes it."""
    return ServiceError(
        f"The rollback is at {made.page}, but {what}: {error.message}", fix=f"{error.fix} {until}".strip()
    )


def _is_open(choice: ReleaseChoice) -> bool:
    """Whether the open rollback is this one, and is recorded as open."""
    opened = choice.holds.rollback
    return (
        opened is not None
        and opened is not choice.reopened
        and opened.release == release_id(choice.bad)
        and opened.target == release_id(choice.good)
    )


def _environments(options: RollbackOptions) -> Sequence[str]:
    try:
        return [each.name for each in load_manifest(options.root, options.manifest).environments]
    except WavegateError:
        # the ledger's environments are enough for a message
        return ()


def _request(options: RollbackOptions, choice: ReleaseChoice) -> RollbackRequest:
    bad, good, page, opened = choice.bad, choice.good, choice.page, choice.holds.rollback
    return RollbackRequest(
        environment=options.environment,
        # the agents that everybody has are those of the good release, if only a pilot has the bad one
        bad=replace(_reference(bad), agents=good.agents) if bad.confined else _reference(bad),
        good=_reference(good),
        base=page.base,
        base_sha=page.base_sha,
        onto="" if page.default else page.base,
        bad_manifest=options.manifest or (bad.release.manifest if bad.release else ""),
        good_manifest=options.manifest or (good.release.manifest if good.release else ""),
        # what is not given again stays as the open rollback has it
        reason=options.reason or (opened.reason if opened else ""),
        incident=options.incident or (opened.incident if opened else ""),
        notes=() if options.manifest else _other_manifests(choice.deployments, bad),
    )


def _other_manifests(deployments: Sequence[Deployment], bad: Deployment) -> tuple[str, ...]:
    """A note if the environment also had releases of other manifests: the newest may not be the intended one."""
    live = (each.release.manifest for each in deployments if each.release and each.succeeded)
    others = sorted(set(live) - {bad.release.manifest if bad.release else ""})
    if not others:
        return ()
    shown, where = ", ".join(one_line(each, 100) for each in others[:5]), one_line(bad.environment, 100)
    return (f"{where} also had releases of {shown}; to roll one of them back, pass its manifest with --manifest.",)


def _proposal(rollback: Rollback, run: Run, *, checks_run: bool) -> Proposal:
    started = f"Started by {code(acting_user() or run.actor)} in [a workflow run]({run.url})." if run.url else ""
    key = f"rollback:{rollback.branch}"
    manual = (report.body(rollback, checks_run=True, withdrawable=False), report.brief(rollback))
    return Proposal(
        branch=rollback.branch,
        base=rollback.base,
        title=report.title(rollback),
        body=ManagedSection(key=key, text=report.body(rollback, checks_run=checks_run)),
        manual=tuple(ManagedSection(key=key, text=text) for text in manual),
        footer=started,
        reviewers=rollback.owners,
    )


def _is_broken(deployment: Deployment) -> bool:
    return deployment.rolled_back or not deployment.succeeded


def _reference(deployment: Deployment) -> ReleaseRef:
    pilot = deployment.release.pilot if deployment.release else None
    return ReleaseRef(
        commit=deployment.commit,
        name=deployment.title,
        agents=deployment.agents,
        copies=tuple(pilot.copies.values()) if pilot else (),
        run=deployment.release.run if deployment.release else "",
    )
