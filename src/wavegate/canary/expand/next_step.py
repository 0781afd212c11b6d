"""Which step of a canary comes next."""

from dataclasses import dataclass
from typing import Literal

from wavegate.release.manifest import Environment


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingStep:
    """The next step of a canary. number, steps: the step and how many there are, from 1.

    joining: cohorts that get the release with it, in the order of the step; None for everybody. pause: `approval`
    if a person has to approve it.
    """

    number: int
    steps: int
    joining: tuple[str, ...] | None
    pause: Literal["approval"] | None = None


def next_step(environment: Environment) -> PendingStep | None:
    """The first step that is not complete; None if the release is for everybody, or no step is left."""
    if environment.rollout != "canary" or environment.canary is None:
        return None
    steps, have = environment.canary.steps, set(environment.pilot_users)
    for number, step in enumerate(steps, 1):
        joining = None if step.cohorts is None else tuple(each for each in step.cohorts if each not in have)
        if joining is None or joining:
            return PendingStep(number=number, steps=len(steps), joining=joining, pause=step.pause)
    return None
