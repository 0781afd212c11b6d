"""What a look asks the judge, and what the clock and earlier looks make of the judge's answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import msgspec

from wavegate.canary.decision import CanaryDecision, CanaryReason
from wavegate.canary.values import CanaryQuestion, CanaryVerdict, HealthQuestion
from wavegate.canary.watch.starts import RunningPilot
from wavegate.evidence.resource import Resource
from wavegate.ledger.canary_entry import CanaryLook
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import live_release_of
from wavegate.ledger.moment import moment_text
from wavegate.release.manifest import Canary, Environment, HealthSettings, Manifest
from wavegate.telemetry.mapping.values import TelemetryMapping
from wavegate.telemetry.values import Lane, TelemetryLook

USUAL_CANARY = Canary(steps=())
"""How a canary is judged whose manifest has no `canary`."""
_TOLERANCE = 0.1
"""By which share of its interval a look may come earlier: a schedule is never exact."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedRelease:
    """What is looked at: a pilot, or without one the health of the live release.

    manifest, environment: of the checked-out commit, whose settings count. live: what everybody has, None if it was
    rolled back. earlier: looks at the same content, newest first. run: URL of this attempt of the workflow run, ''
    outside Actions.
    """

    manifest: Manifest
    environment: Environment
    now: datetime
    pilot: RunningPilot | None = None
    live: Deployment | None = None
    earlier: tuple[CanaryLook, ...] = ()
    run: str = ""

    @property
    def canary(self) -> Canary:
        """The canary's settings."""
        return self.environment.canary or USUAL_CANARY

    @property
    def health(self) -> HealthSettings | None:
        """What must hold of the live release, as long as no pilot runs beside it."""
        return None if self.pilot else self.environment.health

    @property
    def content(self) -> str:
        """Digest of what is looked at; '' if there is nothing to look at."""
        if self.pilot:
            return self.pilot.content
        return self.live.release.content if self.live and self.live.release and self.health else ""

    @property
    def earlier_looks(self) -> int:
        """How many looks there were before; one of this very attempt, which runs again, is the same look."""
        others = (each for each in self.earlier if not (self.run and each.run == self.run))
        return max((each.look for each in others), default=0)

    @property
    def agents(self) -> dict[str, str]:
        """What the release's sessions have, by the live agent."""
        if self.pilot:
            return dict(self.pilot.agents)
        names = dict.fromkeys(
            [*(self.live.agents if self.live else ()), *(each.name for each in self.manifest.agents)]
        )
        return {name: name for name in names}

    @property
    def cohorts(self) -> tuple[str, ...]:
        """Names of the pilot's cohorts."""
        return self.pilot.names if self.pilot else ()

    @property
    def read_since(self) -> date:
        """The first day whose sessions count."""
        if self.pilot:
            return (self.pilot.since - self.canary.baseline_window).date()
        window = self.health.window if self.health else timedelta()
        return (self.now - window).date()


def is_recent(watched: WatchedRelease) -> bool:
    """Whether the newest look at the same content is more recent than the canary's interval."""
    others = (each.moment for each in watched.earlier if not (watched.run and each.run == watched.run))
    newest = max(others, default=None)
    return newest is not None and watched.now - newest < watched.canary.interval * (1 - _TOLERANCE)


def canary_question(
    watched: WatchedRelease,
    pilot: RunningPilot,
    look: TelemetryLook,
    *,
    deployments: Sequence[Deployment],
    mapping: TelemetryMapping,
    schema: str,
) -> CanaryQuestion:
    """The question about a pilot. deployments: newest first. schema: of the telemetry at the last look, or ''."""
    recorded = pilot.deployment.release.pilot if pilot.deployment.release else None
    live = live_release_of(deployments, manifest=watched.manifest.path) if pilot.has_copies else None
    return CanaryQuestion(
        release=pilot.release,
        content=pilot.content,
        environment=watched.environment.name,
        manifest=_resource(watched.manifest),
        agents=watched.agents,
        look=of_everybody(look, pilot) if pilot.everybody else look,
        now=watched.now,
        commit=pilot.deployment.commit,
        earlier_looks=watched.earlier_looks,
        lag=_lag(mapping),
        schema=schema,
        run=watched.run,
        settings=watched.canary,
        starts=_starts(pilot),
        step=recorded.step if recorded else 0,
        steps=recorded.steps if recorded else 0,
        live=live.title if live else "",
    )


