"""What a status says, line by line, for text and Markdown: first what holds the environment, then what is live."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from shlex import quote

from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.canary_entry import CanaryLook
from wavegate.ledger.deployment import Adoption, Deployment, Override, Pilot, State
from wavegate.ledger.moment import moment_text
from wavegate.ledger.recorded_act import MAX_SKEW
from wavegate.ledger.status.state import last_failure, triggered_by
from wavegate.ledger.status.values import Approver, EnvironmentState, EnvironmentStatus, OpenRollback
from wavegate.release.freeze import FrozenUntil
from wavegate.text import pluralize

REASON = 300
"""Characters of a reason that are shown; the history has all of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusLine:
    """label: a hold in capitals, else a plain word. links: text and URL. fix: a command that changes it, or ''."""

    label: str
    text: str
    links: tuple[tuple[str, str], ...] = ()
    fix: str = ""


def hold_names(status: EnvironmentStatus) -> list[str]:
    """What holds the environment, in capitals: the labels of `hold_lines`."""
    return list(dict.fromkeys(each.label for each in hold_lines(status)))


def hold_titles(status: EnvironmentStatus) -> list[str]:
    """The names, with how many agents are stopped if others are on: `STOPPED (1 of 2 agents)`."""
    stopped = {each.agent.casefold() for each in status.holds.stops}
    agents = {name.casefold() for name in (*status.expected, *(status.live.agents if status.live else ()))} | stopped
    count = f" ({len(stopped)} of {pluralize(len(agents), 'agent')})" if len(stopped) < len(agents) else ""
    return [f"{each}{count}" if each == "STOPPED" else each for each in hold_names(status)]


def hold_lines(status: EnvironmentStatus) -> Iterator[StatusLine]:
    """What keeps releases out or was stopped, and what the org has against the record; most urgent first."""
    yield from _stopped(status)
    if lock := status.holds.lock:
        text = f"since {_when(lock, status)} by {_person(lock.actor)}: {_reason(lock.reason)}"
        fix = f'wavegate unlock {quote(status.environment)} --reason "…"'
        yield StatusLine(label="LOCKED", text=text, links=_run(lock.run), fix=fix)
    if status.freeze:
        yield StatusLine(label="FROZEN", text=_frozen(status.freeze))
    if status.rollback:
        yield _open_rollback(status.rollback)
    if number := status.unreadable_acts:
        text = f"{pluralize(number, 'act')} of the ledger cannot be read: a stop or lock may be missing here"
        yield StatusLine(label="UNREADABLE", text=text)
    if status.drift.differences:
        yield StatusLine(label="DRIFT", text="; ".join(status.drift.differences), fix=_record_stop(status))


def live_lines(status: EnvironmentStatus) -> Iterator[StatusLine]:
    """What is live, by whom and on which evidence; then a newer attempt and the last rollback."""
    if live := status.live:
        since = moment_text(live.live_since)
        yield StatusLine(label="live", text=f"{live.title} at {live.commit[:12]} since {since}")
        yield StatusLine(label="by", text=by_text(status, live))
        yield _evidence(live)
        if live.release and live.release.override:
            yield StatusLine(label="override", text=override_text(live.release.override))
        yield StatusLine(label="agents", text=agents_now(status))
        if live.release is None or live.release.pilot:
            yield StatusLine(label="pilot", text=_pilot(live.release.pilot) if live.release else "unknown")
        yield from _copies(status)
        if status.looks:
            yield canary_line(status.looks)
        if not status.drift.differences:
            yield StatusLine(
                label="drift", text=f"unknown: {status.drift.unknown}" if status.drift.unknown else "none"
            )
    if status.attempt:
        yield _attempt(status.attempt)
    if status.rolled_back and not (status.rollback and status.rolled_back is status.live):
        yield _last_rollback(status.rolled_back)
    if window := status.next_freeze:
        text = f"from {window.freeze.local(window.start)}: {_reason(window.freeze.reason)}"
        yield StatusLine(label="next freeze", text=text)
    if not status.live:
        yield StatusLine(label="next", text=_next_step(status))


