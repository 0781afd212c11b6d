"""The steps of a deployment to an org; a run may end after any of them, and the next run resumes there.

1. The jobs that change its metadata (`deploy.package_jobs`). 2. Activate the deployed flows (`read_back.flows`).
3. Publish its Agent Scripts (`publication.publisher`), and deploy what needs their agents. 4. Activate exactly the
versions that the release ships. 5. Deactivate the flows that the release no longer has. 6. Give the pilot's users
access. 7. Read back what is live, delete those flows, and take the copies of a pilot that is over out of use. If the
org refuses a step before that, the previous versions are activated again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wavegate.deploy.acts.held import HeldAgents, StopsUnknownError
from wavegate.deploy.journal import DeployJournal, DeployJournalEntry
from wavegate.deploy.open_job import inactive
from wavegate.deploy.package_jobs import FinishedJobs, JobOpenError, PackageJobs
from wavegate.deploy.pilot.copies import PilotSteps
from wavegate.deploy.request import DeployRequest
from wavegate.deploy.rollout import Switch, check_versions, to_make_live, to_restore, wanted_versions
from wavegate.deploy.rollout_values import AgentChange, CohortChange, Rollout
from wavegate.errors import ServiceError, WavegateError
from wavegate.publication.publisher import PublicationOpenError, PublicationRequest, ScriptPublisher
from wavegate.read_back.flow_decisions import release_flows
from wavegate.read_back.flows import FlowSteps
from wavegate.read_back.template_check import TemplateCheck
from wavegate.salesforce.cli import Cli
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState


class OrgDeployment:
    """One deployment to one org."""

    def __init__(self, order: DeployRequest, org: Org, cli: Cli, journal: DeployJournal) -> None:
        self._order = order
        self._org = org
        self._journal = journal
        self._jobs = PackageJobs(order, org, cli, journal)
        self._flows = FlowSteps(org, release_flows(order.members, order.project, order.removed), order.tell)
        self._templates = TemplateCheck(org, order.members, order.project)
        request = PublicationRequest(
            agents=order.agents, scripts=order.scripts, published=order.published, tell=order.tell
        )
        self._scripts = ScriptPublisher(request, org, cli, self._jobs)
        self._pilot = PilotSteps(order, org)
        self._agents = order.agents
        self._held = self._hold(())

    def run(self, states: Sequence[AgentState]) -> Rollout:
        """Deploy, and return the outcome. states: of the agents that it may affect, now.

        ServiceError: the org did not answer or ended the login, or the job is still running after the time limit; the
        next run resumes it. Any other error: nothing was changed in the org.
        """
        self._held = self._hold(states)
        entry = self._journal.begin(
            self._order.subject, {each.name: each.live for each in states}, self._flows.read()
        )
        self._jobs.note_live(states)
        done = FinishedJobs()
        cohorts: tuple[CohortChange, ...] = ()
        problems: Sequence[str] = ()
        try:
            if not entry.finished:
                check_versions(states, self._order.agents, self._order.members, self._order.scripts)
                self._scripts.check(states)
            done = self._jobs.run(states)
            if not done.problems:
                self._publish(entry)
                done = self._jobs.run_after_publishing(done)
            problems = done.problems
            if not problems:
                cohorts = self._make_live(entry)
        except (JobOpenError, PublicationOpenError, StopsUnknownError) as error:
            raise self._interrupted(error) from error
        except WavegateError as error:
            if not done.jobs and self._jobs.may_continue(error):
                raise self._interrupted(error) from error
            problems = (f"{error.message} {error.fix}",)
        try:
            return self._failed(entry, done, problems) if problems else self._done(entry, done, cohorts)
        except WavegateError as error:
            raise self._interrupted(error, *problems) from error

    def _publish(self, entry: DeployJournalEntry) -> None:
        """The steps from the jobs to the published scripts; the first that raises an error fails the deployment."""
        self._templates.run()
        self._flows.activate(entry.flows)
        self._agents = self._scripts.run()

    def _make_live(self, entry: DeployJournalEntry) -> tuple[CohortChange, ...]:
        """The steps once everything is deployed, in order; the first that raises an error fails the deployment."""
        self._activate(entry)
        self._flows.deactivate()
        return self._pilot.let_in()

    def _hold(self, states: Iterable[AgentState]) -> HeldAgents:
        order, began = self._order, {each.name: each.live for each in states}
        return HeldAgents(environment=order.environment, read_stops=order.read_stops, began=began)

    def _compared(self) -> tuple[AgentState, ...]:
        """The agents as they are now; those that somebody else has deactivated are held."""
        states = self._jobs.states()
        self._held.compare(states, switched_off=self._jobs.switched_off)
        return states

    def _activate(self, entry: DeployJournalEntry) -> None:
        states = self._compared()
        if not self._to_make_live(states, entry) and not self._held.unexplained:
            return
        if self._held.read():
            states = self._compared()
        # whoever stopped an agent in the very second of its activation did so before it
        if self._switch(self._to_make_live(states, entry), states, entry) and self._held.read():
            states = self._compared()
            self._switch(self._to_make_live(states, entry), states, entry)

    def _to_make_live(self, states: Sequence[AgentState], entry: DeployJournalEntry) -> tuple[Switch, ...]:
        return to_make_live(states, self._agents, entry.before, self._held.versions)

    def _switch(self, switches: Sequence[Switch], states: Sequence[AgentState], entry: DeployJournalEntry) -> bool:
        """Switch agents as far as that is allowed, and return whether any was. StopsUnknownError: not all of them."""
        allowed = self._held.allowed(switches, states, entry.before, activated=self._jobs.activated)
        self._jobs.switch(allowed)
        if len(allowed) < len(switches):
            raise self._held.unknown(each for each in switches if each not in allowed)
        return bool(allowed)

    def _done(self, entry: DeployJournalEntry, done: FinishedJobs, cohorts: tuple[CohortChange, ...]) -> Rollout:
        states = self._jobs.states()
        missed = self._to_make_live(states, entry)
        if missed:
            wrong = [f"{each.agent} version {each.version.number} was activated but is not active" for each in missed]
            return self._failed(entry, done, wrong)
        agents, flows = self._changes(entry, states), self._flows.delete(entry.flows)
        cohorts += self._pilot.retire()
        changed = [each.before != each.live for each in agents] + [each.before != each.live for each in flows]
        changed += [bool(each.changed) for each in done.jobs] + [bool(each.added or each.removed) for each in cohorts]
        changed.append(bool(self._pilot.retired))
        result = "deployed" if any(changed) else "unchanged"
        held = self._held.agents(states, wanted_versions(states, self._agents, entry.before))
        rollout = self._rollout(done, result=result, agents=agents, cohorts=cohorts, flows=flows, held=held)
        return self._recorded(rollout, ended=True)

    def _failed(self, entry: DeployJournalEntry, done: FinishedJobs, problems: Sequence[str]) -> Rollout:
        entry = self._pilot.to_restore(entry, done.jobs)
        self._restore(entry)
        states = self._jobs.states()
        cohorts = self._pilot.after_failure(states)
        missed = to_restore(states, entry.before, self._held.versions)
        lost = [f"{each.agent} could not be restored" for each in missed]
        lost += self._flows.restore(entry.flows)
        agents, held = (
            self._changes(entry, states),
            self._held.agents(states, wanted_versions(states, (), entry.before)),
        )
        rollout = self._rollout(
            done, result="failed", agents=agents, cohorts=cohorts, problems=(*problems, *lost), held=held
        )
        return self._recorded(rollout, ended=not lost)

    def _restore(self, entry: DeployJournalEntry) -> None:
        states = self._compared()
        if to_restore(states, entry.before, self._held.versions) or self._held.unexplained:
            states = self._compared() if self._held.read() else states
            switches = to_restore(states, entry.before, self._held.versions)
            self._jobs.switch(self._held.allowed(switches, states, entry.before, activated=self._jobs.activated))

    def _recorded(self, rollout: Rollout, *, ended: bool) -> Rollout:
        """The outcome, recorded in the ledger. If that fails, the journal stays open and the next run records it."""
        try:
            self._order.record(rollout)
        except WavegateError as error:
            return replace(rollout, unrecorded=error)
        if ended:
            self._journal.end()
        return rollout

    def _rollout(self, done: FinishedJobs, **outcome: object) -> Rollout:
        order = self._order
        common: dict[str, object] = {"release": order.release, "environment": order.environment}
        common |= {"host": self._org.host, "publications": self._scripts.done, "templates": self._templates.states}
        notes = (*done.notes, *self._held.notes, *self._pilot.notes)
        return Rollout(jobs=done.jobs, notes=notes, **common, **outcome)  # type: ignore[arg-type]

    def _changes(self, entry: DeployJournalEntry, states: Iterable[AgentState]) -> tuple[AgentChange, ...]:
        return tuple(
            AgentChange(name=each.name, before=entry.before.get(each.name), live=each.live) for each in states
        )

    def _interrupted(self, error: WavegateError, *problems: str) -> ServiceError:
        """The error, preceded by the problems that led to it and followed by the agents that stay inactive."""
        if self._journal.begun.job:
            # another machine may have to resume it
            self._jobs.note_in_ledger()
        message = " ".join([*(f"{each.rstrip('.')}." for each in problems), error.message])
        try:
            note = inactive(self._held.others(self._jobs.states()), self._journal.begun.before)
        except WavegateError:
            note = " The live versions cannot be read now."
        # not an InputError, whatever the cause: the org may have changed, and running it again resumes
        return ServiceError(message + note, fix=error.fix)
