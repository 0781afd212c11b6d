"""Records of stops and restarts in the ledger. What happened in the org is done: a record that fails is reported."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from wavegate.cli.actions import acting_user, in_actions
from wavegate.errors import WavegateError
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.kill_switch.decisions import release_with
from wavegate.kill_switch.values import KillSwitch, Recording
from wavegate.ledger.acts.act import Act, ActKind, ReleaseId, release_id
from wavegate.ledger.acts.holds import OpenStop, holds_of
from wavegate.ledger.acts.record import complete_act, read_acts, write_act
from wavegate.ledger.deployment import Deployment, State
from wavegate.ledger.environment import EnvironmentLedger
from wavegate.ledger.history import last_known_good, live_release_of
from wavegate.ledger.reader import read_ledger
from wavegate.release.reference import ReleaseRef

SECONDS = 5.0
"""Timeout of one attempt of a GitHub request. Nobody waits for the agents any more, but for the summary."""
_PERMISSION = "deployments: write, contents: read"


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveLedger:
    """What the ledger says about the environment, with its deployments back to the live one.

    head: commit that the default branch is at. viewer: login of the token's owner.
    """

    ledger: EnvironmentLedger
    head: str
    viewer: str

    @property
    def commit(self) -> str:
        """A commit that GitHub has: the live one, if there is one."""
        return self.ledger.live.commit if self.ledger.live else self.head

    @property
    def release(self) -> ReleaseId | None:
        """The live release; None if there is none."""
        return release_id(self.ledger.live) if self.ledger.live else None

    @property
    def actor(self) -> str:
        """Login of the person who acts: outside Actions, the token's owner if nobody is named."""
        return acting_user() or ("" if in_actions() else self.viewer)


def read_live(
    github: GitHub, repository: str, environment: str, *, manifest: str, acts: tuple[Act, ...]
) -> LiveLedger:
    """What is live in an environment, of the releases of a manifest. Reads as many pages as necessary.

    manifest: path. acts: of the environment, newest first.
    """
    found: list[Deployment] = []
    head = viewer = ""
    for page in read_ledger(github, repository, environment):
        head, viewer = page.base_sha, page.viewer
        found += page.deployments
        if live_release_of(found, manifest=manifest):
            break
    ledger = EnvironmentLedger.of(environment, manifest, found, acts)
    return LiveLedger(ledger=ledger, head=head, viewer=viewer)


def record_stop(
    access: GitHubAccess, switch: KillSwitch, manifest: str, *, target: ReleaseId | None = None
) -> Recording:
    """Record which agents a person stopped, unless the ledger has that already.

    manifest: path. target: the release whose versions are live now, if they were chosen by it. Otherwise it is the
    last known good release, if its versions are live now.
    """
    required = in_actions() or bool(access.token)
    try:
        github = access.required_client("record the stop", permission=_PERMISSION, timeout=SECONDS, patience=0.0)
        return _stop(github, access, switch, manifest, target)
    except WavegateError as error:
        return Recording(problem=error, required=required)


