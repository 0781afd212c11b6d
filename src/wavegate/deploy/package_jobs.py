"""The part of a deployment that changes an org's metadata: one job for each stage, and none is started twice.

1. Deactivate the live versions whose planner the stage changes. 2. Deploy it in one job. If a stage fails after
others have finished, one more job restores what those changed. The ledger only follows: once a job may have been
started, no response of GitHub changes what is done in the org.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wavegate.components.component import ComponentId
from wavegate.deploy.job_once import JobOnce
from wavegate.deploy.jobs import read_job
from wavegate.deploy.journal import DeployJournal
from wavegate.deploy.request import DeployRequest, PackageStage
from wavegate.deploy.rollout import Switch, rejected_while_active, to_deactivate, touched_agents
from wavegate.deploy.rollout_report import coverage_notes
from wavegate.deploy.rollout_values import DeployJob
from wavegate.errors import InputError, RefusedError, ServiceError, WavegateError
from wavegate.ledger.publication import Publication
from wavegate.salesforce.agents import find_agents, set_active
from wavegate.salesforce.cli import Cli
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState
from wavegate.text import join_names, pluralize

_MAX_NAMES = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class FinishedJobs:
    """The jobs of a deployment in order, () if there was nothing to deploy.

    problems: why the last stage failed, worst first, one line each; () for success. notes: what else there is to
    know, one line each.
    """

    jobs: tuple[DeployJob, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class JobOpenError(ServiceError):
    """A job after the publications was started, or may have been; the next run finds out."""


class PackageJobs:
    """The jobs of one deployment to one org.

    switched_off: names of the agents that this run has deactivated. activated: the versions that it has activated, by
    agent name.
    """

    def __init__(self, order: DeployRequest, org: Org, cli: Cli, journal: DeployJournal) -> None:
        self._order = order
        self._org = org
        self._journal = journal
        self._once = JobOnce(order, org, cli, journal)
        self._names = touched_agents(order.agents, order.members, order.project, order.scripts)
        self.switched_off: set[str] = set()
        self.activated: dict[str, int] = {}

    def states(self) -> tuple[AgentState, ...]:
        """The agents that the deployment may affect, as the org has them now."""
        return find_agents(self._org, self._names)

    def switch(self, switches: Iterable[Switch]) -> None:
        """Activate or deactivate versions."""
        for each in switches:
            words = "activating" if each.on else "deactivating"
            self._order.tell(f"{each.agent}: {words} version {each.version.number}")
            if each.on:
                self.activated[each.agent] = each.version.number
            else:
                self.switched_off.add(each.agent)
            set_active(self._org, each.version, active=each.on)

    def note_live(self, states: Sequence[AgentState]) -> None:
        """Note the live versions before any is deactivated. Without it, a job may be resumed but not started."""
        if not to_deactivate(states, self._order.members, self._order.project):
            return
        problem = self.note_in_ledger()
        if problem and self._journal.begun.job is None:
            kind = ServiceError if isinstance(problem, ServiceError) else InputError
            message = "Nothing was changed in the org: the ledger could not note which versions are live."
            raise kind(f"{message} {problem.message}", fix=problem.fix) from problem

    @property
    def publications(self) -> tuple[Publication, ...]:
        """The publications of scripts that this deployment has noted."""
        return self._journal.begun.publications

    @property
    def live_before(self) -> Mapping[str, int | None]:
        """The version that was active before this deployment, by agent name."""
        return self._journal.begun.before

    def note_publications(self, publications: tuple[Publication, ...]) -> None:
        """Note publications of scripts in the journal and, if it can be written, in the ledger."""
        self._journal.note(replace(self._journal.begun, publications=publications))
        self.note_in_ledger()

    def note_in_ledger(self) -> WavegateError | None:
        """Note the journal's entry in the ledger. Returns the error, if any: a job continues either way."""
        return self._once.note_in_ledger()

    def may_continue(self, error: WavegateError) -> bool:
        """Whether an error of the org leaves the job's outcome open: it was started, or may have been."""
        if isinstance(error, RefusedError):
            # a job that the org does not know will never end
            return self._journal.begun.job is not None and error.status != 404
        return isinstance(error, ServiceError)

    def run(self, states: Sequence[AgentState]) -> FinishedJobs:
        """Deploy the stages before the publications, resuming where an earlier run ended. states: of the agents."""
        return self._run([each for each in self._order.stages if not each.after_publishing], states)

    def run_after_publishing(self, done: FinishedJobs) -> FinishedJobs:
        """Deploy the stages that need published agents. Returns all jobs. done: those before.

        JobOpenError: a job was started, or may have been.
        """
        if not any(each.after_publishing for each in self._order.stages):
            return done
        try:
            return self._run(self._order.stages, self.states())
        except WavegateError as error:
            if self.may_continue(error):
                raise JobOpenError(error.message, fix=error.fix) from error
            raise

    def _run(self, until: Sequence[PackageStage], states: Sequence[AgentState]) -> FinishedJobs:
        stages = self._order.stages
        jobs = [read_job(self._org, each) for each in self._journal.begun.finished]
        while self._journal.begun.failed is None and len(jobs) < len(until):
            job = self._deploy(len(jobs) + 1, self.states() if jobs else states)
            jobs += [job] if job else []
            if job is None or not job.succeeded:
                break
            if len(jobs) < len(stages):
                self._note(finished=tuple(each.id for each in jobs), job=None, previous_job=None)
        if self._journal.begun.failed is not None:
            return self._after_failed_stage(jobs[: len(self._journal.begun.finished)])
        problems = job_problems(jobs[-1]) if jobs else ()
        coverage = [note for job in jobs for note in coverage_notes(job, self._order.members)]
        return FinishedJobs(jobs=tuple(jobs), problems=problems, notes=(*self._once.notes, *coverage))

    def _deploy(self, number: int, states: Sequence[AgentState]) -> DeployJob | None:
        """The finished job of a stage, from 1. None: no job could be started, but earlier stages have finished.

        The journal notes the failure of such a stage.
        """
        stages = self._order.stages
        if len(stages) > 1:
            self._order.tell(
                f"Stage {number} of {len(stages)}: {pluralize(len(stages[number - 1].members), 'component')}"
            )
        try:
            job = self._deploy_stage(stages[number - 1], states)
        except WavegateError as error:
            if number == 1 or self.may_continue(error):
                raise
            self._note(failed="", reason=f"{error.message} {error.fix}", job=None, previous_job=None)
            return None
        if number > 1 and not job.succeeded:
            self._note(failed=job.id, job=None, previous_job=None)
        return job

    def _deploy_stage(self, stage: PackageStage, states: Sequence[AgentState]) -> DeployJob:
        self.switch(to_deactivate(states, stage.members, self._order.project))
        job = self._once.run(stage)
        # planners that are live, although the project did not show it
        refused = rejected_while_active(job, self.states()) if job.failures else ()
        if refused:
            self.switch(refused)
            self._note(job=None, previous_job=job.id)
            job = self._once.run(replace(stage, validation=None))
        return job

    def _after_failed_stage(self, finished: Sequence[DeployJob]) -> FinishedJobs:
        """Restore what the finished stages changed, and say what they leave in the org."""
        entry = self._journal.begun
        failed = [read_job(self._org, entry.failed)] if entry.failed else []
        first, *more = job_problems(failed[0]) if failed else (entry.reason or "no job could be started.",)
        problems = (f"Stage {len(finished) + 1} of {len(self._order.stages)} failed: {first}", *more)
        notes = self._restore(frozenset().union(*(each.members for each in self._order.stages[: len(finished)])))
        return FinishedJobs(jobs=(*finished, *failed), problems=problems, notes=(*self._once.notes, *notes))

    def _restore(self, deployed: frozenset[ComponentId]) -> Iterator[str]:
        """Deploy the live release's versions of deployed components. Returns what is left of each, one line each."""
        changed, added = deployed - self._order.added, deployed & self._order.added
        restored, reason = self._restore_changed(changed) if changed else (changed, "")
        if restored:
            yield f"Restored as they were before: {_names(restored)}."
        if changed - restored:
            yield f"Left in the org as this release has them, because {reason}: {_names(changed - restored)}."
        if added:
            yield f"Left in the org, where they are new as far as is known: {_names(added)}."

    def _restore_changed(self, changed: frozenset[ComponentId]) -> tuple[frozenset[ComponentId], str]:
        """The components that are restored, and why the others are not."""
        try:
            stage = self._order.restore(changed)
            job = self._once.run(stage) if stage else None
        except WavegateError as error:
            if self.may_continue(error):
                raise
            return frozenset(), f"they could not be restored ({error.message})"
        if stage is None or job is None:
            return frozenset(), "the live release's versions are not known"
        if not job.succeeded:
            return frozenset(), f"they could not be restored ({' '.join(job_problems(job))})"
        return stage.members & changed, "the live release does not have them"

    def _note(self, **fields: Any) -> None:
        self._journal.note(replace(self._journal.begun, **fields))


def _names(components: Iterable[ComponentId]) -> str:
    return join_names(sorted(map(str, components)), _MAX_NAMES)


def job_problems(job: DeployJob) -> tuple[str, ...]:
    """Why a finished job did not deploy everything, worst first, one line each; () if it did."""
    if job.succeeded:
        return ()
    failures = [f"{each.component}: {each.problem}" for each in job.failures]
    tests = [f"Test {each.name}: {each.problem}" for each in job.test_failures]
    return (f"Deployment {job.id} ended as {job.status}. {job.problem}".rstrip(), *failures, *tests)
