"""Read a gate's earlier decisions about the same content from the ledger."""

from itertools import islice

from wavegate.errors import InputError
from wavegate.gate.attempt.attempts import Attempts
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.gate_entry import Stage, gate_task, parse_gate_entry
from wavegate.text import one_line

MAX_DECISIONS = 500
"""Maximum decisions about the same content."""


def read_attempts(access: GitHubAccess, *, stage: Stage, environment: str, content: str) -> Attempts:
    """The earlier decisions of a stage about some content, and the workflow run.

    Without a token, or for unknown content, the decisions are unknown. A ledger that cannot be read is an error and
    not a first attempt: ServiceError, or RefusedError without the permission.
    """
    run = access.run.attempt_url
    if not access.is_complete or not content:
        return Attempts(run=run)
    from wavegate.ledger.events import read_events  # loads requests, which a gate without a token does not need

    events = read_events(access.client(), access.run.repository, environment, gate_task(stage, content))
    newest = list(islice(events, MAX_DECISIONS + 1))
    if len(newest) > MAX_DECISIONS:
        raise InputError(
            f"The ledger has more than {MAX_DECISIONS} decisions about this content in {one_line(environment, 100)}.",
            fix="Release a commit with other content.",
        )
    entries = (parse_gate_entry(each.payload, stage=stage, content=content) for each in reversed(newest))
    page = f"{access.run.server_url}/{access.run.repository}/actions/runs/"
    own = tuple(each if each and (not each.run or each.run.startswith(page)) else None for each in entries)
    return Attempts(run=run, entries=own)