def _stop(
    github: GitHub, access: GitHubAccess, switch: KillSwitch, manifest: str, target: ReleaseId | None
) -> Recording:
    acts = read_acts(github, access.run.repository, switch.environment)
    earlier = _covering(switch, holds_of(acts).stops)
    covered = {each.agent.casefold() for each in earlier}
    left = {each.name: each.live for each in switch.reached if each.name.casefold() not in covered}
    live = read_live(github, access.run.repository, switch.environment, manifest=manifest, acts=acts)
    known = Recording(earlier=earlier, live=_reference(live.ledger.live), good=_reference(_good(live.ledger)))
    if not left and _is_deploying(live.ledger):
        # a release that was about to end the earlier stop must not end this one
        left = {each.name: each.live for each in switch.reached}
    if not left:
        for act in {each.act.id: each.act for each in earlier}.values():
            with suppress(WavegateError):
                complete_act(github, act)
        return known
    copies = {name: live_at for name, live_at in left.items() if live.ledger.release_of(name) is live.ledger.pilot}
    if live.ledger.pilot and copies:
        # what a pilot had is another release than what everybody has
        act = replace(_act(ActKind.STOP, access, switch, live), agents=copies, release=release_id(live.ledger.pilot))
        where, commit = switch.environment, live.ledger.pilot.commit
        write_act(github, access.run.repository, where, act, commit=commit, known=acts, just_read=True)
        stops = tuple(OpenStop(agent=name, version=version, act=act) for name, version in copies.items())
        known = replace(known, act=act, earlier=(*earlier, *stops))
        left = {name: live_at for name, live_at in left.items() if name not in copies}
        if not left:
            return known
        acts = read_acts(github, access.run.repository, where)
    if target is None and (good := release_with(left, live.ledger.deployments, live.ledger.live)):
        target = release_id(good)
    act = replace(_act(ActKind.STOP, access, switch, live), agents=left, target=target)
    write_act(github, access.run.repository, switch.environment, act, commit=live.commit, known=acts, just_read=True)
    return replace(known, act=act)


def _good(ledger: EnvironmentLedger) -> Deployment | None:
    """The release that a rollback restores."""
    return last_known_good(ledger.deployments, ledger.live, holds=ledger.holds) if ledger.live else None


def _reference(deployment: Deployment | None) -> ReleaseRef | None:
    if deployment is None:
        return None
    return ReleaseRef(commit=deployment.commit, name=release_id(deployment).name, agents=deployment.agents)


def _is_deploying(ledger: EnvironmentLedger) -> bool:
    """Whether a deployment has begun and not ended, of any manifest: the agents may be in several."""
    others = {each.release.manifest: each for each in reversed(ledger.others) if each.release}
    return any(each.state is State.IN_PROGRESS for each in (*ledger.deployments[:1], *others.values()))


def _covering(switch: KillSwitch, stops: Iterable[OpenStop]) -> tuple[OpenStop, ...]:
    """The open stops that had left an agent as it is, and nobody has changed it since.

    A stop by somebody unknown, whose record failed, does not count for a person: now it is known who stopped it.
    """
    left = {(each.name.casefold(), each.live) for each in switch.reached if each.before == each.live}
    named = (each for each in stops if each.act.actor or not switch.actor)
    return tuple(each for each in named if (each.agent.casefold(), each.version) in left)


def record_restart(github: GitHub, access: GitHubAccess, switch: KillSwitch, live: LiveLedger) -> Recording:
    """Record which agents a person restarted. live: as it was read before the org was changed.

    An agent that somebody stopped since then stays stopped.
    """
    try:
        acts = read_acts(github, access.run.repository, switch.environment)
        seen, stops = {each.id for each in live.ledger.acts}, holds_of(acts).stops
        later = {each.agent.casefold() for each in stops if each.act.id not in seen}
        stopped = {each.agent.casefold() for each in stops}
        restarted = {
            each.name: each.live
            for each in switch.reached
            if each.name.casefold() not in later and (each.before != each.live or each.name.casefold() in stopped)
        }
        ended = {name.casefold() for name in restarted}
        remaining = tuple(each for each in stops if each.agent.casefold() not in ended)
        if not restarted:
            return Recording(earlier=remaining)
        act = replace(_act(ActKind.RESTART, access, switch, live), agents=restarted)
        write_act(
            github, access.run.repository, switch.environment, act, commit=live.commit, known=acts, just_read=True
        )
    except WavegateError as error:
        return Recording(problem=error)
    return Recording(act=act, earlier=remaining)


def _act(kind: ActKind, access: GitHubAccess, switch: KillSwitch, live: LiveLedger) -> Act:
    return Act(
        kind=kind,
        time=datetime.now(UTC).replace(microsecond=0),
        actor=switch.actor or live.actor,
        reason=switch.reason,
        run=access.run.attempt_url,
        manifest=live.ledger.manifest or "",
        release=live.release,
    )
