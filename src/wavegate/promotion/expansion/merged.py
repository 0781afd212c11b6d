"""Finds the merged pull request of the canary step that a promotion takes."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.ledger.environment import EnvironmentLedger, UnconfirmedStep
from wavegate.promotion.expansion.branch import step_branch
from wavegate.promotion.expansion.support_box import is_support_confirmed
from wavegate.promotion.hold_request import HoldRequest
from wavegate.release.manifest import Environment

_READ = Purpose(doing="read the expansion's pull request", permission="pull-requests: read")


class _MergedPull(msgspec.Struct):
    number: int
    html_url: str
    body: str | None = None
    merged_at: datetime | None = None


def unconfirmed_step(
    github: GitHub, repository: str, ledger: EnvironmentLedger, request: HoldRequest
) -> UnconfirmedStep | None:
    """The step that a promotion takes, if its pull request was merged without confirming that support is ready.

    None for a step that no pull request of `expand` has taken, such as the first one. At most two requests, and none
    without a canary. RefusedError: pull requests may not be read.
    """
    step = _step(request.environment)
    if step < 2:
        return None
    owner = repository.partition("/")[0]
    for content in dict.fromkeys(filter(None, _contents(ledger, request))):
        branch = step_branch(request.environment.name, release=request.manifest.release, content=content, step=step)
        query = urlencode({"head": f"{owner}:{branch}", "state": "closed", "sort": "updated", "direction": "desc"})
        pulls = github.get(f"/repos/{repository}/pulls?{query}", list[_MergedPull], _READ)
        if merged := [each for each in pulls if each.merged_at]:
            # which of them took the step is not known, since a branch can be merged into several
            open_ = [each for each in merged if not is_support_confirmed(each.body or "")]
            newest = max(open_, key=lambda each: each.number, default=None)
            return UnconfirmedStep(number=newest.number, url=newest.html_url, step=step) if newest else None
    return None


def _step(environment: Environment) -> int:
    """The number of the last step that the manifest takes; 0 without any."""
    steps = environment.canary.steps if environment.canary else ()
    if environment.rollout != "canary":
        return next((number for number, each in enumerate(steps, 1) if each.cohorts is None), 0)
    taken, admitted = 0, set[str]()
    for number, each in enumerate(steps, 1):
        admitted |= set(each.cohorts or ())
        if each.cohorts is not None and admitted <= set(environment.pilot_users):
            taken = number
    return taken


def _contents(ledger: EnvironmentLedger, request: HoldRequest) -> Iterator[str]:
    """Digests that the branch may be named by: of this release, and of the pilot before the step changed its flow."""
    yield request.content
    newest = next((each for each in ledger.deployments if each.succeeded), None)
    if newest and newest.release and newest.release.pilot:
        yield newest.release.content
