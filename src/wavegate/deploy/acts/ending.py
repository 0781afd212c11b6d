"""Which acts of the ledger are over once a release is live."""

from collections.abc import Iterable, Mapping

from wavegate.ledger.acts.act import Act, ActKind, release_id
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.deployment import FAILED, Deployment
from wavegate.ledger.environment import EnvironmentLedger, ShippedRelease


def restarted_agents(stops: Iterable[OpenStop], live: Mapping[str, int | None]) -> dict[str, int | None]:
    """The active version of each agent that is no longer stopped. live: version by case-folded name."""
    versions = ((each.agent, live.get(each.agent.casefold())) for each in stops)
    return {agent: version for agent, version in versions if version is not None}


def ended_rollback(ledger: EnvironmentLedger, release: ShippedRelease, *, is_confined: bool = False) -> Act | None:
    """The open rollback, if something else than the release that it rolls back is live.

    is_confined: whether the release is a pilot's. Such a one replaces only what another pilot had.
    """
    rollback = ledger.holds.rollback
    if rollback is None or (rollback.release and release.is_named(rollback.release)):
        return None
    return None if is_confined and _is_everybodys(rollback, ledger.live) else rollback


def _is_everybodys(rollback: Act, live: Deployment | None) -> bool:
    """Whether a rollback is, or may be, of what everybody has."""
    if live is None or rollback.release is None:
        return live is not None
    content = live.release.content if live.release else ""
    return ShippedRelease(content=content, commit=live.commit).is_named(rollback.release)


def rollback_act(found: Act | Deployment) -> Act:
    """A rollback as an act: in an older ledger, only the deployment that it marked as failed shows it."""
    if isinstance(found, Act):
        return found
    failed = next(each for each in reversed(found.statuses) if each.state in FAILED)
    manifest = found.release.manifest if found.release else ""
    return Act(
        kind=ActKind.ROLLBACK,
        time=failed.created_at,
        actor="",
        reason=failed.description,
        manifest=manifest,
        release=release_id(found),
        page=failed.log_url,
    )
