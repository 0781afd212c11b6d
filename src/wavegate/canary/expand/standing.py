"""Whether a canary can take its next step now: what runs, what holds it, and what the base branch has."""

from dataclasses import dataclass

from wavegate.canary.decision import CanaryDecision
from wavegate.canary.expand.next_step import next_step
from wavegate.canary.watch.starts import RunningPilot
from wavegate.ledger.acts.holds import Holds
from wavegate.ledger.canary_entry import CanaryLook
from wavegate.release.manifest import Environment
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """pilot: that runs. content: digest of what the base branch ships, '' if unknown. holds: of the environment.

    looks: recorded ones at the pilot's content, newest first.
    """

    pilot: RunningPilot | None
    holds: Holds
    content: str = ""
    looks: tuple[CanaryLook, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Waits:
    """Why no step is proposed now. name: of the result, waiting or complete."""

    why: str
    fix: str = ""
    name: str = "waiting"


def waiting_for(
    standing: Standing, environment: Environment, decision: CanaryDecision | None, *, base: str
) -> Waits | None:
    """What has to happen before the next step, or why there is none; None if it can be proposed.

    environment: as the manifest on the base branch has it. decision: None if a person expands without one.
    """
    pilot, name = standing.pilot, one_line(environment.name, 100)
    if pilot is None:
        return Waits(why=f"No pilot runs in {name}.", fix="Promote a release with `rollout: canary`.")
    if standing.holds.rollback:
        return Waits(
            why=f"A rollback of {name} is open.", fix="Merge it, or withdraw it, before anything is expanded."
        )
    agents = {each.casefold() for pair in pilot.agents.items() for each in pair}
    if any(each.agent.casefold() in agents for each in standing.holds.stops):
        return Waits(why=f"Agents of {name} are stopped.", fix="Restart them with `wavegate enable`, or roll back.")
    return _moved(pilot, standing, environment, base) or _about_another(pilot, decision)


def _moved(pilot: RunningPilot, standing: Standing, environment: Environment, base: str) -> Waits | None:
    where = one_line(base, 100)
    if environment.rollout != "canary":
        return Waits(
            why=f"On {where}, the release is for everybody already, but a pilot still runs.",
            fix=f"Promote {where} to {one_line(environment.name, 100)}.",
        )
    if standing.content and pilot.content and standing.content != pilot.content:
        return Waits(
            why=f"{where} has another release than the pilot, which the pull request would ship as well.",
            fix="Promote it, so that it becomes the pilot; or revert it to go on with this one.",
        )
    if set(environment.pilot_users) != set(pilot.names):
        return Waits(
            why=f"The manifest on {where} has other pilot users than the pilot: an earlier step is not promoted yet.",
            fix=f"Promote {where} to {one_line(environment.name, 100)}.",
        )
    if next_step(environment) is None:
        return Waits(
            why="The canary has taken its last step.",
            fix="Add a step with `cohorts: all` to release to everybody.",
            name="complete",
        )
    return None


def _about_another(pilot: RunningPilot, decision: CanaryDecision | None) -> Waits | None:
    if decision is None:
        return None
    if decision.content != pilot.content:
        return Waits(why="The decision is about another release than the pilot that runs now.", fix="Look again.")
    if {each.name for each in decision.cohorts} - set(pilot.names):
        return Waits(why="The decision is about other cohorts than the pilot has now.", fix="Look again.")
    recorded = pilot.deployment.release.pilot if pilot.deployment.release else None
    if recorded and decision.step != recorded.step:
        why = f"The decision is about step {decision.step}, but the pilot is at step {recorded.step}."
        return Waits(why=why, fix="Look again.")
    return None


def superseded(standing: Standing, decision: CanaryDecision) -> Waits | None:
    """Why a decision no longer counts: a recorded look that is as new decided otherwise; None if it counts.

    A job of an older run may run again long after its look, and two looks at once have the same number. A dry run
    decides nothing.
    """
    looks = [each for each in standing.looks if not each.dry_run]
    newest = max((each.look for each in looks), default=0)
    other = next((each for each in looks if each.look == newest and each.verdict != "expand"), None)
    if other is None or newest < decision.looks:
        return None
    why = f"Look {newest} decided {other.verdict}, and the decision to expand is of look {decision.looks}."
    return Waits(why=why, fix="Look again.")
