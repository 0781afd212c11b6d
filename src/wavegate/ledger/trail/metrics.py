"""The numbers that release engineers count (DORA), as docs/reference/status.md defines them, from a ledger.

Source: dora.dev, "DORA's software delivery metrics".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.acts.holds import holds_of
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.spelling import is_environment
from wavegate.ledger.status.state import is_release, last_failure
from wavegate.ledger.trail.values import Failure, LedgerRecord, ReleaseMetrics


@dataclass(frozen=True, kw_only=True, slots=True)
class _WentLive:
    deployment: Deployment
    since: datetime
    committed: datetime | None

    @property
    def id(self) -> ReleaseId:
        release = self.deployment.release
        content = release.content if release else ""
        return ReleaseId(name=self.deployment.title, commit=self.deployment.commit, content=content)

    @property
    def is_adopted(self) -> bool:
        """Whether the org already ran it when it was recorded: nothing was promoted."""
        return self.deployment.release is not None and self.deployment.release.adoption is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sign:
    """One entry that says that a release fails. release None: the one that was live. stop: its act, else None."""

    time: datetime
    release: ReleaseId | None
    stop: Act | None = None
    is_verification: bool = False


def metrics_of(
    records: Sequence[LedgerRecord], environment: str, *, since: datetime | None, until: datetime
) -> ReleaseMetrics:
    """The numbers of an environment. records: of one manifest, newest first; those of other environments are ignored.

    since: start of the period, None for the first entry. until: its end, when the records were read.
    """
    own = [each for each in reversed(records) if is_environment(each.environment, environment)]
    live = sorted(_live(own), key=lambda each: each.since)
    start = since or (own[0].recorded if own else None)
    counted = [each for each in live if start is not None and start <= each.since <= until and not each.is_adopted]
    failing = _failing(own, live)
    return ReleaseMetrics(
        environment=environment,
        start=start,
        end=until,
        live=len(counted),
        lead_times=tuple(_lead_times(live, counted)),
        failures=tuple(
            _failure(each, signs, own, live, failing)
            for each in counted
            if (signs := failing.get(each.deployment.id))
        ),
    )


def _live(records: Sequence[LedgerRecord]) -> Iterator[_WentLive]:
    for each in records:
        if each.deployment and not each.deployment.confined and (since := each.deployment.live_since):
            yield _WentLive(deployment=each.deployment, since=since, committed=each.committed)


def _lead_times(live: Sequence[_WentLive], counted: Sequence[_WentLive]) -> Iterator[timedelta]:
    """From commit to live. What was live before is not a change: a rollback, or a release that was deployed again."""
    for each in counted:
        earlier = live[: live.index(each)]
        is_change = not any(is_release(before.deployment, each.id) for before in earlier)
        # a committer's clock can be wrong
        if is_change and each.committed and each.committed <= each.since:
            yield each.since - each.committed


def _failing(records: Sequence[LedgerRecord], live: Sequence[_WentLive]) -> dict[str, list[_Sign]]:
    """The signs of failure by the node id of the promotion that they are about: the newest of that release then."""
    found: dict[str, list[_Sign]] = {}
    for sign in sorted(_signs(records, live), key=lambda each: each.time):
        then = [each for each in live if each.since <= sign.time]
        about = [each for each in then if sign.release is None or is_release(each.deployment, sign.release)]
        if about:
            found.setdefault(about[-1].deployment.id, []).append(sign)
    return found


def _signs(records: Sequence[LedgerRecord], live: Sequence[_WentLive]) -> Iterator[_Sign]:
    acts = [each for each in records if each.act]
    kept = {act.id for act in holds_of(each.act for each in reversed(acts) if each.act).rolled_back}
    for each in acts:
        if each.act and each.act.kind is ActKind.STOP:
            yield _Sign(time=each.recorded, release=each.act.release, stop=each.act)
        elif each.act and each.act.id in kept:
            yield _Sign(time=each.recorded, release=each.act.release)
    for each in records:
        if each.decision and each.decision.stage == "verify" and each.decision.verdict == "fail":
            release = ReleaseId(name=each.decision.release, commit=each.commit, content=each.decision.content)
            yield _Sign(time=each.recorded, release=release, is_verification=True)
    # a ledger without acts has only the mark on the deployment
    for went_live in live:
        if went_live.deployment.rolled_back:
            yield _Sign(time=last_failure(went_live.deployment).created_at, release=went_live.id)


def _failure(
    failed: _WentLive,
    signs: Sequence[_Sign],
    records: Sequence[LedgerRecord],
    live: Sequence[_WentLive],
    failing: dict[str, list[_Sign]],
) -> Failure:
    start = signs[0].time
    stops = [each for each in signs if each.stop]
    ends: list[datetime | None] = [_restarted(each, records) for each in stops]
    if len(stops) < len(signs):
        good = (each.since for each in live if _replaces(each, failed, start) and each.deployment.id not in failing)
        passed = _passed(failed, signs, records)
        ends.append(min((each for each in (*good, passed) if each), default=None))
    known = [each for each in ends if each]
    return Failure(
        deployment=failed.deployment.id, start=start, restored=max(known) if len(known) == len(ends) else None
    )


def _replaces(other: _WentLive, failed: _WentLive, start: datetime) -> bool:
    return other.since > start and not is_release(other.deployment, failed.id)


def _restarted(sign: _Sign, records: Sequence[LedgerRecord]) -> datetime | None:
    """When the last of the stopped agents was restarted; None while one is not."""
    waiting = {name.casefold() for name in sign.stop.agents} if sign.stop else set()
    for each in records:
        if each.act and each.act.kind is ActKind.RESTART and each.recorded >= sign.time:
            waiting -= {name.casefold() for name in each.act.agents}
            if not waiting:
                return each.recorded
    return None


def _passed(failed: _WentLive, signs: Sequence[_Sign], records: Sequence[LedgerRecord]) -> datetime | None:
    """When the release passed a verification after all; None if it did not, or was rolled back."""
    if any(not each.is_verification and not each.stop for each in signs):
        return None
    last = max(each.time for each in signs if each.is_verification)
    passes = (
        each.recorded
        for each in records
        if each.decision
        and (each.decision.stage, each.decision.verdict) == ("verify", "pass")
        and each.decision.content == failed.id.content
        and each.recorded > last
    )
    return min(passes, default=None)
