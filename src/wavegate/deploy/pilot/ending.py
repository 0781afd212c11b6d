"""Which copies of earlier pilots a deployment takes out of use."""

from collections.abc import Iterable

from wavegate.deploy.pilot.values import CopiesRequest, Retirement
from wavegate.ledger.deployment import Deployment


def retirement_of(unretired: Iterable[Deployment], copies: CopiesRequest | None) -> Retirement | None:
    """The copies to take out of use once a release is live; None for none.

    unretired: pilots whose copies may be in use. copies: of this deployment, None for a release to everybody. A pilot
    keeps the copies that it needs, and ends no pilot: it goes on with another release.
    """
    pilots = [each.release.pilot for each in unretired if each.release and each.release.pilot]
    names = {name.casefold(): name for pilot in pilots for name in pilot.copies.values()}
    sets = dict.fromkeys(pilot.permission_set for pilot in pilots if pilot.permission_set)
    if copies:
        kept = {each.casefold() for each in copies.agents.values()}
        names = {key: name for key, name in names.items() if key not in kept}
        sets.pop(copies.permission_set, None)
    if not names:
        return None
    return Retirement(copies=tuple(names.values()), permission_sets=tuple(sets), ends_pilot=copies is None)
