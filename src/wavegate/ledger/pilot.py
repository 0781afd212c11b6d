"""How far a canary has progressed."""

from collections.abc import Mapping

from wavegate.ledger.deployment import Pilot
from wavegate.release.manifest import Environment


def pilot_of(
    environment: Environment,
    *,
    copies: Mapping[str, str] | None = None,
    permission_set: str = "",
    reaching: tuple[str, ...] = (),
) -> Pilot | None:
    """The pilot cohorts of an environment and the last canary step that they complete; None without a canary.

    copies, permission_set, reaching: as in Pilot.
    """
    if environment.rollout != "canary":
        return None
    steps = environment.canary.steps if environment.canary else ()
    admitted: set[str] = set()
    reached = 0
    for number, step in enumerate(steps, 1):
        if step.cohorts is None:
            break
        admitted |= set(step.cohorts)
        if admitted <= set(environment.current_cohorts):
            reached = number
    return Pilot(
        cohorts=environment.current_cohorts,
        step=reached,
        steps=len(steps),
        copies=copies or {},
        permission_set=permission_set,
        reaching=reaching,
    )
