"""The rules that hold a release back whatever its evidence: stops, locks, freezes and rollbacks.

They ask what a release ships, never under which commit. What was stopped stays stopped until a named person says
otherwise: nobody overrides a stop or a lock, because it is another person's decision.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from shlex import quote

from wavegate.ledger.acts.act import Act, ActKind
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.acts.words import acting_person, shown_time
from wavegate.ledger.deployment import FAILED, Deployment
from wavegate.ledger.environment import EnvironmentLedger, ShippedRelease, withdrawal_command
from wavegate.promotion.freezing import freeze_refusals
from wavegate.promotion.restart_fix import restart_fix
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.release.manifest import Environment, Manifest
from wavegate.text import join_names, one_line, pluralize


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldRequest:
    """A promotion as the rules see it.

    content: digest of what it ships to the environment, '' if unknown. content_before: the same for the environment
    before. commit: full SHA, '' if unknown. agents: API names of those that it ships. actor: login of the person who
    started this attempt, '' if unknown. now: timezone-aware. fast_lane: whether `fast_lane_of` found an earlier
    deployment.
    """

    manifest: Manifest
    environment: Environment
    content: str
    agents: tuple[str, ...]
    actor: str
    now: datetime
    fast_lane: bool = False
    commit: str = ""
    content_before: str = ""

    @property
    def release(self) -> ShippedRelease:
        """What identifies the release in the environment."""
        return ShippedRelease(content=self.content, commit=self.commit)

    @property
    def release_before(self) -> ShippedRelease:
        """What identifies it in the environment before."""
        return ShippedRelease(content=self.content_before, commit=self.commit)


class StopEffect(StrEnum):
    """What an open stop does to a promotion.

    refused: it keeps the release out. resumed, restored: once the release is live, the stop is over, because a person
    wrote `resume: true` for it, or because the agent already has the version of this very release. kept: the release
    is deployed in the fast lane, and the agent stays as the stop left it.
    """

    REFUSED = "refused"
    RESUMED = "resumed"
    RESTORED = "restored"
    KEPT = "kept"


def hold_refusals(ledger: EnvironmentLedger, request: HoldRequest) -> Iterator[Refusal]:
    """Why the environment is held against this promotion; nothing if it is not."""
    yield from _stopped(ledger, request)
    yield from _locked(ledger, request)
    if not request.fast_lane:
        yield from freeze_refusals(request.manifest, request.environment.name, actor=request.actor, now=request.now)
    yield from _unreadable(ledger)
    yield from rollback_refusals(ledger, request.release)
    for former in ledger.former:
        # no rollback restores what an environment of another name had
        usual = replace(request, fast_lane=False)
        yield from (*_stopped(former, usual), *_locked(former, usual), *rollback_refusals(former, request.release))


def stop_effects(ledger: EnvironmentLedger, request: HoldRequest) -> tuple[tuple[OpenStop, StopEffect], ...]:
    """The open stops of the agents that a promotion ships, and what each does to it."""
    names = {each.casefold() for each in request.agents}
    stops = (each for each in ledger.holds.stops if each.agent.casefold() in names)
    return tuple((stop, _effect(stop, ledger, request)) for stop in stops)


def rollback_refusals(ledger: EnvironmentLedger, release: ShippedRelease, *, before: str = "") -> Iterator[Refusal]:
    """The refusal of a release that was rolled back in the ledger's environment; nothing if it was not.

    before: the environment that it is to enter, if the ledger's is the one before that; '' if it is the same.
    """
    found = ledger.rollback_of(release)
    if found is None:
        return
    place = f"{ledger.place}, which comes before {one_line(before, 100)}" if before else ledger.place
    yield Refusal(
        rule=RefusalRule.ROLLED_BACK,
        message=f"This release was rolled back in {place}{_as_other(found, ledger)}{_by(found)}",
        fix="Release a fix: push a commit that changes what the release ships; the same content stays refused. "
        f"If it is good after all: `{withdrawal_command(ledger.environment, found)}`",
    )


def _as_other(found: Act | Deployment, ledger: EnvironmentLedger) -> str:
    """Of which manifest, if it is another one that ships the same."""
    manifest = found.manifest if isinstance(found, Act) else found.release.manifest if found.release else ""
    return f" as a release of {one_line(manifest, 100)}" if manifest not in ("", ledger.manifest) else ""


def restores_open_rollback(ledger: EnvironmentLedger, request: HoldRequest) -> bool:
    """Whether a promotion in the fast lane is the one that the open rollback asked for."""
    rollback = ledger.holds.rollback
    if not (request.fast_lane and rollback and rollback.target):
        return False
    return request.release.is_named(rollback.target)


def _effect(stop: OpenStop, ledger: EnvironmentLedger, request: HoldRequest) -> StopEffect:
    if _is_what_the_stop_left(stop, ledger, request):
        return StopEffect.RESTORED
    if request.fast_lane:
        return StopEffect.KEPT
    is_fix = request.manifest.resume and _differs(stop, request) and _stopped_resume(stop, ledger) is False
    is_fix = is_fix and not _was_attempted(stop, ledger, request)
    return StopEffect.RESUMED if is_fix else StopEffect.REFUSED


def _is_what_the_stop_left(stop: OpenStop, ledger: EnvironmentLedger, request: HoldRequest) -> bool:
    """Whether the agent already has the version of this release, so that nothing is activated that was stopped.

    Either the stop activated the versions of this release, or the release was live and good with the version that the
    stop left, as after a stop to the previous version.
    """
    release, target, stopped = request.release, stop.act.target, stop.act.release
    if stop.version is not None and target and release.is_named(target):
        return True
    if stop.version is None or (stopped and release.is_named(stopped)):
        return False
    good = [each for each in ledger.deployments if release.is_in(each) and _was_good(each, before=stop.act)]
    versions = {name.casefold(): version for each in good[:1] for name, version in each.live.items()}
    return versions.get(stop.agent.casefold()) == stop.version


def _was_good(deployment: Deployment, *, before: Act) -> bool:
    """Whether a release was live and good before a stop; one that went live since then left the agent as it was."""
    since = deployment.live_since
    return since is not None and since < before.moment and not deployment.rolled_back


def _differs(stop: OpenStop, request: HoldRequest) -> bool:
    """Whether the release is known to ship something else than the stopped one."""
    stopped = stop.act.release
    if stopped is None or not (stopped.content and request.content):
        return False
    return not request.release.is_named(stopped)


def _was_attempted(stop: OpenStop, ledger: EnvironmentLedger, request: HoldRequest) -> bool:
    """Whether a deployment of this release had begun when the agent was stopped: then it is stopped as well."""
    return any(request.release.is_in(each) for each in _begun(stop, ledger))


def _begun(stop: OpenStop, ledger: EnvironmentLedger) -> Iterator[Deployment]:
    """The deployments that had begun when a person stopped an agent, newest first.

    A stop that was found in the org was recorded by the deployment that was about to begin.
    """
    newest = newest_stop(stop.agent, ledger.acts) or stop.act
    if newest.actor:
        yield from (each for each in ledger.deployments if each.attempted and each.created_at <= newest.moment)


def newest_stop(agent: str, acts: Iterable[Act]) -> Act | None:
    """The newest stop of an agent, if several followed each other. acts: newest first."""
    stops = (each for each in acts if each.kind is ActKind.STOP)
    return next((each for each in stops if agent.casefold() in map(str.casefold, each.agents)), None)


def _stopped_resume(stop: OpenStop, ledger: EnvironmentLedger) -> bool | None:
    """Whether the stopped release already said `resume: true`; None if it is unknown.

    If another one was about to replace it, that one is stopped as well.
    """
    stopped = stop.act.release
    if stopped is None:
        return None
    found = (each for each in ledger.deployments if each.commit == stopped.commit and each.succeeded)
    said = next((each.release.resume for each in found if each.release), None)
    begun = next(_begun(stop, ledger), None)
    return True if said is False and begun and begun.release and begun.release.resume else said


def _stopped(ledger: EnvironmentLedger, request: HoldRequest) -> Iterator[Refusal]:
    refused = [stop for stop, effect in stop_effects(ledger, request) if effect is StopEffect.REFUSED]
    for act in dict.fromkeys(stop.act.id for stop in refused):
        stops = [stop for stop in refused if stop.act.id == act]
        names = join_names([one_line(stop.agent, 100) for stop in stops])
        yield Refusal(
            rule=RefusalRule.STOPPED,
            message=f"{names} {'was' if len(stops) == 1 else 'were'} stopped in {ledger.place}{_by(stops[0].act)}",
            fix=f"{_fix_forward(stops[0], ledger, request)} {restart_fix(stops, ledger)}",
            final=True,
        )


def _fix_forward(stop: OpenStop, ledger: EnvironmentLedger, request: HoldRequest) -> str:
    if ledger.is_former:
        return (
            "`resume: true` cannot lift this stop, because it is of an environment that the manifest does not name."
        )
    said = _stopped_resume(stop, ledger)
    if said is None:
        return "`resume: true` cannot lift this stop, because the stopped release is not in the ledger."
    if said:
        return "`resume: true` cannot lift this stop, because the stopped release said it already."
    if request.manifest.resume and not _differs(stop, request):
        return "`resume: true` lifts the stop only for a release that ships something else than the stopped one."
    if request.manifest.resume:
        return "`resume: true` lifts the stop only for a release that was not deployed before it."
    return "To release a fix: push a commit that changes what the release ships, with `resume: true` in the manifest."


def _unreadable(ledger: EnvironmentLedger) -> Iterator[Refusal]:
    if not ledger.unreadable:
        return
    where, acts = one_line(ledger.environment, 100), pluralize(ledger.unreadable, "act")
    yield Refusal(
        rule=RefusalRule.UNREADABLE_ACT,
        message=f"{acts} of {where} in GitHub's deployments cannot be read, and may be a stop or a lock.",
        fix="Pin all workflows to the newest version of wavegate that any of them has: it may have written what this "
        "one cannot read. If that does not help, give a reason for an override.",
    )


def _locked(ledger: EnvironmentLedger, request: HoldRequest) -> Iterator[Refusal]:
    lock = ledger.holds.lock
    if lock is None or restores_open_rollback(ledger, request):
        return
    where = one_line(ledger.environment, 100)
    yield Refusal(
        rule=RefusalRule.LOCKED,
        message=f"{ledger.place} is locked{_by(lock)}",
        fix=f"Wait, or ask {acting_person(lock)}. When the reason is over: "
        f'`wavegate unlock {quote(where)} --reason "…"`, then re-run all jobs.',
        final=True,
    )


def _by(found: Act | Deployment) -> str:
    """Who did it, when and why: the end of a sentence, with its full stop."""
    if isinstance(found, Deployment):
        marked = [each for each in found.statuses if each.state in FAILED][-1]
        return f" on {shown_time(marked.created_at)}: {one_line(marked.description, 300) or 'no reason is recorded'}."
    reason = one_line(found.reason, 300) or "no reason is recorded"
    return f" by {acting_person(found)} on {shown_time(found.time)}: {reason}."
