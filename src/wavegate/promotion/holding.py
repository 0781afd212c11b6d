"""The rules that hold a release back whatever its evidence: stops, locks, freezes and rollbacks.

They ask what a release ships, never under which commit. What was stopped stays stopped until a named person says
otherwise: nobody overrides a stop or a lock, because it is another person's decision.
"""

from collections.abc import Iterator
from dataclasses import replace
from shlex import quote

from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.words import acting_person, by_whom, shown_time
from wavegate.ledger.deployment import FAILED, Deployment
from wavegate.ledger.environment import EnvironmentLedger, ShippedRelease, withdrawal_command
from wavegate.promotion.freezing import freeze_refusals
from wavegate.promotion.hold_request import HoldRequest
from wavegate.promotion.stops import stop_refusals
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.text import one_line, pluralize


def hold_refusals(ledger: EnvironmentLedger, request: HoldRequest) -> Iterator[Refusal]:
    """Why the environment is held against this promotion; nothing if it is not."""
    yield from stop_refusals(ledger, request)
    yield from (each for each in _closed(ledger, request) if not _passes(each, request))
    yield from unreadable_refusals(ledger)
    yield from rollback_refusals(ledger, request.release)
    for former in ledger.former:
        # no rollback restores what an environment of another name had
        usual = replace(request, fast_lane=False)
        yield from (*stop_refusals(former, usual), *_locked(former), *rollback_refusals(former, request.release))


def passed_holds(ledger: EnvironmentLedger, request: HoldRequest) -> Iterator[str]:
    """The lock and the freeze that this promotion passes because of an open rollback, one sentence or more each."""
    why = "This promotion carries out the rollback, so it passes."
    if not request.restores:
        why = "A rollback is open, and what this release ships was good here before, so it passes."
    return (f"{each.message} {why}" for each in _closed(ledger, request) if _passes(each, request))


def _closed(ledger: EnvironmentLedger, request: HoldRequest) -> Iterator[Refusal]:
    """The lock and the freeze of the environment, whether or not this promotion passes them."""
    yield from _locked(ledger)
    yield from freeze_refusals(request.manifest, request.environment.name, actor=request.actor, now=request.now)


def _passes(closed: Refusal, request: HoldRequest) -> bool:
    """Whether a promotion passes a lock or a freeze: what a rollback restores, and a freeze in its fast lane."""
    in_lane = request.fast_lane and request.during_rollback
    return request.restores or (in_lane and closed.rule is RefusalRule.FROZEN)


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
        message=f"This release was rolled back in {place}{_as_other(found, ledger)}{_rolled_back_by(found)}",
        fix="Release a fix: push a commit that changes what the release ships; the same content stays refused. "
        f"If it is good after all: `{withdrawal_command(ledger.environment, found)}`",
    )


def _as_other(found: Act | Deployment, ledger: EnvironmentLedger) -> str:
    """Of which manifest, if it is another one that ships the same."""
    manifest = found.manifest if isinstance(found, Act) else found.release.manifest if found.release else ""
    return f" as a release of {one_line(manifest, 100)}" if manifest not in ("", ledger.manifest) else ""


def unreadable_refusals(ledger: EnvironmentLedger) -> Iterator[Refusal]:
    """The refusal of any promotion while the environment has acts that cannot be read; nothing if it has none."""
    if not ledger.unreadable:
        return
    where, acts = one_line(ledger.environment, 100), pluralize(ledger.unreadable, "act")
    yield Refusal(
        rule=RefusalRule.UNREADABLE_ACT,
        message=f"{acts} of {where} in GitHub's deployments cannot be read, and may be a stop or a lock.",
        fix="Pin all workflows to the newest version of wavegate that any of them has: it may have written what this "
        "one cannot read. If that does not help, give a reason for an override.",
    )


def _locked(ledger: EnvironmentLedger) -> Iterator[Refusal]:
    lock = ledger.holds.lock
    if lock is None:
        return
    where = one_line(ledger.environment, 100)
    yield Refusal(
        rule=RefusalRule.LOCKED,
        message=f"{ledger.place} is locked{by_whom(lock)}",
        fix=f"Nothing to fix in the release: wait, or ask {acting_person(lock)} to unlock with "
        f'`wavegate unlock {quote(where)} --reason "…"`, then re-run all jobs.',
        final=True,
    )


def _rolled_back_by(found: Act | Deployment) -> str:
    """Who rolled it back, when and why, as far as the ledger says so."""
    if isinstance(found, Act):
        return by_whom(found)
    marked = [each for each in found.statuses if each.state in FAILED][-1]
    return f" on {shown_time(marked.created_at)}: {one_line(marked.description, 300) or 'no reason is recorded'}."
