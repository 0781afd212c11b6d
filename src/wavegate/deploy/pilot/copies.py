"""What one deployment does for pilots: its own, and those that it ends."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wavegate.deploy.journal import DeployJournalEntry
from wavegate.deploy.pilot.steps import LiveAccess, Retiring, let_in
from wavegate.deploy.request import DeployRequest
from wavegate.deploy.rollout_values import CohortChange, DeployJob
from wavegate.errors import ServiceError, WavegateError
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState
from wavegate.text import join_names, one_line


class PilotSteps:
    """The pilot steps of a deployment. retired: names of the copies that it deactivated at the end."""

    def __init__(self, order: DeployRequest, org: Org) -> None:
        self._order = order
        self._org = org
        self._live = LiveAccess(org, order.memory) if order.copies and order.memory else None
        self._retiring = Retiring(org, order.memory)

    def let_in(self) -> tuple[CohortChange, ...]:
        """Give exactly the pilot's users access, then take the live agents from those who should not have them."""
        changes = tuple(let_in(self._org, each) for each in self._order.admissions)
        if self._order.copies and self._live:
            return (*changes, *self._live.take(self._order.copies))
        return changes

    def retire(self) -> tuple[CohortChange, ...]:
        """Take the copies of a pilot that is over out of use. ServiceError: the org refused it, or did not answer."""
        if self._order.retirement is None:
            return ()
        try:
            return self._retiring.run(self._order.retirement)
        except WavegateError as error:
            release, where = one_line(self._order.release, 200), one_line(self._order.environment, 100)
            names = join_names(self._order.retirement.copies)
            message = f"{release} is live in {where}, but {names} could not be taken out of use: {error.message}"
            raise ServiceError(message, fix=f"{error.fix} Running the command again completes it.") from error

    def to_restore(self, entry: DeployJournalEntry, jobs: Sequence[DeployJob]) -> DeployJournalEntry:
        """What to restore after a failure: copies that a job has changed stay inactive, whatever was active before.

        An earlier version of a copy may use what the job changed, and nobody needs it: everybody has the live agent.
        """
        copies = self._order.copies
        if copies is None or not any(each.succeeded and each.changed for each in jobs):
            return entry
        names = {each.casefold() for each in copies.agents.values()}
        return replace(entry, before={
            name: None if name.casefold() in names else version for name, version in entry.before.items()
        })  # fmt: skip

    def after_failure(self, states: Iterable[AgentState]) -> tuple[CohortChange, ...]:
        """Give the live agents back where no copy is active any more."""
        if self._live is None or any(each.active for each in states):
            return ()
        return self._live.give_back()

    @property
    def retired(self) -> tuple[str, ...]:
        """Names of the copies that were deactivated because their pilot is over."""
        return self._retiring.deactivated

    @property
    def notes(self) -> tuple[str, ...]:
        """What else there is to know, one line each."""
        retired = f"Deactivated, because the pilot is over: {join_names(self.retired)}." if self.retired else ""
        manual = self._order.copies.manual if self._order.copies else ()
        live = self._live.notes if self._live else ()
        return tuple(filter(None, (*manual, *live, retired, *self._retiring.notes)))
