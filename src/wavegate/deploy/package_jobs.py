"""The part of a deployment that changes an org's metadata: jobs that are never started twice.

1. Deactivate the live versions whose planner changes. 2. Deploy in one job; a run that finds the job of an earlier
one resumes it. The ledger only follows: once a job may have been started, no response of GitHub changes what is done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wavegate.deploy.jobs import newest_job, wait_for_job
from wavegate.deploy.journal import DeployJournal, DeployJournalEntry
from wavegate.deploy.request import DeployRequest
from wavegate.deploy.rollout import (
    Switch,
    has_deployed,
    rejected_while_active,
    to_deactivate,
    touched_agents,
)
from wavegate.deploy.rollout_values import DeployJob
from wavegate.errors import InputError, RefusedError, ServiceError, UncertainError, WavegateError
from wavegate.salesforce.agents import find_agents, set_active
from wavegate.salesforce.cli import Cli, Upload
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState
from wavegate.text import one_line


class PackageJobs:
    """The jobs of one deployment to one org."""

    def __init__(self, order: DeployRequest, org: Org, cli: Cli, journal: DeployJournal) -> None:
        self._order = order
        self._org = org
        self._cli = cli
        self._journal = journal
        self._names = touched_agents(order.agents, order.members, order.project, order.scripts)

    def states(self) -> tuple[AgentState, ...]:
        """The agents that the deployment may affect, as the org has them now."""
        return find_agents(self._org, self._names)

    def switch(self, switches: Iterable[Switch]) -> None:
        """Activate or deactivate versions."""
        for each in switches:
            words = "activating" if each.on else "deactivating"
            self._order.tell(f"{each.agent}: {words} version {each.version.number}")
            set_active(self._org, each.version, active=each.on)

    def note_live(self, states: Sequence[AgentState]) -> None:
        """Note the live versions before any is deactivated. Without it, a job may be resumed but not started."""
        if not to_deactivate(states, self._order.members, self._order.project):
            return
        problem = self.note_in_ledger()
        if problem and self._entry.job is None:
            kind = ServiceError if isinstance(problem, ServiceError) else InputError
            message = "Nothing was changed in the org: the ledger could not note which versions are live."
            raise kind(f"{message} {problem.message}", fix=problem.fix) from problem

    def note_in_ledger(self) -> WavegateError | None:
        """Note the journal's entry in the ledger. Returns the error, if any: a job continues either way."""
        try:
            self._order.note(self._entry)
        except WavegateError as error:
            self._order.tell(f"Not noted in the ledger: {one_line(error.message)}")
            return error
        return None

    def run(self, states: Sequence[AgentState]) -> DeployJob | None:
        """The finished job; None if the package has nothing to deploy."""
        self.switch(to_deactivate(states, self._order.members, self._order.project))
        job = self._wait(self._job())
        # planners that are live, although the project did not show it
        refused = rejected_while_active(job, self.states()) if job and job.failures else ()
        if job and refused:
            self.switch(refused)
            self._note(previous_job=job.id)
            job = self._wait(self._job())
        return job

    def may_continue(self, error: WavegateError) -> bool:
        """Whether an error of the org leaves the job's outcome open: it was started, or may have been."""
        if isinstance(error, RefusedError):
            # a job that the org does not know will never end
            return self._entry.job is not None and error.status != 404
        return isinstance(error, ServiceError)

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
        self.note_in_ledger()
        return started

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

    @property
    def _entry(self) -> DeployJournalEntry:
        return self._journal.begun

    def _note(self, *, job: str | None = None, previous_job: str | None) -> DeployJournalEntry:
        return self._journal.note(replace(self._entry, job=job, previous_job=previous_job))


def job_problems(job: DeployJob | None) -> tuple[str, ...]:
    """Why a finished job did not deploy everything, worst first, one line each; () if it did."""
    if job is None or job.succeeded:
        return ()
    failures = [f"{each.component}: {each.problem}" for each in job.failures]
    tests = [f"Test {each.name}: {each.problem}" for each in job.test_failures]
    return (f"Deployment {job.id} ended as {job.status}. {job.problem}".rstrip(), *failures, *tests)
