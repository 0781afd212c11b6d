"""The rule of stops: what was stopped stays stopped until a named person says otherwise.

It asks what a release ships, never under which commit. Nobody overrides a stop, because it is another person's
decision.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from wavegate.ledger.acts.act import Act, ActKind
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.acts.words import by_whom
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.environment import EnvironmentLedger
from wavegate.ledger.history import released_versions
from wavegate.pilot.names import copy_name
from wavegate.promotion.hold_request import HoldRequest
from wavegate.promotion.restart_fix import restart_fix
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.text import join_names, one_line


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


def stop_effects(ledger: EnvironmentLedger, request: HoldRequest) -> tuple[tuple[OpenStop, StopEffect], ...]:
    """The open stops of the agents that a promotion ships, and what each does to it."""
    names = {each.casefold() for each in request.agents}
    stops = (each for each in ledger.holds.stops if each.agent.casefold() in names or _is_of_copy(each, request))
    return tuple((stop, _effect(stop, ledger, request)) for stop in stops)


def _is_of_copy(stop: OpenStop, request: HoldRequest) -> bool:
    """Whether a person stopped this very release when a pilot had it as copies: then nobody else gets it either."""
    stopped, copies = stop.act.release, {copy_name(each).casefold() for each in request.agents}
    return stop.agent.casefold() in copies and stopped is not None and request.release.is_named(stopped)


def kept_words(stops: Iterable[tuple[OpenStop, StopEffect]]) -> str:
    """What becomes of the agents that stay stopped in the fast lane, and of the verification; '' for none.

    stops: as in `stop_effects`.
    """
    kept = [one_line(stop.agent, 100) for stop, effect in stops if effect is StopEffect.KEPT]
    if not kept:
        return ""
    stay = "stays as its stop left it" if len(kept) == 1 else "stay as their stops left them"
    return (
        f"{join_names(kept)} {stay}, and no smoke test runs while an agent is stopped. The release is not verified "
        "until `wavegate enable` has turned all of them on and the deploy job was re-run."
    )


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
    good = [each for each in ledger.deployments if release.is_in(each) and _was_good(each, ledger, before=stop.act)]
    known = released_versions(good[0], ledger.deployments) if good else {}
    versions = {name.casefold(): version for name, version in known.items()}
    return versions.get(stop.agent.casefold()) == stop.version


def _was_good(deployment: Deployment, ledger: EnvironmentLedger, *, before: Act) -> bool:
    """Whether a release was live and good before a stop; one that went live since then left the agent as it was."""
    since = deployment.live_since
    return since is not None and since < before.moment and ledger.was_good(deployment)


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


def stop_refusals(ledger: EnvironmentLedger, request: HoldRequest) -> Iterator[Refusal]:
    """The refusal of a promotion whose agents are stopped, one for each stop; nothing if none keeps it out."""
    refused = [stop for stop, effect in stop_effects(ledger, request) if effect is StopEffect.REFUSED]
    for act in dict.fromkeys(stop.act.id for stop in refused):
        stops = [stop for stop in refused if stop.act.id == act]
        names = join_names([one_line(stop.agent, 100) for stop in stops])
        were = "was" if len(stops) == 1 else "were"
        yield Refusal(
            rule=RefusalRule.STOPPED,
            message=f"{names} {were} stopped in {ledger.place}{by_whom(stops[0].act)}",
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
