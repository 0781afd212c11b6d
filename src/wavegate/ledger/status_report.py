"""The status of environments as terminal lines, step summary and JSON."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from wavegate.ledger.deployment import Adoption, Deployment, Pilot, State
from wavegate.ledger.status_values import Drift, EnvironmentState, EnvironmentStatus
from wavegate.text import code, markdown, one_line, pluralize

_MARKS = {
    EnvironmentState.LIVE: "✅",
    EnvironmentState.ROLLED_BACK: "⏪",
    EnvironmentState.IN_PROGRESS: "⏳",
    EnvironmentState.FAILED: "❌",
}
_COLUMNS = (
    "release",
    "since",
    "by",
    "approved by",
    "agents",
    "pilot",
    "content",
    "evidence",
    "drift",
    "last rollback",
)


def status_text(statuses: Sequence[EnvironmentStatus]) -> str:
    """Readable lines, in the order of promotion."""
    return "\n".join(line for each in statuses for line in _lines(each))


def status_markdown(statuses: Sequence[EnvironmentStatus]) -> str:
    """The step summary: one line with all environments, and a table."""
    path = " → ".join(
        f"{markdown(each.environment, 100)} {_mark(each)} {markdown(_held(each), 200)}" for each in statuses
    )
    lines = ["## What is live", "", path, ""]
    lines.append(f"| Environment | State | {' | '.join(name.capitalize() for name in _COLUMNS)} |")
    lines.append("|---" * (len(_COLUMNS) + 2) + "|")
    lines += [_row(each) for each in statuses]
    return "\n".join(lines) + "\n"


def status_json(statuses: Sequence[EnvironmentStatus]) -> str:
    """One object with a stable shape. null means unknown or absent; the state says which."""
    return json.dumps({"environments": [_values(each) for each in statuses]}, indent=2)


def _lines(status: EnvironmentStatus) -> Iterator[str]:
    held = f"{status.live.title} ({_state(status)})" if status.live else _state(status)
    yield one_line(f"{status.environment}: {held}")
    for name, value in _fields(status).items():
        yield one_line(f"  {name}: {value}", 1000)


def _row(status: EnvironmentStatus) -> str:
    fields = _fields(status)
    cells = (markdown(fields.get(name, ""), 400) for name in _COLUMNS)
    return f"| {code(status.environment)} | {_mark(status)} {markdown(_state(status), 300)} | {' | '.join(cells)} |"


def _mark(status: EnvironmentStatus) -> str:
    return _MARKS.get(status.state, "❔" if status.state is EnvironmentState.UNKNOWN else "–")


def _held(status: EnvironmentStatus) -> str:
    if status.live:
        return status.live.title
    return "unknown" if status.state is EnvironmentState.UNKNOWN else "nothing live"


def _state(status: EnvironmentStatus) -> str:
    text = status.state.value
    if status.state is EnvironmentState.ROLLED_BACK:
        text += "; stays live until the rollback is released"
    if status.attempt and status.live:
        outcome = "is in progress" if status.attempt.state is State.IN_PROGRESS else "failed"
        text += f"; {status.attempt.title} ({status.attempt.commit[:12]}) {outcome}"
    return text


def _fields(status: EnvironmentStatus) -> dict[str, str]:
    """Readable values of the live release by column name, in the order of the columns."""
    live = status.live
    if live is None:
        return {"last rollback": _rollback(status.rollback)} if status.rollback else {}
    release = live.release
    return {
        "release": f"{live.title} at {live.commit[:12]}",
        "since": _moment(live.live_since),
        "by": _by(live),
        "approved by": "unknown" if status.approvals is None else ", ".join(status.approvals) or "no approvals",
        "agents": _agents(live),
        "pilot": _pilot(release.pilot) if release else "unknown",
        "content": f"sha256 {release.content}" if release and release.content else "not recorded",
        "evidence": f"sha256 {release.evidence}" if release and release.evidence else "not recorded",
        "drift": _drift(status.drift),
        "last rollback": _rollback(status.rollback),
    }


def _by(live: Deployment) -> str:
    override = live.release.override if live.release else None
    if adoption := live.release.adoption if live.release else None:
        return adopted_by(_starter(live), adoption)
    overridden = f"; rules overridden by {override.actor}: {override.reason}" if override else ""
    return f"{_starter(live) or 'unknown'}{overridden}"


def adopted_by(actor: str, adoption: Adoption) -> str:
    """Who recorded what an org already ran, and why."""
    count = len(adoption.differences) + adoption.more
    differs = f"; {pluralize(count, 'component')} differed from the commit" if count else ""
    return f"adopted by {actor or 'unknown'}: {adoption.reason}{differs}"


def _starter(deployment: Deployment) -> str:
    # the creator of a workflow's deployment is its token, not the person who started the run
    return (deployment.release.actor if deployment.release else "") or deployment.creator


def _agents(live: Deployment) -> str:
    agents = [f"{name} {'inactive' if version is None else f'v{version}'}" for name, version in live.live.items()]
    return ", ".join(agents) or "not recorded"


def _pilot(pilot: Pilot | None) -> str:
    if pilot is None:
        return "everybody"
    step = f"step {pilot.step} of {pilot.steps}: " if pilot.steps else ""
    return step + (", ".join(pilot.cohorts) or "nobody")


def _drift(drift: Drift) -> str:
    return f"unknown: {drift.unknown}" if drift.unknown else "; ".join(drift.differences) or "none"


def _rollback(deployment: Deployment | None) -> str:
    if deployment is None:
        return "none known"
    moment, description, page = _failure(deployment)
    return f"{deployment.title} ({deployment.commit[:12]}), {_moment(moment)}: {description} {page}".rstrip(": ")


def _failure(deployment: Deployment) -> tuple[datetime, str, str]:
    failures = (each for each in deployment.statuses if each.state in {State.FAILURE, State.ERROR})
    newest = max(failures, key=lambda each: each.created_at)
    return newest.created_at, newest.description, newest.log_url


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else "unknown"


def _values(status: EnvironmentStatus) -> dict[str, Any]:
    drift = status.drift
    return {
        "environment": status.environment,
        "state": status.state.value,
        "live": _deployment(status.live) if status.live else None,
        "approvedBy": None if status.approvals is None else list(status.approvals),
        "drift": None if drift.unknown or not status.live else list(drift.differences),
        "driftUnknown": drift.unknown or None,
        "attempt": _deployment(status.attempt) if status.attempt else None,
        "lastRollback": _rolled_back(status.rollback) if status.rollback else None,
    }


def _deployment(deployment: Deployment) -> dict[str, Any]:
    release = deployment.release
    values: dict[str, Any] = {
        "deployment": deployment.id,
        "release": release.name if release else None,
        "commit": deployment.commit,
        "state": deployment.state.value if deployment.state else None,
        "since": deployment.live_since.isoformat() if deployment.live_since else None,
        "by": _starter(deployment) or None,
        "agents": dict(deployment.live),
        "content": (release.content or None) if release else None,
        "evidence": (release.evidence or None) if release else None,
        "run": (release.run or None) if release else None,
    }
    if release and release.pilot:
        pilot = release.pilot
        values["pilot"] = {"cohorts": list(pilot.cohorts), "step": pilot.step, "steps": pilot.steps}
    if release and release.adoption:
        adoption = release.adoption
        listed = {"differences": list(adoption.differences), "moreDifferences": adoption.more}
        values["adopted"] = {"reason": adoption.reason, **listed}
    if release and release.override:
        override = release.override
        values["override"] = {"reason": override.reason, "actor": override.actor, "rules": list(override.rules)}
    return values


def _rolled_back(deployment: Deployment) -> dict[str, Any]:
    moment, description, page = _failure(deployment)
    return {**_deployment(deployment), "at": moment.isoformat(), "description": description, "page": page}
