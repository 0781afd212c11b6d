"""Whether an environment holds the commit that is tested there, as far as GitHub's deployments tell."""

from wavegate.github.connect import GitHubAccess
from wavegate.github.errors import RefusedError
from wavegate.ledger.history import newest_attempt
from wavegate.ledger.reader import read_newest
from wavegate.smoke.job import Job
from wavegate.smoke.recorder import say
from wavegate.text import one_line


def other_release(job: Job) -> str:
    """What the environment holds instead of the commit that is tested, '' where it holds that or nothing is known.

    What an org shows while it holds another release is no evidence for this one. ServiceError: GitHub did not tell.
    """
    access, name = GitHubAccess.from_environment(), job.environment.name
    tested = {subject.commit for subject in job.subjects.values()}
    if not access.is_complete or None in tested:
        return ""
    try:
        newest = read_newest(access.client(), access.run.repository, [name])[name].deployments
    except RefusedError as error:
        say(f"Not checked which release {name} holds. {error.message}")
        return ""
    live = newest_attempt(newest, manifest=job.manifest.path)
    if live is None or live.commit in tested:
        return ""
    return f"{name} holds {one_line(live.title, 60)} ({live.commit[:12]}), which is not the commit that is tested"
