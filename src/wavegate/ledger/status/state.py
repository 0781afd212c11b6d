"""The status of environments, from the ledger and from their orgs."""

from collections.abc import Iterable, Sequence

from wavegate.ledger.acts.act import SWITCHES, Act, ReleaseId
from wavegate.ledger.acts.holds import Holds, holds_of
from wavegate.ledger.deployment import Deployment, State, Status
from wavegate.ledger.environment import ShippedRelease
from wavegate.ledger.history import live_release_of, pilot_release_of, unretired
from wavegate.ledger.payload import read_back
from wavegate.ledger.recorded_act import RecordedAct, RecordedActs
from wavegate.ledger.status.values import Drift, EnvironmentState, EnvironmentStatus, OpenRollback
from wavegate.salesforce.org_values import AgentState


def environment_status(
    environment: str,
    deployments: Sequence[Deployment],
    acts: RecordedActs,
    *,
    manifest: str | None = None,
    whole: bool,
) -> EnvironmentStatus:
    """The status of an environment according to the ledger.

    deployments: its releases, newest first. acts: all of them. manifest: path of the releases'
    manifest; None for any. whole: whether the deployments are complete.
    """
    known = acts.acts
    holds = holds_of((each.act for each in known), manifest=manifest)
    attempted = [each for each in deployments if each.attempted]
    live, pilot = live_release_of(attempted), pilot_release_of(attempted)
    left = () if pilot else unretired(attempted)
    newest = next(iter(attempted), None)
    attempt = newest if newest and newest not in (live, pilot) and not _was_pilot(newest) else None
    return EnvironmentStatus(
        environment=environment,
        state=_state(live, attempt, whole=whole),
        live=live,
        pilot=pilot,
        left=left,
        attempt=attempt,
        rolled_back=next((each for each in attempted if each.rolled_back), None),
        holds=holds,
        rollback=_open_rollback(holds, live, left),
        expected=_expected([each for each in (live, pilot) if each], known, holds),
        unreadable_acts=acts.unreadable,
        recorded={each.act.id: each.recorded for each in known},
    )


def _was_pilot(deployment: Deployment) -> bool:
    return deployment.confined and deployment.succeeded


def _state(live: Deployment | None, attempt: Deployment | None, *, whole: bool) -> EnvironmentState:
    if live:
        return EnvironmentState.ROLLED_BACK if live.rolled_back else EnvironmentState.LIVE
    if not whole:
        return EnvironmentState.UNKNOWN
    if attempt is None:
        return EnvironmentState.NOTHING
    return EnvironmentState.IN_PROGRESS if attempt.state is State.IN_PROGRESS else EnvironmentState.FAILED


def _open_rollback(holds: Holds, live: Deployment | None, left: Sequence[Deployment]) -> OpenRollback | None:
    """The rollback that is open according to its act, or, without an act, to the release's own statuses.

    left: pilots that are over, whose copies may still be in use.
    """
    if holds.rollback:
        return _of_act(holds.rollback, live, left)
    bad = next((each for each in (*left, live) if each and each.rolled_back), None)
    if bad is None:
        return None
    failure = last_failure(bad)
    return OpenRollback(
        bad=bad.title,
        good="",
        still_live=True,
        confined=bad.confined,
        opened=failure.created_at,
        reason=failure.description,
        page=failure.log_url,
    )


def _of_act(act: Act, live: Deployment | None, left: Sequence[Deployment]) -> OpenRollback:
    found = (each for each in (live, *left) if each and act.release and is_release(each, act.release))
    bad = next(found, None)
    return OpenRollback(
        bad=_title(act.release),
        good=_title(act.target),
        still_live=bad is not None,
        confined=bad is not None and bad.confined,
        opened=act.time,
        actor=act.actor,
        reason=act.reason,
        incident=act.incident,
        page=act.page,
        number=act.number,
        run=act.run,
    )


def is_release(deployment: Deployment, release: ReleaseId) -> bool:
    """Whether a deployment is of that release: it ships the same, or has the same commit."""
    return ShippedRelease(content=release.content, commit=release.commit).is_in(deployment)


def last_failure(deployment: Deployment) -> Status:
    """The last failure status of a deployment that has one; of two in the same second, the later one in the list."""
    failures = [each for each in deployment.statuses if each.state in {State.FAILURE, State.ERROR}]
    return sorted(failures, key=lambda each: each.created_at)[-1]


def _title(release: ReleaseId | None) -> str:
    return f"{release.name} ({release.commit[:12]})" if release else ""


def _expected(live: Sequence[Deployment], known: Sequence[RecordedAct], holds: Holds) -> dict[str, int | None]:
    """The version by agent name that the org has according to the ledger, as acts changed it.

    live: what everybody has, and what a pilot has.
    """
    stopped = {each.agent: each.version for each in holds.stops}
    expected: dict[str, int | None] = {}
    for release in live:
        since = read_back(release)
        later = [each.act for each in reversed(known) if each.recorded >= since and each.act.kind in SWITCHES]
        changes = [*(change for act in later for change in act.agents.items()), *stopped.items()]
        newest = {name.casefold(): version for name, version in changes}
        expected |= {name: newest.get(name.casefold(), version) for name, version in release.live.items()}
    names = {each.casefold() for each in expected}
    return expected | {name: version for name, version in stopped.items() if name.casefold() not in names}


def triggered_by(deployment: Deployment) -> str:
    """Login of the person who triggered the newest attempt; else of the deployment's creator, maybe a token."""
    return deployment.triggered_by or deployment.creator


def drift_of(status: EnvironmentStatus, states: Iterable[AgentState]) -> Drift:
    """How an org's agents differ from the ledger. states: of the agents that `status.expected` names."""
    expected = status.expected
    if not expected:
        return Drift(unknown="the deployment recorded no agent versions")
    by_name = {each.name.casefold(): each for each in states}
    found = (
        _difference(name, version, by_name.get(name.casefold()), status.holds) for name, version in expected.items()
    )
    left = {name.casefold() for name, version in expected.items() if version is not None}
    off = (each for key, each in by_name.items() if key in left and each.live is None)
    return Drift(
        differences=tuple(each for each in found if each),
        off=tuple(each for each in off if status.holds.stop_of(each.name) is None),
    )


def _difference(name: str, expected: int | None, state: AgentState | None, holds: Holds) -> str:
    stop = holds.stop_of(name)
    if state is None:
        return f"{name} is no longer in the org"
    if state.live == expected:
        return ""
    if stop:
        return f"{name} is {_words(state.live)}, but its stop left it {_words(expected)}; no restart is recorded"
    if state.live is None:
        return f"{name} is off in the org; no stop is recorded (it was left {_words(expected)})"
    return f"{name} is {_words(state.live)}, but it was left {_words(expected)}"


def _words(version: int | None) -> str:
    return "inactive" if version is None else f"at version {version}"
