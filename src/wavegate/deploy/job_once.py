"""One job of a deployment: started once, found again if its id was lost, and followed to its end.

Its id is noted in the journal on disk, then in the ledger. If a run was interrupted between the start and the first
of them, the next run looks for a job that the org shows since.
"""

from dataclasses import replace

from wavegate.deploy.jobs import newest_job, read_job, wait_for_job
from wavegate.deploy.journal import DeployJournal
from wavegate.deploy.request import DeployRequest, PackageStage
from wavegate.deploy.rollout import has_deployed
from wavegate.deploy.rollout_values import DeployJob
from wavegate.errors import InputError, ServiceError, UncertainError, WavegateError
from wavegate.salesforce.cli import Cli
from wavegate.salesforce.org import Org
from wavegate.text import one_line


class JobOnce:
    """Runs the job that the journal's entry is about. notes: what else there is to know, one line each."""

    def __init__(self, order: DeployRequest, org: Org, cli: Cli, journal: DeployJournal) -> None:
        self._order = order
        self._org = org
        self._cli = cli
        self._journal = journal
        self.notes: list[str] = []

    def run(self, stage: PackageStage) -> DeployJob:
        """The finished job of a stage: that of an earlier run, else a new one.

        ServiceError: the org did not answer, or the job is still running; the next run resumes it. InputError: the
        CLI or the org rejected it, so no job was started.
        """
        return self._wait(self._job(stage))

    def note_in_ledger(self) -> WavegateError | None:
        """Note the journal's entry in the ledger. Returns the error, if any: a job continues either way."""
        try:
            self._order.note(self._journal.begun)
        except WavegateError as error:
            self._order.tell(f"Not noted in the ledger: {one_line(error.message)}")
            return error
        return None

    def _job(self, stage: PackageStage) -> str:
        """The id of the job that an earlier run started, else of a new one."""
        entry = self._journal.begun
        if entry.job:
            self._order.tell(f"Deployment {entry.job}: resumed")
            return entry.job
        before = entry.previous_job
        started = self._lost_job(stage) if before is None else self._started_since(stage, before)
        if started is None:
            before = newest_job(self._org, self._order.user_id, check_only=stage.upload.check_only)
            self._note(None, before)
            started = self._start(stage, before)
        self._note(started, before)
        self.note_in_ledger()
        return started

    def _lost_job(self, stage: PackageStage) -> str | None:
        """The job of an earlier run that could note it nowhere: the newest since then, if it deployed just this."""
        since = self._order.unfinished_since
        return self._if_deployed(stage, newest_job(self._org, self._order.user_id, since=since)) if since else None

    def _if_deployed(self, stage: PackageStage, job_id: str | None) -> str | None:
        """The id of a job once it has ended, if it deployed just this stage."""
        job = self._wait(job_id) if job_id else None
        return job.id if job and has_deployed(job, stage.members) else None

    def _start(self, stage: PackageStage, before: str | None) -> str:
        try:
            return self._start_quick(stage, before) or self._cli.start_deploy(stage.upload)
        except UncertainError:
            # an org that did not show the job before may now show an older one
            started = None if before is None else self._started_since(stage, before)
            if started is None:
                raise
            return started

    def _start_quick(self, stage: PackageStage, before: str | None) -> str | None:
        """Deploy the stage's validation. None if it has none, or the org does not accept that one (any more)."""
        validation = stage.validation
        if validation is None:
            return None
        unused = f"Validation {validation.id} is not used, so the tests run again"
        try:
            # whoever named the validation may be wrong about what it validated
            if not validation.is_of_stage or not has_deployed(read_job(self._org, validation.id), stage.members):
                self._say(f"{unused}: it is not of exactly this content.")
                return None
            started = self._cli.start_quick_deploy(validation.id)
        except InputError as error:
            # some versions of the CLI fail after the start (forcedotcom/cli issue 2223)
            found = None if before is None else self._if_deployed(stage, self._started_since(stage, before))
            if found is None:
                self._say(f"{unused}: {error.message}")
                return None
            started = found
        self._say(f"Deployment {started} deploys what {validation.id} validated: its tests do not run again.")
        return started

    def _started_since(self, stage: PackageStage, before: str) -> str | None:
        newest = newest_job(self._org, self._order.user_id, check_only=stage.upload.check_only)
        return newest if newest and newest != before else None

    def _wait(self, job_id: str) -> DeployJob:
        job = wait_for_job(self._org, job_id, seconds=self._order.seconds, tell=self._order.tell)
        if not job.ended:
            raise ServiceError(
                f"Deployment {job_id} is still {job.status} after {self._order.seconds / 60:g} minutes; "
                "it continues in the org.",
                fix="Run the command again: it waits for the same deployment.",
            )
        return job

    def _say(self, note: str) -> None:
        self.notes.append(note)
        self._order.tell(note)

    def _note(self, job: str | None, previous_job: str | None) -> None:
        self._journal.note(replace(self._journal.begun, job=job, previous_job=previous_job))
