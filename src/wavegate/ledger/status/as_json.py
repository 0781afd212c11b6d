"""A status as JSON with a stable shape: `schemas/status.schema.json`. null means unknown or absent."""

import json
from collections.abc import Sequence
from typing import Any

from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.canary_entry import CanaryLook
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.status.state import last_failure, triggered_by
from wavegate.ledger.status.values import EnvironmentStatus, OpenRollback, StatusReport
from wavegate.release.freeze import FrozenUntil


def status_json(report: StatusReport) -> str:
    """One object. `at` is null for now; the state says why something is null."""
    values = {
        "schema": 1,
        "at": report.at.isoformat() if report.at else None,
        "environments": [_values(each) for each in report.environments],
    }
    return json.dumps(values, indent=2)


def _values(status: EnvironmentStatus) -> dict[str, Any]:
    drift, approvals = status.drift, status.approvals
    return {
        "environment": status.environment,
        "inManifest": not status.is_former,
        "state": status.state.value,
        "holds": {
            "stops": [_stop(each, status) for each in status.holds.stops],
            "lock": _act(status.holds.lock, status) if status.holds.lock else None,
            "freeze": _freeze(status.freeze) if status.freeze else None,
            "rollback": _rollback(status.rollback) if status.rollback else None,
        },
        "live": _deployment(status.live) if status.live else None,
        "pilot": _deployment(status.pilot) if status.pilot else None,
        "canary": _look(status.looks[0]) if status.looks else None,
        "agents": dict(status.expected),
        "unreadableActs": status.unreadable_acts,
        "approvedBy": None if approvals is None else [each.login for each in approvals],
        "approvals": None if approvals is None else _approvals(status),
        "drift": None if drift.unknown or not status.live else list(drift.differences),
        "driftUnknown": drift.unknown or None,
        "attempt": _deployment(status.attempt) if status.attempt else None,
        "lastRollback": _rolled_back(status.rolled_back) if status.rolled_back else None,
    }


def _look(look: CanaryLook) -> dict[str, Any]:
    return {
        "look": look.look,
        "verdict": look.verdict,
        "dryRun": look.dry_run,
        "time": look.moment.isoformat(),
        "rules": list(look.rules),
        "content": look.content,
        "decision": look.decision,
        "run": look.run or None,
    }


def _approvals(status: EnvironmentStatus) -> Sequence[dict[str, Any]]:
    return [
        {"login": each.login, "githubEnvironment": each.through or status.environment}
        for each in status.approvals or ()
    ]


def _stop(stop: OpenStop, status: EnvironmentStatus) -> dict[str, Any]:
    return {"agent": stop.agent, "leftAt": stop.version, **_act(stop.act, status)}


def _act(act: Act, status: EnvironmentStatus) -> dict[str, Any]:
    recorded = status.recorded.get(act.id, act.time)
    return {
        "by": act.actor or None,
        "at": act.time.isoformat(),
        "recordedAt": recorded.isoformat(),
        "reason": act.reason or None,
        "run": act.run or None,
    }


def _freeze(freeze: FrozenUntil) -> dict[str, Any]:
    return {"until": freeze.end.isoformat(), "reasons": list(freeze.reasons)}


def _rollback(rollback: OpenRollback) -> dict[str, Any]:
    return {
        "bad": rollback.bad or None,
        "good": rollback.good or None,
        "badIsLive": rollback.still_live,
        "by": rollback.actor or None,
        "at": rollback.opened.isoformat(),
        "reason": rollback.reason or None,
        "incident": rollback.incident or None,
        "page": rollback.page or None,
        "number": rollback.number or None,
        "pullRequest": None if rollback.pull == "unknown" else rollback.pull,
        "closedBy": rollback.closed_by or None,
        "run": rollback.run or None,
    }


def _deployment(deployment: Deployment) -> dict[str, Any]:
    release = deployment.release
    values: dict[str, Any] = {
        "deployment": deployment.id,
        "release": release.name if release else None,
        "commit": deployment.commit,
        "state": deployment.state.value if deployment.state else None,
        "since": deployment.live_since.isoformat() if deployment.live_since else None,
        "by": triggered_by(deployment) or None,
        "agents": dict(deployment.live),
        "content": (release.content or None) if release else None,
        "evidence": (release.evidence or None) if release else None,
        "cites": (release.cites or None) if release else None,
        "passedLock": (release.passed_lock or None) if release else None,
        "run": (release.run or None) if release else None,
    }
    if release and release.pilot:
        pilot = release.pilot
        values["pilot"] = {
            "cohorts": list(pilot.cohorts),
            "step": pilot.step,
            "steps": pilot.steps,
            **({"copies": dict(pilot.copies)} if pilot.copies else {}),
        }
    if release and release.adoption:
        adoption = release.adoption
        listed = {"differences": list(adoption.differences), "moreDifferences": adoption.more}
        values["adopted"] = {"reason": adoption.reason, **listed}
    if release and release.override:
        override = release.override
        values["override"] = {"reason": override.reason, "actor": override.actor, "rules": list(override.rules)}
    return values


def _rolled_back(deployment: Deployment) -> dict[str, Any]:
    failure = last_failure(deployment)
    return {
        **_deployment(deployment),
        "at": failure.created_at.isoformat(),
        "description": failure.description,
        "page": failure.log_url,
    }
