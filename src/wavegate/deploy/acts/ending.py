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


def ended_rollback(ledger: EnvironmentLedger, release: ShippedRelease) -> Act | None:
    """The open rollback, if something else than the release that it rolls back is live."""
    rollback = ledger.holds.rollback
    if rollback is None or (rollback.release and release.is_named(rollback.release)):
        return None
    return rollback


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
