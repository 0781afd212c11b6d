"""The acts of the ledger that one deployment reads and writes.

Each is written exactly once, and what an interrupted run did not write is written by the next run of the same
deployment. A restart follows the activation and precedes the success: until it is written, the deployment is
unfinished. What a success ends is written after it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from wavegate.cli.actions import Run, acting_user
from wavegate.deploy.acts.ending import ended_rollback, restarted_agents, rollback_act
from wavegate.deploy.acts.held import StopsUnknownError
from wavegate.deploy.rollout_values import Rollout
from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import Act, ActKind, ReleaseId, release_id
from wavegate.ledger.acts.holds import OpenStop, holds_of
from wavegate.ledger.acts.record import complete_act, read_all_acts, write_act
from wavegate.ledger.acts.withdrawal import Withdrawal, record_withdrawal
from wavegate.ledger.environment import EnvironmentLedger, PromotionLedger
from wavegate.ledger.found import FOUND, found_inactive
from wavegate.promotion.hold_request import HoldRequest
from wavegate.promotion.holding import unreadable_refusals
from wavegate.promotion.stops import StopEffect, newest_stop, stop_effects
from wavegate.salesforce.org_values import AgentState
from wavegate.text import join_names

_OVER = {StopEffect.RESUMED: "resume: true in {}", StopEffect.RESTORED: "rollback promoted: {}"}
"""Why a stop is over once a release is live: reason of the restart, with the release's name."""


