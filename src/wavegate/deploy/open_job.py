"""The job that an earlier run started and did not see to its end, where GitHub does not let this run go on.

It is followed to its end all the same. Nothing else is done in the org: without GitHub, nobody knows whether the
release may still enter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from wavegate.deploy.jobs import wait_for_job
from wavegate.deploy.journal import DeployJournalEntry
from wavegate.errors import RefusedError, ServiceError, WavegateError
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState


@contextmanager
def following_open_job(
    find: Callable[[], tuple[Org, DeployJournalEntry | None]], *, seconds: float, tell: Callable[[str], None]
) -> Iterator[None]:
    """Ask GitHub in this context: if it refuses or fails, an open job is followed to its end before that is reported.

    find: the org, and its unfinished deployment. seconds: to wait for the job. tell: takes a line of progress.
    ServiceError: the answer of GitHub and how the job ended; something was done, so it is never an InputError.
    """
    try:
        yield
    except (RefusedError, ServiceError) as error:
        try:
            org, entry = find()
        except WavegateError:
            raise error from None
        if entry is None or entry.job is None:
            raise
        outcome = _outcome(org, entry, entry.job, seconds=seconds, tell=tell)
        fix = f"{error.fix} Then run the command again: it resumes that deployment and starts no second one."
        raise ServiceError(f"{error.message} {outcome}", fix=fix) from error


def _outcome(org: Org, entry: DeployJournalEntry, job_id: str, *, seconds: float, tell: Callable[[str], None]) -> str:
    try:
        tell(f"Deployment {job_id}: followed")
        job = wait_for_job(org, job_id, seconds=seconds, tell=tell)
        verb = f"ended as {job.status}" if job.ended else f"is still {job.status}"
        return (
            f"Deployment {job_id} of an earlier run {verb}.{inactive(find_agents(org, entry.before), entry.before)}"
        )
    except WavegateError as error:
        return f"Deployment {job_id} of an earlier run could not be followed: {error.message}"


def inactive(states: Iterable[AgentState], before: Mapping[str, int | None]) -> str:
    """A sentence on the agents that a deployment has deactivated so far, after a space; '' for none.

    before: version by agent name that was live before it, None for off.
    """
    off = [each.name for each in states if each.active is None and before.get(each.name)]
    stay = "stays" if len(off) == 1 else "stay"
    return f" {', '.join(off)} {stay} inactive until then." if off else ""
