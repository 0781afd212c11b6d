"""Writing the ledger: a deployment, made once, and its statuses."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from wavegate.adapters.github.client import GitHub
from wavegate.adapters.github.errors import Purpose
from wavegate.adapters.github.payload import DESCRIPTION_LIMIT, payload_of
from wavegate.model.deployment import TASK, Release, State
from wavegate.text import clip, visible

_READ = Purpose(doing="read the deployments", permission="deployments: read")
_RECORD = Purpose(doing="record the deployment", permission="deployments: write, contents: read")
_MARK = Purpose(doing="mark the deployment", permission="deployments: write")


class _Made(msgspec.Struct):
    id: int


class _PostedStatus(msgspec.Struct):
    state: str
    log_url: str | None = None
    description: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A status to give. description: cut to what GitHub takes. log_url: the page that says more."""

    state: State
    description: str
    log_url: str = ""


def create_deployment(
    github: GitHub,
    repository: str,
    environment: str,
    commit: str,
    release: Release,
    *,
    find: Callable[[], int | None],
) -> int:
    """Record a release that is about to be deployed; the id of its deployment.

    find: looks for it where GitHub's answer was lost. No commit status is asked for, since the gate was the check,
    and nothing is merged, since the commit is what was proven.
    """
    body = {
        "ref": commit,
        "task": TASK,
        "auto_merge": False,
        "required_contexts": [],
        "environment": environment,
        "payload": payload_of(release),
        "description": clip(visible(release.name), DESCRIPTION_LIMIT),
    }
    path = f"/repos/{repository}/deployments"
    return github.once(lambda: github.send("POST", path, body, _Made, _RECORD, repeatable=False).id, find)


def mark(github: GitHub, repository: str, deployment: int, given: Mark) -> None:
    """Give a deployment a status, once: where the answer is lost, one that says the same is looked for."""
    description = clip(visible(given.description), DESCRIPTION_LIMIT)
    path = f"/repos/{repository}/deployments/{deployment}/statuses"
    body: dict[str, object] = {"state": given.state.value, "description": description, "log_url": given.log_url}
    # what failed makes nothing else inactive
    body["auto_inactive"] = given.state is State.SUCCESS

    def find() -> _PostedStatus | None:
        posted = github.get(f"{path}?per_page=100", list[_PostedStatus], _READ)
        wanted = (given.state, description, given.log_url)
        return next((each for each in posted if (each.state, each.description, each.log_url or "") == wanted), None)

    github.once(lambda: github.send("POST", path, body, _PostedStatus, _MARK, repeatable=False), find)


def mark_failed(github: GitHub, repository: str, deployment: int, *, description: str, log_url: str) -> None:
    """Give a deployment a failure status, once. log_url: the page that says what happens about it."""
    mark(github, repository, deployment, Mark(state=State.FAILURE, description=description, log_url=log_url))