def headline(status: EnvironmentStatus) -> str:
    """Name, holds and the live release: `production: STOPPED, LOCKED; wave-3 is live`."""
    name = f"{status.environment} (no longer in the manifest)" if status.is_former else status.environment
    live = f"{status.live.title} is live" if status.live else status.state.value
    if status.pilot:
        live += f", {status.pilot.title} is piloted"
    parts = [", ".join(hold_titles(status)), live]
    return f"{name}: {'; '.join(filter(None, parts))}"


def agents_text(agents: Mapping[str, int | None]) -> str:
    """Agents with their versions: `Support_Agent v3, Returns_Agent inactive`."""
    return ", ".join(f"{name} {'inactive' if version is None else f'v{version}'}" for name, version in agents.items())


def expected_agents(status: EnvironmentStatus) -> str:
    """The agents' versions according to the ledger, and the release's if a stop or restart changed it."""
    shown = (_agent_now(name, version, status) for name, version in status.expected.items())
    return ", ".join(shown) or "not recorded"


def _agent_now(name: str, version: int | None, status: EnvironmentStatus) -> str:
    """An agent as it was left, and as the live release had it before a stop or restart."""
    now = "inactive" if version is None else f"v{version}"
    if version is None and name.casefold() in {each.agent.casefold() for each in status.holds.stops}:
        now = "stopped"
    live = status.live
    known = {each.casefold(): text for each, text in live.agents.items()} if live else {}
    before = known.get(name.casefold(), now)
    return f"{name} {now}" + (f" (released {before})" if before != now else "")


def agents_now(status: EnvironmentStatus) -> str:
    """Every agent of the live release with its version, as stops and restarts changed it."""
    if status.live is None or status.live.live:
        return expected_agents(status)
    known = {name.casefold() for name in status.expected}
    released = (f"{name} {version}" for name, version in status.live.agents.items() if name.casefold() not in known)
    shown = [_agent_now(name, version, status) for name, version in status.expected.items()]
    return ", ".join([*shown, *released]) or "not recorded"


def _copies(status: EnvironmentStatus) -> Iterator[StatusLine]:
    if status.pilot:
        yield pilot_line(status.pilot)
    elif status.left and not status.rollback:
        yield _left(status.left[0], status)


def pilot_line(pilot: Deployment) -> StatusLine:
    """What a pilot's cohorts have instead of the live release, as which agents, and how far it is."""
    known = pilot.release.pilot if pilot.release else None
    cohorts = ", ".join(known.cohorts) if known else ""
    step = f", step {known.step} of {known.steps}" if known and known.steps else ""
    since = moment_text(pilot.live_since)
    text = (
        f"{pilot.title} at {pilot.commit[:12]} for {cohorts or 'nobody'} as {copies_text(pilot)}{step}, since {since}"
    )
    return StatusLine(label="pilot", text=text, links=_run(pilot.release.run if pilot.release else ""))


def canary_line(looks: Sequence[CanaryLook]) -> StatusLine:
    """The newest look at a canary, and since when the looks say the same. looks: at one content, newest first."""
    newest = looks[0]
    same = [*takewhile(lambda each: each.verdict == newest.verdict, looks)]
    dry = " (dry run: nothing follows)" if newest.dry_run else ""
    rules = f" ({', '.join(newest.rules[:3])})" if newest.rules else ""
    text = f"look {newest.look}, {newest.verdict}{dry}, since {moment_text(same[-1].moment)}{rules}"
    return StatusLine(label="canary", text=text, links=_run(newest.run))


def copies_text(pilot: Deployment) -> str:
    """Names of a pilot's copies."""
    known = pilot.release.pilot if pilot.release else None
    return ", ".join(known.copies.values()) if known else ""


def _left(pilot: Deployment, status: EnvironmentStatus) -> StatusLine:
    text = (
        f"{pilot.title} at {pilot.commit[:12]} is over, and nobody has recorded that its copies are out of use "
        f"({copies_text(pilot)}): the next promotion to {status.environment} retires them"
    )
    return StatusLine(label="pilot", text=text)