def health_question(
    watched: WatchedRelease, look: TelemetryLook, *, mapping: TelemetryMapping, schema: str
) -> HealthQuestion:
    """The question about the release that everybody has. ValueError: there is none, or nothing is asked of it."""
    live, health = watched.live, watched.health
    if live is None or health is None:
        raise ValueError("nothing to look at")
    return HealthQuestion(
        release=live.title,
        content=live.release.content if live.release else "",
        environment=watched.environment.name,
        manifest=_resource(watched.manifest),
        agents=watched.agents,
        look=look,
        now=watched.now,
        commit=live.commit,
        earlier_looks=watched.earlier_looks,
        lag=_lag(mapping),
        schema=schema,
        run=watched.run,
        settings=health,
        since=live.live_since or live.created_at,
    )


def of_everybody(look: TelemetryLook, pilot: RunningPilot) -> TelemetryLook:
    """The look with every session in the pilot's first cohort: nobody is left who does not have the release."""
    return replace(look, days=tuple(replace(each, cohort=pilot.names[0]) for each in look.days))


def too_early(decision: CanaryDecision, watched: WatchedRelease) -> CanaryDecision:
    """The decision, or a hold before the initial delay is over. A confirmed critical violation never waits."""
    pilot, delay = watched.pilot, watched.canary.initial_delay
    if pilot is None or decision.critical or watched.now >= pilot.since + delay:
        return decision
    reason = CanaryReason(
        rule="canary/too-early",
        weight="hold",
        text=f"It started {moment_text(pilot.since)}, and is judged from {moment_text(pilot.since + delay)} on, "
        "as `initialDelay` says.",
        fix=f"Look again after {moment_text(pilot.since + delay)}.",
    )
    return _overruled(decision, CanaryVerdict.HOLD, reason)


def standing(decision: CanaryDecision, rollback: CanaryLook | None) -> CanaryDecision:
    """The decision, or a rollback if an earlier look decided that. rollback: that look."""
    if rollback is None or decision.verdict is CanaryVerdict.ROLLBACK:
        return decision
    rules = f" ({', '.join(rollback.rules[:3])})" if rollback.rules else ""
    reason = CanaryReason(
        rule="canary/rollback-decided",
        weight="rollback",
        text=f"Look {rollback.look} at this content, {moment_text(rollback.moment)}, decided to roll it back{rules}. "
        "That stands, even if later evidence is weaker.",
        fix="Roll it back, or release a fix. If the decision was wrong, open the rollback and withdraw it.",
    )
    return _overruled(decision, CanaryVerdict.ROLLBACK, reason)


def held_reason(decision: CanaryDecision) -> str:
    """Why a person has to look at what is on hold, in a sentence that changes only with its reasons; '' if none has.

    Too little evidence is what most looks find, and nobody has to do anything about it.
    """
    if decision.verdict is not CanaryVerdict.HOLD:
        return ""
    about = f"content {decision.content[:12]}"
    if decision.overdue:
        return f"The canary is past its deadline of {moment_text(decision.deadline)} ({about}): a person decides."
    rules = sorted({each.rule for each in decision.reasons if each.weight == "hold"} - WAITING)
    return f"The canary cannot be judged ({about}): {', '.join(rules)}." if rules else ""


def stops(canary: Canary, decision: CanaryDecision) -> bool:
    """Whether a rollback stops the agents at once as well, as the canary's `stop` says."""
    return canary.stop == "rollback" or (canary.stop == "critical" and decision.critical)


WAITING = frozenset({"canary/too-early", "canary/burn-in", "canary/not-settled"})
"""The reasons to hold that time settles."""


def _overruled(decision: CanaryDecision, verdict: CanaryVerdict, reason: CanaryReason) -> CanaryDecision:
    return msgspec.structs.replace(
        decision,
        verdict=verdict,
        claim=reason.text,
        reasons=(reason, *decision.reasons),
        overdue=decision.overdue and verdict is CanaryVerdict.HOLD,
    )


def _starts(pilot: RunningPilot) -> dict[str, datetime]:
    if pilot.everybody:
        return {pilot.names[0]: pilot.since}
    return {each.name: each.since for each in pilot.cohorts}


def _resource(manifest: Manifest) -> Resource:
    return Resource(name=manifest.path, digest={"sha256": manifest.digest})


def _lag(mapping: TelemetryMapping) -> Mapping[Lane, timedelta]:
    return mapping.lag


def reasons_text(reasons: Iterable[CanaryReason]) -> str:
    """Reasons as an output: one a line."""
    return "\n".join(f"{each.rule}: {each.text}" for each in reasons)
