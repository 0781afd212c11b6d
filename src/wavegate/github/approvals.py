"""Who approved a run's deployments."""

import re

import msgspec

from wavegate.github.approved import RunApproval
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose

_READ = Purpose(doing="read who approved the run", permission="actions: read")
_RUN = re.compile(r"/actions/runs/(\d{1,20})(?:/attempts/\d{1,9})?$")


class _Approver(msgspec.Struct):
    login: str


class _ApprovedEnvironment(msgspec.Struct):
    name: str


class _Approval(msgspec.Struct):
    state: str
    user: _Approver | None
    environments: list[_ApprovedEnvironment]


def read_approvals(github: GitHub, repository: str, run: str) -> tuple[RunApproval, ...] | None:
    """The approvals of a run, in any of its attempts; None if it is not a GitHub Actions run.

    run: URL of its page. RefusedError: the token may not read it, or the run is gone.
    """
    number = _RUN.search(run)
    if number is None:
        return None
    path = f"/repos/{repository}/actions/runs/{number[1]}/approvals"
    approvals = github.get(path, list[_Approval], _READ)
    return tuple(
        RunApproval(login=each.user.login, environments=tuple(known.name for known in each.environments))
        for each in approvals
        if each.state == "approved" and each.user
    )
