"""Checks against GitHub's deployments that an environment holds the commit under test."""

from wavegate.errors import RefusedError
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.history import newest_attempt
from wavegate.ledger.reader import read_newest
from wavegate.smoke.job import Job
from wavegate.smoke.recorder import say
from wavegate.text import one_line


def other_release(job: Job) -> str:
    """Which other release the environment holds, in words; '' if it holds the commit under test or nothing is known.

    Observations of another release are not evidence for this one. ServiceError: the deployments cannot be read.
    """
    access, name = GitHubAccess.from_environment(job.options.root), job.environment.name
    tested = {subject.commit for subject in job.subjects.values()}
    if not access.is_complete or None in tested:
        return ""
    try:
        newest = read_newest(access.client(), access.run.repository, [name])[name].deployments
    except RefusedError as error:
        say(f"Could not check which release {name} holds. {error.message}")
        return ""
    # before a deployment, the agents under test are those that everybody has
    held = newest if job.options.post_deploy else [each for each in newest if not each.confined]
    live = newest_attempt(held, manifest=job.manifest.path)
    if live is None or live.commit in tested:
        return ""
    return f"{name} holds {one_line(live.title, 60)} ({live.commit[:12]}), not the commit under test"
