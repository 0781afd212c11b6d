"""The steps of a deployment to an org; a run may end after any of them, and the next run resumes there.

1. Deactivate the live versions whose planner changes. 2. Deploy, in one job that is never started twice. 3. Activate
the pinned versions. 4. Read back what is live. 5. Give the pilot's users access. If the org refuses a step, the
previous versions are activated again.

The ledger only follows: once a job may have been started, no response of GitHub changes what is done in the org.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wavegate.deploy.cohorts import CohortAssignment, cohort_change
from wavegate.deploy.jobs import newest_job, wait_for_job
from wavegate.deploy.journal import DeployJournal, DeployJournalEntry
from wavegate.deploy.open_job import inactive
from wavegate.deploy.request import DeployRequest
from wavegate.deploy.rollout import (
    Switch,
    check_versions,
    has_deployed,
    rejected_while_active,
    to_deactivate,
    to_make_live,
    to_restore,
    touched_agents,
)
from wavegate.deploy.rollout_values import AgentChange, CohortChange, DeployJob, Rollout
from wavegate.errors import InputError, RefusedError, ServiceError, UncertainError, WavegateError
from wavegate.salesforce.agents import find_agents, set_active
from wavegate.salesforce.cli import Cli, Upload
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState
from wavegate.salesforce.permission_sets import assign, find_users, read_permission_set, unassign
from wavegate.text import one_line


class OrgDeployment:
    """One deployment to one org."""

    def __init__(self, order: DeployRequest, org: Org, cli: Cli, journal: DeployJournal) -> None:
        self._order = order
        self._org = org
        self._cli = cli
        self._journal = journal
        self._names = touched_agents(order.agents, order.members, order.project)

    def run(self) -> Rollout:
        """Deploy, and return the outcome.

        ServiceError: the org did not answer or ended the login, or the job is still running after the time limit; the
        next run resumes it. Any other error: nothing was changed in the org.
        """
        states = self._states()
        entry = self._journal.begin(self._order.subject, {each.name: each.live for each in states})
        self._note_live(states)
        job: DeployJob | None = None
        cohorts: tuple[CohortChange, ...] = ()
        problems: Sequence[str] = ()
        try:
            check_versions(states, self._order.agents, self._order.members)
            job = self._deploy(states)
            problems = _problems(job)
            if not problems:
                self._switch(to_make_live(self._states(), self._order.agents, entry.before))
                cohorts = tuple(self._admit(each) for each in self._order.admissions)
        except WavegateError as error:
            if job is None and self._may_go_on(error):
                raise self._interrupted(error) from error
            problems = (f"{error.message} {error.fix}",)
        try:
            return self._failed(entry, job, problems) if problems else self._done(entry, job, cohorts)
        except WavegateError as error:
            raise self._interrupted(error, *problems) from error

    def _note_live(self, states: Sequence[AgentState]) -> None:
        """Note the live versions before any is deactivated. Without it, a job may be resumed but not started."""
        if not to_deactivate(states, self._order.members, self._order.project):
            return
        problem = self._noted()
        if problem and self._entry.job is None:
            kind = ServiceError if isinstance(problem, ServiceError) else InputError
            message = "Nothing was changed in the org: the ledger could not note which versions are live."
            raise kind(f"{message} {problem.message}", fix=problem.fix) from problem

    def _may_go_on(self, error: WavegateError) -> bool:
        """Whether an error of the org leaves the job's outcome open: it was started, or may have been."""
        if isinstance(error, RefusedError):
            # a job that the org does not know will never end
            return self._entry.job is not None and error.status != 404
        return isinstance(error, ServiceError)

    def _deploy(self, states: Sequence[AgentState]) -> DeployJob | None:
        """The finished job; None if the package has nothing to deploy."""
        self._switch(to_deactivate(states, self._order.members, self._order.project))
        job = self._wait(self._job())
        # planners that are live, although the project did not show it
        refused = rejected_while_active(job, self._states()) if job and job.failures else ()
        if job and refused:
            self._switch(refused)
            self._note(previous_job=job.id)
            job = self._wait(self._job())
        return job

    def _job(self) -> str | None:
        """The id of the job that an earlier run started, else of a new one; None if there is nothing to deploy."""
        if self._order.upload is None:
            return None
        entry = self._entry
        if entry.job:
            self._order.tell(f"Deployment {entry.job}: resumed")
            return entry.job
        before = entry.previous_job
        started = self._lost_job() if before is None else self._started_since(before)
        if started is None:
            before = newest_job(self._org, self._order.user_id)
            self._note(previous_job=before)
            started = self._start(self._order.upload, before)
        self._note(job=started, previous_job=before)
        self._noted()
        return started

    def _noted(self) -> WavegateError | None:
        """Note the journal's entry in the ledger. Returns the error, if any: a job continues either way."""
        try:
            self._order.note(self._entry)
        except WavegateError as error:
            self._order.tell(f"Not noted in the ledger: {one_line(error.message)}")
            return error
        return None

    def _lost_job(self) -> str | None:
        """The job of an earlier run that could note it nowhere: the newest since then, if it deployed just this."""
        since = self._order.unfinished_since
        found = newest_job(self._org, self._order.user_id, since=since) if since else None
        job = self._wait(found or None)
        return job.id if job and has_deployed(job, self._order.members) else None

    def _start(self, upload: Upload, before: str | None) -> str:
        try:
            return self._cli.start_deploy(upload)
        except UncertainError:
            # an org that did not show the job before may now show an older one
            started = None if before is None else self._started_since(before)
            if started is None:
                raise
            return started

    def _started_since(self, before: str) -> str | None:
        newest = newest_job(self._org, self._order.user_id)
        return newest if newest and newest != before else None

    def _wait(self, job_id: str | None) -> DeployJob | None:
        if job_id is None:
            return None
        job = wait_for_job(self._org, job_id, seconds=self._order.seconds, tell=self._order.tell)
        if not job.ended:
            raise ServiceError(
                f"Deployment {job_id} is still {job.status} after {self._order.seconds / 60:g} minutes; "
                "it continues in the org.",
                fix="Run the command again: it waits for the same deployment.",
            )
        return job

    def _admit(self, admission: CohortAssignment) -> CohortChange:
        held = read_permission_set(self._org, admission.permission_set)
        target = find_users(self._org, groups=admission.groups, users=admission.users)
        assign(self._org, held, sorted(target.keys() - held.held.keys()))
        unassign(self._org, held, sorted(held.held.keys() - target.keys()))
        return cohort_change(admission.permission_set, target, held.held)

    def _done(self, entry: DeployJournalEntry, job: DeployJob | None, cohorts: tuple[CohortChange, ...]) -> Rollout:
        states = self._states()
        missed = to_make_live(states, self._order.agents, entry.before)
        if missed:
            wrong = [f"{each.agent} version {each.version.number} was activated but is not active" for each in missed]
            return self._failed(entry, job, wrong)
        agents = self._changes(entry, states)
        quiet = not (job and job.changed) and not any(each.added or each.removed for each in cohorts)
        unchanged = quiet and all(each.before == each.live for each in agents)
        result = "unchanged" if unchanged else "deployed"
        return self._recorded(self._rollout(result=result, agents=agents, job=job, cohorts=cohorts), ended=True)

    def _failed(self, entry: DeployJournalEntry, job: DeployJob | None, problems: Sequence[str]) -> Rollout:
        self._switch(to_restore(self._states(), entry.before))
        states = self._states()
        lost = [f"{each.agent} could not be restored" for each in to_restore(states, entry.before)]
        agents = self._changes(entry, states)
        rollout = self._rollout(result="failed", agents=agents, job=job, problems=(*problems, *lost))
        return self._recorded(rollout, ended=not lost)

    def _recorded(self, rollout: Rollout, *, ended: bool) -> Rollout:
        """The outcome, recorded in the ledger. If that fails, the journal stays open and the next run records it."""
        try:
            self._order.record(rollout)
        except WavegateError as error:
            return replace(rollout, unrecorded=error)
        if ended:
            self._journal.end()
        return rollout

    def _rollout(self, **outcome: object) -> Rollout:
        order = self._order
        common = {"release": order.release, "environment": order.environment, "host": self._org.host}
        return Rollout(**common, **outcome)  # type: ignore[arg-type]

    def _changes(self, entry: DeployJournalEntry, states: Iterable[AgentState]) -> tuple[AgentChange, ...]:
        return tuple(
            AgentChange(name=each.name, before=entry.before.get(each.name), live=each.live) for each in states
        )

    def _switch(self, switches: Iterable[Switch]) -> None:
        for each in switches:
            words = "activating" if each.on else "deactivating"
            self._order.tell(f"{each.agent}: {words} version {each.version.number}")
            set_active(self._org, each.version, active=each.on)

    def _states(self) -> tuple[AgentState, ...]:
        return find_agents(self._org, self._names)

    @property
    def _entry(self) -> DeployJournalEntry:
        if self._journal.entry is None:
            raise AssertionError("a deployment begins with an entry")
        return self._journal.entry

    def _note(self, *, job: str | None = None, previous_job: str | None) -> DeployJournalEntry:
        return self._journal.note(replace(self._entry, job=job, previous_job=previous_job))

    def _interrupted(self, error: WavegateError, *problems: str) -> ServiceError:
        """The error, preceded by the problems that led to it and followed by the agents that stay inactive."""
        if self._entry.job:
            # another machine may have to resume it
            self._noted()
        message = " ".join([*problems, error.message])
        try:
            note = inactive(self._states(), self._entry.before)
        except WavegateError:
            note = " The live versions cannot be read now."
        # not an InputError, whatever the cause: the org may have changed, and running it again resumes
        return ServiceError(message + note, fix=error.fix)


def _problems(job: DeployJob | None) -> tuple[str, ...]:
    if job is None or job.succeeded:
        return ()
    failures = [f"{each.component}: {each.problem}" for each in job.failures]
    tests = [f"Test {each.name}: {each.problem}" for each in job.test_failures]
    return (f"Deployment {job.id} ended as {job.status}. {job.problem}".rstrip(), *failures, *tests)
