"""The history's entries, from what was read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from wavegate.ledger.acts.act import Act, ActKind
from wavegate.ledger.canary_entry import CanaryLook
from wavegate.ledger.deployment import Deployment, State
from wavegate.ledger.gate_entry import GateEntry
from wavegate.ledger.history import is_of
from wavegate.ledger.recorded_act import MAX_SKEW
from wavegate.ledger.status.state import is_release, last_failure, triggered_by
from wavegate.ledger.trail.values import EntryKind, LedgerRecord, Outcome, TrailEntry

_ROLLBACKS = frozenset({ActKind.ROLLBACK, ActKind.ROLLBACK_DONE, ActKind.ROLLBACK_WITHDRAWN})


def of_manifest(records: Iterable[LedgerRecord], manifest: str) -> Iterator[LedgerRecord]:
    """The records of a manifest. Stops, locks and decisions always count: they hold all manifests, or name none."""
    for each in records:
        is_other = (
            (each.deployment and not is_of(each.deployment, manifest))
            or (each.look and each.look.manifest != manifest)
            or (each.act and each.act.kind in _ROLLBACKS and each.act.manifest not in ("", manifest))
        )
        if not is_other:
            yield each


def trail_of(records: Sequence[LedgerRecord]) -> tuple[TrailEntry, ...]:
    """The entries of the history, newest first. records: newest first."""
    rollbacks = [each.act for each in records if each.act and each.act.kind is ActKind.ROLLBACK]
    entries = [entry for record in records for entry in _entries(record, rollbacks)]
    return tuple(sorted(entries, key=lambda each: each.time, reverse=True))


def _entries(record: LedgerRecord, rollbacks: Sequence[Act]) -> Iterator[TrailEntry]:
    if record.deployment:
        yield from _promotion(record, record.deployment, rollbacks)
    elif record.act:
        yield _act(record, record.act)
    elif record.decision:
        yield _decision(record, record.decision)
    elif record.look:
        yield _look(record, record.look)
    else:
        yield _entry(record, EntryKind.UNREADABLE, reason=f"its task is {record.task}, and its payload is unreadable")


def _entry(record: LedgerRecord, kind: EntryKind, **values: object) -> TrailEntry:
    base = TrailEntry(
        id=record.id, kind=kind, environment=record.environment, time=record.recorded, commit=record.commit
    )
    return replace(base, **values)  # type: ignore[arg-type]


def _promotion(record: LedgerRecord, deployment: Deployment, rollbacks: Sequence[Act]) -> Iterator[TrailEntry]:
    release = deployment.release
    adoption = release.adoption if release else None
    outcome, ended, reason = _outcome(deployment)
    promotion = _entry(
        record,
        EntryKind.ADOPTION if adoption else EntryKind.PROMOTION,
        actor=triggered_by(deployment),
        reason=adoption.reason if adoption else reason if release else "its payload is unreadable",
        release=release.name if release else "",
        content=release.content if release else "",
        run=release.run if release else "",
        outcome=outcome,
        ended=ended,
        agents=dict(deployment.live),
    )
    if deployment.rolled_back and not any(
        each.release and is_release(deployment, each.release) for each in rollbacks
    ):
        failure = last_failure(deployment)
        yield replace(
            promotion,
            kind=EntryKind.ROLLBACK,
            time=failure.created_at,
            actor="",
            reason=failure.description,
            run="",
            outcome="",
            ended=None,
            agents={},
            page=failure.log_url,
        )
    if release and release.override:
        override = release.override
        yield replace(
            promotion,
            kind=EntryKind.OVERRIDE,
            actor=override.actor,
            reason=override.reason,
            rules=override.rules,
            outcome="",
            ended=None,
            agents={},
        )
    yield promotion


def _outcome(deployment: Deployment) -> tuple[Outcome, datetime | None, str]:
    """Outcome, when it was reached, and why."""
    if deployment.succeeded:
        live: Outcome = "piloted" if deployment.confined else "live"
        return ("rolled back" if deployment.rolled_back else live), deployment.live_since, ""
    if not deployment.attempted:
        return "waiting", None, ""
    newest = deployment.statuses[-1]
    if deployment.state is State.IN_PROGRESS:
        return "in progress", None, ""
    if deployment.state is State.INACTIVE:
        return "superseded", newest.created_at, newest.description
    return "failed", newest.created_at, newest.description


def _act(record: LedgerRecord, act: Act) -> TrailEntry:
    release = act.release
    return _entry(
        record,
        EntryKind(act.kind.value),
        named=_named(record, act.time),
        actor=act.actor,
        reason=act.reason,
        release=release.name if release else "",
        content=release.content if release else "",
        commit=release.commit if release else record.commit,
        run=act.run,
        agents=dict(act.agents),
        target=f"{act.target.name} ({act.target.commit[:12]})" if act.target else "",
        page=act.page,
        incident=act.incident,
    )


def _decision(record: LedgerRecord, decision: GateEntry) -> TrailEntry:
    return _entry(
        record,
        EntryKind.GATE if decision.stage == "gate" else EntryKind.VERIFICATION,
        named=_named(record, decision.time),
        actor=decision.actor,
        release=decision.release,
        content=decision.content,
        run=decision.run,
        outcome=decision.verdict,
        attempt=decision.attempt,
    )


def _look(record: LedgerRecord, look: CanaryLook) -> TrailEntry:
    return _entry(
        record,
        EntryKind.LOOK,
        named=_named(record, look.time),
        actor=look.actor,
        reason="dry run: nothing follows" if look.dry_run else "",
        release=look.release,
        content=look.content,
        run=look.run,
        outcome=look.verdict,
        attempt=look.look,
        rules=look.rules,
    )


def _named(record: LedgerRecord, time: datetime) -> datetime | None:
    return time if abs(record.recorded - time) > MAX_SKEW else None
