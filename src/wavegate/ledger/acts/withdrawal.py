"""Withdrawing a rollback: a person decided that the release which was rolled back is good after all.

Closing the pull request of the open rollback without merging it is such a decision too, and reopening it takes the
decision back. A pull request that a later rollback replaced is closed as well, but its act is no longer the open one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from wavegate.errors import RefusedError
from wavegate.github.client import GitHub
from wavegate.github.pulls import PullState, read_state
from wavegate.ledger.acts.act import Act, ActKind
from wavegate.ledger.acts.holds import holds_of, same_release, withdrawn_rollback
from wavegate.ledger.acts.record import complete_act, write_act
from wavegate.ledger.deployment import Deployment, State
from wavegate.ledger.reader import read_commit
from wavegate.ledger.spelling import is_environment
from wavegate.ledger.writer import Mark, mark, mark_failed


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    """Who withdrew a rollback, when and why. actor: login, '' if unknown. time: timezone-aware. run: URL or ''."""

    actor: str
    time: datetime
    reason: str
    run: str = ""


def find_withdrawal(github: GitHub, repository: str, rollback: Act) -> Withdrawal | None:
    """Whether a person closed the open rollback's pull request without merging it; None if not. Only reads.

    rollback: `Holds.rollback`. At most one request; none if it has no pull request. If the token may not read it, the
    rollback counts as open.
    """
    if not rollback.number:
        return None
    try:
        found = read_state(github, repository, rollback.number)
    except RefusedError:
        return None
    if not (found.is_pull and found.closed_at) or found.merged or found.closed_by_app:
        return None
    reason = f"closed pull request #{rollback.number} without merging it"
    return Withdrawal(actor=found.closed_by, time=found.closed_at, reason=reason)


def record_pull(
    github: GitHub, repository: str, environment: str, acts: Sequence[Act], *, manifest: str | None
) -> bool:
    """Record that a person closed the open rollback's pull request, or reopened a withdrawn one's; if anybody did.

    acts: all of the environment, newest first. manifest: path, None for any. One request if there is such a rollback.
    """
    rollback = holds_of(acts, manifest=manifest).rollback
    if rollback and (withdrawal := find_withdrawal(github, repository, rollback)):
        record_withdrawal(github, repository, environment, rollback, withdrawal, acts=acts)
        return True
    if reopened := find_reopened(github, repository, acts, manifest=manifest):
        record_reopened(github, repository, environment, reopened, acts=acts)
        return True
    if follows_a_pull(acts):
        complete_act(github, acts[0])
    return False


_OF_ROLLBACKS = (ActKind.ROLLBACK, ActKind.ROLLBACK_DONE, ActKind.ROLLBACK_WITHDRAWN)


def follows_a_pull(acts: Sequence[Act]) -> bool:
    """Whether the newest act was written because of what a person did to a pull request. acts: newest first."""
    if not acts or acts[0].kind is ActKind.ROLLBACK_WITHDRAWN:
        return bool(acts) and not acts[0].run
    newest = acts[0]
    # other acts, such as a lock, may have been written in between
    before = next((each for each in acts[1:] if each.kind in _OF_ROLLBACKS), None)
    is_reopened = before is not None and before.kind is ActKind.ROLLBACK_WITHDRAWN and before.number == newest.number
    return newest.kind is ActKind.ROLLBACK and newest.number != 0 and is_reopened


def find_reopened(github: GitHub, repository: str, acts: Iterable[Act], *, manifest: str | None) -> Act | None:
    """The rollback whose pull request was reopened after its withdrawal, and maybe merged; None if not. Only reads.

    acts: of an environment, newest first. manifest: path, None for any. At most one request; none if the newest
    rollback was not withdrawn. The act is that of the rollback, not written again yet.
    """
    known = withdrawn_rollback(acts, manifest=manifest)
    if known is None:
        return None
    rollback, withdrawal = known
    try:
        found = read_state(github, repository, rollback.number)
    except RefusedError:
        return None
    if not found.is_pull or not _is_open_since(found, withdrawal.time):
        return None
    return replace(rollback, id="", after="", recorded=None)


def _is_open_since(pull: PullState, withdrawn: datetime) -> bool:
    """Whether a pull request is open, or was merged after the withdrawal: one that was merged before stays so."""
    return pull.closed_at is None or (pull.merged and pull.closed_at > withdrawn)


def record_reopened(github: GitHub, repository: str, environment: str, rollback: Act, *, acts: Sequence[Act]) -> None:
    """Record that a rollback is open again, and mark its release's deployments as failed again.

    rollback: from `find_reopened`. acts: all that are recorded of the environment, newest first. The act comes last,
    as in `record_withdrawal`.
    """
    if rollback.release is None:
        raise ValueError("the act names no release")
    description = f"Rollback open again: pull request #{rollback.number} was reopened"
    for deployment in read_commit(github, repository, rollback.release.commit):
        known = {each.log_url for each in deployment.statuses if each.state is State.FAILURE}
        is_here = is_environment(deployment.environment, environment)
        if is_here and rollback.page in known and not deployment.rolled_back:
            mark_failed(github, deployment.id, description=description, log_url=rollback.page)
    write_act(github, repository, environment, rollback, commit=rollback.release.commit, known=acts)


def withdrawn_act(rollback: Act, withdrawal: Withdrawal) -> Act:
    """The act that ends a rollback as withdrawn, not written yet."""
    return replace(
        rollback,
        kind=ActKind.ROLLBACK_WITHDRAWN,
        id="",
        after="",
        time=withdrawal.time,
        actor=withdrawal.actor,
        reason=withdrawal.reason,
        run=withdrawal.run,
    )


def record_withdrawal(
    github: GitHub, repository: str, environment: str, rollback: Act, withdrawal: Withdrawal, *, acts: Sequence[Act]
) -> None:
    """Record that a rollback was withdrawn, and mark its release's deployments as successful again.

    rollback: open or done; its release is set. acts: all of the environment, newest first. The act comes last, so
    that a run after an interrupted one finds the rollback open and completes it.
    """
    if rollback.release is None:
        raise ValueError("the act names no release")
    own = [each for each in acts if each.kind is ActKind.ROLLBACK and same_release(each, rollback)]
    own = own or [rollback]
    for deployment in _marked(github, repository, environment, own):
        page = next(each.log_url for each in reversed(deployment.statuses) if each.state is State.FAILURE)
        description = f"Rollback withdrawn by {withdrawal.actor or 'an unknown person'}: {withdrawal.reason}"
        status = Mark(state=State.SUCCESS, description=description, log_url=page, replaces=False)
        mark(github, deployment.id, status)
    act = withdrawn_act(rollback, withdrawal)
    write_act(github, repository, environment, act, commit=rollback.release.commit, known=acts)


def _marked(github: GitHub, repository: str, environment: str, rollbacks: Iterable[Act]) -> Iterable[Deployment]:
    """The deployments that the rollbacks marked as failed."""
    pages = {each.page for each in rollbacks}
    commits = dict.fromkeys(each.release.commit for each in rollbacks if each.release)
    for commit in commits:
        for deployment in read_commit(github, repository, commit):
            failed = {each.log_url for each in deployment.statuses if each.state is State.FAILURE}
            is_here = is_environment(deployment.environment, environment)
            if is_here and deployment.rolled_back and failed & pages:
                yield deployment