def override_text(override: Override) -> str:
    """An override in words."""
    rules = f" (rules: {', '.join(override.rules)})" if override.rules else ""
    return f"by {_person(override.actor)}{rules}: {_reason(override.reason)}"


def by_text(status: EnvironmentStatus, live: Deployment) -> str:
    """Who made the release live, and who approved that."""
    if live.release and live.release.adoption:
        return adopted_by(triggered_by(live), live.release.adoption)
    return f"{_person(triggered_by(live))}; {approvers_text(status.approvals)}"


def adopted_by(actor: str, adoption: Adoption) -> str:
    """Who recorded what an org already ran, and why."""
    count = len(adoption.differences) + adoption.more
    differs = f"; {pluralize(count, 'component')} differed from the commit" if count else ""
    return f"adopted by {actor or 'unknown'}: {adoption.reason}{differs}"


def approvers_text(approvals: Sequence[Approver] | None) -> str:
    """Who approved, in words."""
    if approvals is None:
        return "approved by: unknown"
    named = (
        f"{each.login} (GitHub environment {each.through})" if each.through else each.login for each in approvals
    )
    return (
        f"approved by {', '.join(named)}" if approvals else "no approval was recorded (none may have been required)"
    )


def _stopped(status: EnvironmentStatus) -> Iterator[StatusLine]:
    by_act: dict[str, list[OpenStop]] = {}
    for stop in status.holds.stops:
        by_act.setdefault(stop.act.id, []).append(stop)
    for stops in by_act.values():
        act = stops[0].act
        agents = ", ".join(each.agent + (f" at v{each.version}" if each.version else "") for each in stops)
        text = f"{agents}, since {_when(act, status)} by {_person(act.actor)}: {_reason(act.reason)}"
        yield StatusLine(label="STOPPED", text=text, links=_run(act.run), fix=_restart(stops, status))


def _restart(stops: Sequence[OpenStop], status: EnvironmentStatus) -> str:
    """The command that restarts the agents. stops: of one act."""
    agents = " ".join(f"--agent {quote(each.agent)}" for each in stops)
    return f'wavegate enable {quote(status.environment)} {agents} --reason "…"'


def rollback_command(status: EnvironmentStatus) -> str:
    """The command that opens a rollback."""
    return f'wavegate rollback {quote(status.environment)} --reason "…"'


def _record_stop(status: EnvironmentStatus) -> str:
    """The command that records who stopped the agents that are off, '' if there are none: it finds them off."""
    agents = " ".join(f"--agent {quote(each.name)}" for each in status.drift.off)
    return f'wavegate disable {quote(status.environment)} {agents} --reason "…"' if agents else ""


def _frozen(freeze: FrozenUntil) -> str:
    reasons = "; ".join(_reason(each) for each in freeze.reasons)
    passes = {login: None for window in freeze.windows for login in window.freeze.passes if freeze.may_pass(login)}
    restricted = any(window.freeze.passes for window in freeze.windows)
    may_pass = f" May pass: {', '.join(passes) or 'nobody'}." if restricted else ""
    return f"until {freeze.local_end}: {reasons}.{may_pass}"


def _open_rollback(rollback: OpenRollback) -> StatusLine:
    releases = f"{rollback.bad} → {rollback.good}" if rollback.good else rollback.bad
    by = f" by {_person(rollback.actor)}" if rollback.actor else ""
    incident = f" (incident: {rollback.incident})" if rollback.incident else ""
    opened = f"opened {moment_text(rollback.opened)}{by}: {_reason(rollback.reason)}{incident}"
    live = _progress(rollback)
    name = f"pull request {rollback.number}" if rollback.number else "rollback"
    return StatusLine(label="ROLLBACK OPEN", text=f"{releases}, {opened}. {live}", links=((name, rollback.page),))


