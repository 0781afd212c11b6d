"""Which acts of the ledger are over once a release is live."""

from collections.abc import Iterable, Mapping

from wavegate.ledger.acts.act import Act, ReleaseId, release_id
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.deployment import Deployment
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


def withdrawn_rollback(ledger: EnvironmentLedger, release: ShippedRelease) -> ReleaseId | None:
    """The rolled-back release that is live again, as its rollback names it; None if it was not rolled back."""
    found = ledger.rollback_of(release)
    return release_id(found) if isinstance(found, Deployment) else found.release if found else None