@dataclass(kw_only=True, slots=True)
class DeploymentActs:
    """The acts of one deployment.

    promotion: what the ledger says, with the newest acts of the environment that were read. request: the promotion,
    with all agents that it may affect. override: why a person lets a release in that was rolled back; '' if it was
    not, or nobody does. is_confined: whether it is a pilot with copies. notes: for the summary, on what was written.
    """

    github: GitHub
    run: Run
    promotion: PromotionLedger
    request: HoldRequest
    override: str = ""
    is_confined: bool = False
    notes: tuple[str, ...] = ()
    _lifted: Mapping[tuple[str, str], StopEffect] = field(default_factory=dict)
    _tolerated: int = 0

    @property
    def ledger(self) -> EnvironmentLedger:
        """What the ledger says about the environment."""
        return self.promotion.own

    def complete(self) -> None:
        """Give the acts that an interrupted attempt of this run has written their status."""
        url = self.run.url
        for act in self.ledger.acts:
            if url and (act.run == url or act.run.startswith(f"{url}/")):
                complete_act(self.github, act)

    def record_found(self, states: Iterable[AgentState], *, org: str, resumed: Mapping[str, int | None]) -> None:
        """Record the stop of every agent that somebody deactivated in the org without a record."""
        names = found_inactive(states, self.ledger, org=org, resumed=resumed)
        ledger = self.ledger
        for release in filter(None, (ledger.live, ledger.pilot)):
            own = [each for each in names if ledger.release_of(each) is release]
            self._record_stop(own, FOUND, release_id(release))

    def lift(self, *, fast_lane: bool) -> None:
        """Note which of the open stops are over once the release is live. A later stop of an agent is not.

        Acts that cannot be read by now keep the release out, or a person has overridden them; later ones hold.
        """
        self._tolerated = self.ledger.unreadable
        effects = stop_effects(self.ledger, replace(self.request, fast_lane=fast_lane))
        self._lifted = {self._key(stop): effect for stop, effect in effects if effect in _OVER}

    def read_stops(self) -> tuple[OpenStop, ...]:
        """Read the open stops again, without those that the release lifts.

        StopsUnknownError: there is a new act that cannot be read, so it may be a stop.
        """
        self._read()
        self._refuse_unreadable("Until that is known, no further agent is activated.")
        return tuple(each for each in self.ledger.holds.stops if self._key(each) not in self._lifted)

    def before_end(self, rollout: Rollout) -> None:
        """Write what must be in the ledger before the outcome of the deployment is."""
        if found := [each.name for each in rollout.held if each.stop is None]:
            self._read()
            names = [name for name in found if self.ledger.holds.stop_of(name) is None]
            self._record_stop(names, f"{FOUND} during the deployment of {rollout.release}", self._release(rollout))
        if rollout.result == "failed":
            return
        if self._lifted:
            self._restart(rollout)

    def held(self, rollout: Rollout) -> dict[str, int | None]:
        """The agents that a stop keeps from the release's version, with that version; None if it is unknown."""
        wanted = {each.name: each.wanted for each in rollout.held}
        stops = (each for each in self.ledger.holds.stops if self._key(each) not in self._lifted)
        stopped = {each.agent.casefold() for each in stops}
        names = (each.name for each in rollout.agents)
        return {name: wanted.get(name) for name in names if name in wanted or name.casefold() in stopped}

    def after_success(self, rollout: Rollout) -> None:
        """Write which rollback is over now that the release is live."""
        live, found = self._release(rollout), self.ledger.rollback_of(self.request.release)
        if self.override and found:
            self._withdraw(rollback_act(found))
        if rollback := ended_rollback(self.ledger, self.request.release, is_confined=self.is_confined):
            self._write(ActKind.ROLLBACK_DONE, f"{live.name} is live", release=rollback.release, target=live)
            self.notes += (f"The rollback of {_name(rollback)} is done.",)

    def _refuse_unreadable(self, effect: str) -> None:
        """Raise StopsUnknownError if there is a new act that cannot be read. effect: what that means, a sentence."""
        if self.ledger.unreadable > self._tolerated:
            for refusal in unreadable_refusals(self.ledger):
                message = f"{refusal.message} {effect} [{refusal.rule}]"
                fix = f"{refusal.fix} Running the command again resumes this deployment."
                raise StopsUnknownError(message, fix=fix)

    def _restart(self, rollout: Rollout) -> None:
        self._read()
        self._refuse_unreadable("The agents were activated before it was found; their restart is not recorded.")
        live = {each.name.casefold(): each.live for each in rollout.agents}
        for effect, words in _OVER.items():
            stops = [each for each in self.ledger.holds.stops if self._lifted.get(self._key(each)) is effect]
            if agents := restarted_agents(stops, live):
                reason = words.format(rollout.release)
                self._write(ActKind.RESTART, reason, agents=agents, release=self._release(rollout))
                self.notes += (f"No longer stopped ({reason}): {join_names(list(agents))}.",)

    def _withdraw(self, rollback: Act) -> None:
        """Withdraw a rollback: a person let its release in again, and it is live."""
        run, now = self.run, datetime.now(UTC).replace(microsecond=0)
        withdrawal = Withdrawal(actor=acting_user(), time=now, reason=self.override, run=run.attempt_url)
        where, acts = self.ledger.environment, self.ledger.acts
        # its pull request stays open, which must not open the rollback again: without the number, nobody asks for it
        record_withdrawal(self.github, run.repository, where, replace(rollback, number=0), withdrawal, acts=acts)
        self.notes += (f"The rollback of {_name(rollback)} is withdrawn.",)

    def _record_stop(self, names: Sequence[str], reason: str, release: ReleaseId | None) -> None:
        if names:
            self._write(ActKind.STOP, reason, agents=dict.fromkeys(names), release=release, actor="")
            self._read()

    def _write(
        self,
        kind: ActKind,
        reason: str,
        *,
        agents: Mapping[str, int | None] | None = None,
        release: ReleaseId | None = None,
        target: ReleaseId | None = None,
        actor: str | None = None,
    ) -> None:
        act = Act(
            kind=kind,
            time=datetime.now(UTC).replace(microsecond=0),
            actor=acting_user() if actor is None else actor,
            reason=reason,
            run=self.run.attempt_url,
            manifest=self.request.manifest.path,
            release=release,
            agents=agents or {},
            target=target,
        )
        # the commit that is checked out may not have been pushed
        commit = self.ledger.live.commit if self.ledger.live else self.request.commit
        where = self.ledger.environment
        write_act(self.github, self.run.repository, where, act, commit=commit, known=self.ledger.acts, just_read=True)

    def _release(self, rollout: Rollout) -> ReleaseId:
        return ReleaseId(name=rollout.release, commit=self.request.commit, content=self.request.content)

    def _read(self) -> None:
        known = read_all_acts(self.github, self.run.repository).of(self.ledger.environment)
        holds = holds_of(known.acts, manifest=self.request.manifest.path)
        own = replace(self.ledger, acts=known.acts, holds=holds, unreadable=known.unreadable)
        self.promotion = replace(self.promotion, own=own)

    def _key(self, stop: OpenStop) -> tuple[str, str]:
        newest = newest_stop(stop.agent, self.ledger.acts)
        return stop.agent.casefold(), newest.id if newest else stop.act.id


def _name(rollback: Act) -> str:
    return rollback.release.name if rollback.release else "a release"