def _progress(rollback: OpenRollback) -> str:
    if not rollback.still_live:
        return "The bad release is no longer live: merge or close the pull request."
    if rollback.confined:
        return f"Only the pilot's cohorts have the bad release, as copies. {_until(rollback)}"
    match rollback.pull:
        case "merged":
            return "The pull request is merged, and the bad release is live until that is promoted."
        case "closed" if rollback.closed_by.endswith("[bot]"):
            return f"The app {rollback.closed_by} closed the pull request: reopen it, or withdraw the rollback."
        case "closed":
            by = _person(rollback.closed_by)
            return f"{by} closed the pull request without merging it: the next promotion withdraws the rollback."
        case _:
            return "The bad release is live until the rollback is merged and promoted."


def _until(rollback: OpenRollback) -> str:
    """When the copies of a pilot that is rolled back are taken out of use."""
    what = "is promoted" if rollback.pull == "merged" else "is merged and promoted"
    return f"They keep it until the rollback {what}, or `wavegate disable` deactivates the copies."


def _evidence(live: Deployment) -> StatusLine:
    release = live.release
    evidence = f"decision sha256 {release.evidence[:12]}" if release and release.evidence else "decision not recorded"
    if release and release.cites:
        evidence += " (fast lane: of the earlier deployment of the same content)"
    if release and release.passed_lock:
        evidence += ", passed a lock as a rollback"
    content = f"content sha256 {release.content[:12]}" if release and release.content else "content not recorded"
    return StatusLine(label="evidence", text=f"{evidence}, {content}", links=_run(release.run if release else ""))


def _attempt(attempt: Deployment) -> StatusLine:
    newest = attempt.statuses[-1]
    name = f"{attempt.title} at {attempt.commit[:12]}, by {_person(triggered_by(attempt))}"
    links = _run(newest.log_url or (attempt.release.run if attempt.release else ""))
    if attempt.state is State.IN_PROGRESS:
        return StatusLine(label="deploying", text=f"{name}, since {moment_text(attempt.created_at)}", links=links)
    words = f": {newest.description}" if newest.description else ""
    outcome = "was superseded" if attempt.state is State.INACTIVE else "failed"
    return StatusLine(label="attempt", text=f"{name}, {outcome} {moment_text(newest.created_at)}{words}", links=links)


def _last_rollback(deployment: Deployment) -> StatusLine:
    failure = last_failure(deployment)
    words = f": {failure.description}" if failure.description else ""
    text = f"{deployment.title} at {deployment.commit[:12]}, {moment_text(failure.created_at)}{words}"
    return StatusLine(label="last rollback", text=text, links=(("rollback", failure.log_url),))


def _next_step(status: EnvironmentStatus) -> str:
    match status.state:
        case EnvironmentState.FAILED:
            return "No release is live. Read the failed run, then fix the release and promote it again."
        case EnvironmentState.IN_PROGRESS:
            return "The first release is being deployed: follow its run."
        case EnvironmentState.UNKNOWN:
            return "The ledger was not read far enough to find the live release. Run the command again."
        case _:
            return (
                "wavegate has recorded no release here. Promote one, or record what the org already runs with "
                f"`wavegate adopt {quote(status.environment)}`."
            )


def _when(act: Act, status: EnvironmentStatus) -> str:
    recorded = status.recorded.get(act.id, act.time)
    is_late = abs(recorded - act.time) > MAX_SKEW
    return moment_text(act.time) + (f" (recorded {moment_text(recorded)})" if is_late else "")


def _person(login: str) -> str:
    return login or "an unknown user"


def _reason(reason: str) -> str:
    text = reason.strip() or "no reason given"
    return text if len(text) <= REASON else text[: REASON - 1] + "…"


def _run(url: str) -> tuple[tuple[str, str], ...]:
    return (("run", url),) if url else ()


def _pilot(pilot: Pilot | None) -> str:
    if pilot is None:
        return "everybody"
    step = f"step {pilot.step} of {pilot.steps}: " if pilot.steps else ""
    return step + (", ".join(pilot.cohorts) or "nobody")
