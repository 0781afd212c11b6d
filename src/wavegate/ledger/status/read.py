"""Read what a status needs: the releases and acts of environments, and who approved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from wavegate.errors import WavegateError
from wavegate.github.approvals import read_approvals
from wavegate.github.client import GitHub
from wavegate.github.pulls import read_state
from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.by_environment import EnvironmentActs
from wavegate.ledger.acts.former import former_holds, open_names
from wavegate.ledger.acts.record import read_all_acts
from wavegate.ledger.acts.withdrawal import find_reopened
from wavegate.ledger.canary_entry import CanaryLook, looks_of
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import is_of, live_release_of
from wavegate.ledger.reader import read_ledger, read_newest
from wavegate.ledger.recorded_act import RecordedAct, RecordedActs
from wavegate.ledger.status.approvers import approvers_of
from wavegate.ledger.status.state import environment_status
from wavegate.ledger.status.values import EnvironmentStatus, PullProgress
from wavegate.release.manifest import Manifest


def read_statuses(
    github: GitHub, repository: str, manifest: Manifest, environments: Sequence[str], *, at: datetime | None
) -> list[EnvironmentStatus]:
    """The status of environments according to GitHub, without drift. at: a past moment; None for now.

    environments: names; [] for those of the manifest, and those that it no longer names but that its acts still hold.
    The newest releases of all environments are one request, and all acts are one; the approvals of the live release
    of an environment and the pull request of its open rollback are one each.
    """
    known = read_all_acts(github, repository, until=at)
    former = [] if environments else open_names(former_holds(known, manifest))
    environments = [*(environments or [each.name for each in manifest.environments]), *former]
    # a past moment may lie behind many newer releases
    newest = read_newest(github, repository, environments) if at is None else {}
    found = []
    for name in environments:
        acts = known.of(name)
        reopened = find_reopened(github, repository, acts.acts, manifest=manifest.path) if at is None else None
        own = [each for each in newest[name].deployments if is_of(each, manifest.path)] if name in newest else []
        whole = name in newest and newest[name].whole
        if not whole and live_release_of(own) is None:
            own, whole = _read_further(github, repository, manifest, name, at), True
        status = environment_status(name, own, _recorded(acts, reopened), manifest=manifest.path, whole=whole)
        if at is None:
            status = _with_pull_state(github, repository, status)
        looks = newest[name].looks if name in newest else ()
        status = replace(status, is_former=name in former, looks=_looks(status, looks, manifest))
        found.append(_with_approvals(github, repository, status, manifest))
    return found


def _looks(status: EnvironmentStatus, looks: Sequence[CanaryLook], manifest: Manifest) -> tuple[CanaryLook, ...]:
    """The looks at what the pilot has, or without one the live release."""
    current = status.pilot or status.live
    content = current.release.content if current and current.release else ""
    return looks_of(looks, manifest=manifest.path, content=content)


def _recorded(known: EnvironmentActs, reopened: Act | None) -> RecordedActs:
    """The acts, with that of a rollback which is open again."""
    acts = (*([reopened] if reopened else []), *known.acts)
    recorded = tuple(RecordedAct(act=each, recorded=each.moment) for each in acts)
    return RecordedActs(acts=recorded, unreadable=known.unreadable)


def _read_further(
    github: GitHub, repository: str, manifest: Manifest, environment: str, at: datetime | None
) -> list[Deployment]:
    """The releases down to the newest one that everybody got.

    Newer ones failed, are a pilot's, are newer than `at`, or are of another manifest.
    """
    deployments: list[Deployment] = []
    for page in read_ledger(github, repository, environment, until=at):
        deployments += [each for each in page.deployments if is_of(each, manifest.path)]
        if live_release_of(deployments):
            break
    return deployments


def _with_pull_state(github: GitHub, repository: str, status: EnvironmentStatus) -> EnvironmentStatus:
    """The status with the state of the open rollback's pull request, as far as the token may read it."""
    rollback = status.rollback
    if rollback is None or not rollback.number:
        return status
    try:
        found = read_state(github, repository, rollback.number)
    except WavegateError:
        return status
    pull: PullProgress = "merged" if found.merged else "closed" if found.closed_at else "open"
    return replace(status, rollback=replace(rollback, pull=pull, closed_by=found.closed_by))


def _with_approvals(
    github: GitHub, repository: str, status: EnvironmentStatus, manifest: Manifest
) -> EnvironmentStatus:
    release = status.live.release if status.live else None
    if release is None:
        return status
    try:
        approvals = read_approvals(github, repository, release.run)
    except WavegateError:
        return status
    if approvals is None:
        return status
    others = [each.name for each in manifest.environments if each.name != status.environment]
    return replace(status, approvals=approvers_of(approvals, status.environment, others))
