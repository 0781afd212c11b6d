"""Read what the ledger says about environments: releases, acts, and what holds them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from wavegate.github.client import GitHub
from wavegate.ledger.acts.by_environment import RepositoryActs
from wavegate.ledger.acts.former import former_holds
from wavegate.ledger.acts.holds import holds_of
from wavegate.ledger.acts.record import complete_act, read_all_acts
from wavegate.ledger.acts.withdrawal import (
    Withdrawal,
    find_reopened,
    find_withdrawal,
    follows_a_pull,
    record_reopened,
    record_withdrawal,
    withdrawn_act,
)
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.entry import releases
from wavegate.ledger.environment import EnvironmentLedger, PromotionLedger
from wavegate.ledger.events import read_events
from wavegate.ledger.gate_entry import gate_task, parse_gate_entry
from wavegate.ledger.history import live_release_of
from wavegate.ledger.reader import Newest, read_commit, read_newest, read_nodes
from wavegate.promotion.expansion.merged import unconfirmed_step
from wavegate.promotion.hold_request import HoldRequest
from wavegate.release.manifest import Manifest


def read_promotion(github: GitHub, repository: str, request: HoldRequest) -> PromotionLedger:
    """What the ledger says about a promotion, in three requests.

    One more shows how its verification ended, if it was live there before. The deployments of some commits are read
    as well, because they may no longer be among the newest: those of the release, which may have waited long for its
    approval, and of the releases that open rollbacks and stops name. So are those back to the live release, if
    entries of others have displaced it, and the pull request of a canary's step.
    """
    manifest, environment = request.manifest, request.environment
    names = [each.name for each in manifest.environments]
    newest, acts = read_newest(github, repository, names), read_all_acts(github, repository)
    known = {name: _ledger(github, repository, name, newest[name], acts, manifest.path) for name in names}
    before = manifest.before(environment.name)
    commits = dict.fromkeys((request.commit, *_named(known.values())))
    further = [found for each in commits for found in read_commit(github, repository, each)]
    further += _back_to_live(github, repository, known[environment.name])
    own = known[environment.name].including(further)
    return PromotionLedger(
        own=replace(own, failed=_failed(github, repository, own, request), former=_former(acts, manifest)),
        before=known[before.name].including(further) if before else None,
        others={name: ledger.holds for name, ledger in known.items() if name != environment.name},
        unconfirmed=unconfirmed_step(github, repository, own, request),
    )


def _former(acts: RepositoryActs, manifest: Manifest) -> tuple[EnvironmentLedger, ...]:
    """The environments that the manifest no longer names, with what it still holds there; no fix lifts that."""
    return tuple(
        EnvironmentLedger(environment=name, manifest=manifest.path, holds=holds, is_former=True)
        for name, holds in former_holds(acts, manifest).items()
    )


def _failed(github: GitHub, repository: str, ledger: EnvironmentLedger, request: HoldRequest) -> frozenset[str]:
    """The contents of the release, as it was live here before, whose last verification failed.

    What this very run verified does not count: a re-run of it is the same promotion. Neither does a verification
    without a result.
    """
    live = (each.release for each in ledger.deployments if each.succeeded and request.release.is_in(each))
    contents = {each.content for each in live if each and each.content}
    return frozenset(each for each in contents if _has_failed(github, repository, ledger.environment, each, request))


def _has_failed(github: GitHub, repository: str, environment: str, content: str, request: HoldRequest) -> bool:
    events = read_events(github, repository, environment, gate_task("verify", content))
    entries = (parse_gate_entry(each.payload, stage="verify", content=content) for each in events)
    others = (each for each in entries if each and not (request.run and f"{each.run}/".startswith(f"{request.run}/")))
    return next((each.verdict == "fail" for each in others if each.verdict != "inconclusive"), False)


def _back_to_live(github: GitHub, repository: str, ledger: EnvironmentLedger) -> Sequence[Deployment]:
    """The deployments back to the live release of the manifest; none if they were read, or it was never live.

    Without the live release, an agent that somebody deactivated in the org would not be found.
    """
    found: list[Deployment] = []
    if ledger.whole or ledger.live:
        return found
    for nodes, _ in read_nodes(github, repository, [ledger.environment]):
        found += releases(nodes)
        if live_release_of(found, manifest=ledger.manifest):
            break
    return found


def _named(ledgers: Iterable[EnvironmentLedger]) -> Iterator[str]:
    """Commits that open rollbacks and stops name, and that are not among the deployments that were read."""
    for ledger in ledgers:
        if not ledger.whole:
            known = {each.commit for each in ledger.deployments}
            rollback = ledger.holds.rollback
            named = [rollback.target if rollback else None, *(stop.act.release for stop in ledger.holds.stops)]
            yield from (each.commit for each in named if each and each.commit not in known)


def _ledger(
    github: GitHub, repository: str, environment: str, newest: Newest, known: RepositoryActs, manifest: str
) -> EnvironmentLedger:
    acts = known.of(environment).acts
    holds = holds_of(acts, manifest=manifest)
    if holds.rollback and (withdrawal := find_withdrawal(github, repository, holds.rollback)):
        # a person closed its pull request: that counts from then on, and the next deployment records it
        acts = (withdrawn_act(holds.rollback, withdrawal), *acts)
    elif reopened := find_reopened(github, repository, acts, manifest=manifest):
        acts = (reopened, *acts)
    unreadable = known.of(environment).unreadable
    return EnvironmentLedger.of(
        environment, manifest, newest.deployments, acts, whole=newest.whole, unreadable=unreadable
    )


def record_withdrawals(github: GitHub, repository: str, ledgers: Sequence[EnvironmentLedger]) -> bool:
    """Record the rollbacks whose pull request a person closed or reopened, as far as nobody has.

    An act that an interrupted promotion wrote is completed. Returns whether there were any new ones: then read again.
    """
    found = [ledger for ledger in ledgers if ledger.unrecorded_withdrawal or ledger.unrecorded_rollback]
    for ledger in found:
        known = tuple(each for each in ledger.acts if each.id)
        rollback = holds_of(known, manifest=ledger.manifest).rollback
        if reopened := ledger.unrecorded_rollback:
            record_reopened(github, repository, ledger.environment, reopened, acts=known)
        elif rollback and (act := ledger.unrecorded_withdrawal):
            withdrawal = Withdrawal(actor=act.actor, time=act.time, reason=act.reason)
            record_withdrawal(github, repository, ledger.environment, rollback, withdrawal, acts=known)
    for ledger in ledgers:
        if ledger not in found and follows_a_pull(ledger.acts):
            complete_act(github, ledger.acts[0])
    return bool(found)
