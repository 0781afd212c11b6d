"""Whether people declined a proposal, by closing its pull request."""

from wavegate.github.client import GitHub
from wavegate.github.proposed import Branch
from wavegate.github.pulls import read_state
from wavegate.text import one_line


def declined(github: GitHub, repository: str, branch: Branch, what: str) -> str:
    """That a person closed a branch's pull request without merging it, as a sentence; '' if nobody did.

    An app that closed it declined nothing: wavegate itself does so when a proposal is outdated. what: the subject of
    the proposal, such as "this step". One request, and none unless it was closed. RefusedError: it may not be read.
    """
    if branch.pull or not branch.closed:
        return ""
    state = read_state(github, repository, branch.closed)
    if state.closed_by_app:
        return ""
    by = f" by {one_line(state.closed_by, 60)}" if state.closed_by else ""
    return f"Pull request #{branch.closed} for {what} was closed{by} without a merge."
