"""What holds a release back whatever its evidence, and when the fast lane passes it."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.support.releases import environment

from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.acts.holds import Holds, holds_of
from wavegate.ledger.deployment import Adoption, Deployment, Override, Release, State, Status
from wavegate.ledger.environment import EnvironmentLedger, PromotionLedger
from wavegate.promotion.admission import Admission, admission_of
from wavegate.promotion.fast_lane import fast_lane_of
from wavegate.promotion.hold_request import HoldRequest
from wavegate.promotion.holding import hold_refusals, passed_holds
from wavegate.promotion.stops import StopEffect, stop_effects
from wavegate.promotion.values import Refusal
from wavegate.release.freeze import DatedWindow, Freeze
from wavegate.release.manifest import Manifest

NOW = datetime(2026, 11, 27, 3, 12, tzinfo=UTC)
MANIFEST = "agentforce/release.yml"
GOOD, BAD, FIX = "a" * 64, "b" * 64, "c" * 64
"""What releases ship: the one before, the one that turned out bad, and a fix."""


def commit_of(content: str) -> str:
    return content[:40]


def deployed(content: str, *, hours: int = 1, failed: bool = False, **release: Any) -> Deployment:
    states = (State.SUCCESS, State.FAILURE) if failed else (State.SUCCESS,)
    live = release.pop("live", {})
    return Deployment(
        id=f"D_{content[0]}_{hours}",
        environment="production",
        commit=release.pop("commit", commit_of(content)),
        created_at=NOW - timedelta(hours=hours),
        statuses=tuple(
            Status(state=state, created_at=NOW - timedelta(minutes=30 - at), description=f"Rolled back: {at}")
            for at, state in enumerate(states)
        ),
        release=Release(name="wave", manifest=MANIFEST, content=content, **release),
        live=live,
        released=live,
    )


def act(kind: ActKind, content: str = BAD, **more: Any) -> Act:
    given: dict[str, Any] = {
        "time": NOW,
        "actor": "ada",
        "reason": "wrong refunds",
        "id": f"A_{kind}_{content[0]}",
        "manifest": MANIFEST,
        "release": ReleaseId(name="wave", commit=commit_of(content), content=content),
    }
    return Act(kind=kind, **given | more)


STOP = act(ActKind.STOP, agents={"Support": None})
LOCK = act(ActKind.LOCK)
ROLLBACK = act(ActKind.ROLLBACK, target=ReleaseId(name="wave", commit=commit_of(GOOD), content=GOOD))
TO_GOOD = replace(STOP, agents={"Support": 2}, target=ROLLBACK.target)
LIVE = (deployed(BAD), deployed(GOOD, hours=2))


def ledger(*acts: Act, deployments: tuple[Deployment, ...] = LIVE) -> EnvironmentLedger:
    """A ledger. acts: oldest first."""
    newest_first = tuple(reversed(acts))
    return EnvironmentLedger(
        environment="production",
        manifest=MANIFEST,
        deployments=deployments,
        acts=newest_first,
        holds=holds_of(newest_first, manifest=MANIFEST),
    )


def request(content: str = FIX, *, resume: bool = False, **more: Any) -> HoldRequest:
    manifest = Manifest(
        release="wave",
        path=MANIFEST,
        environments=(environment("uat"), environment("production")),
        resume=resume,
    )
    given: dict[str, Any] = {"agents": ("Support",), "actor": "bob", "now": NOW, "commit": commit_of(content)}
    return HoldRequest(manifest=manifest, environment=environment("production"), content=content, **given | more)


def rules(held: EnvironmentLedger, wanted: HoldRequest) -> list[str]:
    return [each.rule.removeprefix("promotion/") for each in hold_refusals(held, wanted)]


def only(held: EnvironmentLedger, wanted: HoldRequest) -> Refusal:
    (refusal,) = hold_refusals(held, wanted)
    return refusal


@pytest.mark.parametrize(
    ("acts", "wanted", "expected"),
    [
        ((), request(), []),
        ((STOP,), request(), ["stopped"]),
        ((STOP,), request(agents=("support",)), ["stopped"]),
        ((STOP,), request(agents=("Returns",)), []),
        ((STOP, act(ActKind.RESTART, agents={"Support": 3})), request(), []),
        # a fix, by content, that says so
        ((STOP,), request(resume=True), []),
        ((STOP,), request(BAD, resume=True, commit=commit_of(FIX)), ["stopped"]),
        ((STOP,), request("", resume=True), ["stopped"]),
        ((replace(STOP, release=None),), request(resume=True), ["stopped"]),
        ((replace(STOP, release=ReleaseId(name="wave", commit=commit_of(BAD))),), request(resume=True), ["stopped"]),
        # a rollback whose versions the stop already made live
        ((TO_GOOD,), request(GOOD), []),
        ((TO_GOOD,), request(FIX), ["stopped"]),
        # an agent that was off with the good release, so nobody made it live
        ((replace(TO_GOOD, agents={"Support": None}),), request(GOOD), ["stopped"]),
        ((replace(TO_GOOD, target=ReleaseId(name="wave", commit="9" * 40)),), request(""), ["stopped"]),
        ((STOP,), request(GOOD, fast_lane=True), []),
        ((LOCK,), request(), ["locked"]),
        ((LOCK, act(ActKind.UNLOCK)), request(), []),
        ((LOCK, ROLLBACK), request(GOOD, fast_lane=True, restores=True), []),
        ((LOCK, ROLLBACK), request(GOOD, restores=True), []),
        ((LOCK, ROLLBACK), request(FIX, fast_lane=True), ["locked"]),
        ((LOCK,), request(GOOD, fast_lane=True), ["locked"]),
        ((ROLLBACK,), request(BAD), ["rolled-back"]),
        ((ROLLBACK,), request(BAD, commit=commit_of(FIX)), ["rolled-back"]),
        ((ROLLBACK,), request(FIX), []),
        ((ROLLBACK,), request(GOOD), []),
        ((ROLLBACK, act(ActKind.ROLLBACK_DONE)), request(BAD), ["rolled-back"]),
        ((ROLLBACK, act(ActKind.ROLLBACK_WITHDRAWN)), request(BAD), []),
        ((ROLLBACK, act(ActKind.ROLLBACK_WITHDRAWN), ROLLBACK), request(BAD), ["rolled-back"]),
        # of another manifest: by content alone
        ((replace(ROLLBACK, manifest="agentforce/other.yml"),), request(BAD), ["rolled-back"]),
        ((replace(ROLLBACK, manifest="agentforce/other.yml"),), request(FIX, commit=commit_of(BAD)), []),
        ((STOP, LOCK, ROLLBACK), request(BAD), ["stopped", "locked", "rolled-back"]),
    ],
)  # fmt: skip
def test_holds(acts: tuple[Act, ...], wanted: HoldRequest, expected: list[str]) -> None:
    assert rules(ledger(*acts), wanted) == expected


@pytest.mark.parametrize(
    ("stopped", "expected"),
    [
        (deployed(BAD), []),
        (deployed(BAD, resume=True), ["stopped"]),
        (deployed(GOOD), ["stopped"]),
    ],
    ids=["new", "left behind by the stopped release", "the stopped release is not among the newest"],
)
def test_resume_lifts_a_stop_only_where_the_stopped_release_did_not_say_it(
    stopped: Deployment, expected: list[str]
) -> None:
    assert rules(ledger(STOP, deployments=(stopped,)), request(resume=True)) == expected


@pytest.mark.parametrize(
    ("left", "good", "content", "effect"),
    [
        (2, deployed(GOOD, live={"support": 2}), GOOD, StopEffect.RESTORED),
        (2, deployed(GOOD, live={"Support": 3}), GOOD, StopEffect.REFUSED),
        (None, deployed(GOOD, live={"Support": None}), GOOD, StopEffect.REFUSED),
        (2, deployed(GOOD), GOOD, StopEffect.REFUSED),
        (2, deployed(GOOD, live={"Support": 2}, failed=True), GOOD, StopEffect.REFUSED),
        (2, deployed(BAD, live={"Support": 2}), BAD, StopEffect.REFUSED),
        (2, deployed(GOOD, live={"Support": 2}), FIX, StopEffect.REFUSED),
    ],
)
def test_a_release_that_was_good_with_the_version_that_the_stop_left_restores_it(
    left: int | None, good: Deployment, content: str, effect: StopEffect
) -> None:
    """As after a stop to the previous version: the agent already has it, so nothing is activated that was stopped."""
    stop = replace(STOP, agents={"Support": left})
    held = ledger(stop, deployments=(deployed(BAD, hours=0, live={"Support": 3}), good))
    assert [found for _, found in stop_effects(held, request(content))] == [effect]


def test_a_wrong_clock_of_whoever_stopped_an_agent_does_not_turn_it_on() -> None:
    """A stop in the middle of a deployment concerns its release; only a later one may resume the agent."""
    begun = deployed(FIX, hours=1, resume=True)
    behind = replace(STOP, time=NOW - timedelta(hours=5), recorded=NOW)
    held = ledger(behind, deployments=(begun, deployed(BAD, hours=2)))
    assert rules(held, request(FIX, resume=True)) == ["stopped"]
    since = deployed(GOOD, hours=1, live={"Support": 2})
    ahead = replace(STOP, agents={"Support": 2}, time=NOW + timedelta(hours=5), recorded=NOW - timedelta(hours=2))
    assert rules(ledger(ahead, deployments=(since,)), request(GOOD)) == ["stopped"]


def test_a_refusal_names_who_when_why_and_what_to_do() -> None:
    stopped = only(ledger(STOP), request())
    assert stopped.message == "`Support` was stopped in production by @ada on 2026-11-27 03:12 UTC: wrong refunds."
    fix, restart = stopped.fix.split(" Only if the stop was a mistake: ")
    assert fix.endswith("with `resume: true` in the manifest."), "the way forward comes first"
    assert restart == (
        '`wavegate enable production --agent Support --reason "…"` restarts the versions of wave, the release '
        "that was stopped."
    )
    known = ledger(STOP, deployments=(deployed(BAD, live={"Support": 3}),))
    assert "restarts Support v3 of wave" in only(known, request()).fix
    assert "already" in only(ledger(STOP, deployments=(deployed(BAD, resume=True),)), request()).fix
    assert "something else" in only(ledger(STOP), request(BAD, resume=True)).fix

    locked = only(ledger(LOCK), request())
    assert locked.message == "production is locked by @ada on 2026-11-27 03:12 UTC: wrong refunds."
    assert locked.fix.startswith(
        "Nothing to fix in the release: wait, or ask @ada to unlock with `wavegate unlock production --reason"
    )

    rolled_back = only(ledger(ROLLBACK), request(BAD))
    assert "rolled back in production by @ada on 2026-11-27 03:12 UTC: wrong refunds." in rolled_back.message
    assert "push a commit that changes what the release ships" in rolled_back.fix
    # a rollback that is over, or not the open one, has to be named
    assert f'`wavegate rollback production --withdraw --target {commit_of(BAD)[:12]} --reason "…"`' in rolled_back.fix
    assert [stopped.final, locked.final, rolled_back.final] == [True, True, False]


@pytest.mark.parametrize("held", [STOP, LOCK, ROLLBACK])
def test_the_command_of_a_fix_can_be_pasted(held: Act) -> None:
    environment = "Prod $(EU)"
    found = replace(ledger(held), environment=environment)
    (command,) = re.findall(r"`(wavegate [^`]+)`", only(found, request(BAD if held is ROLLBACK else FIX)).fix)
    assert shlex.split(command)[2] == environment


def test_several_agents_of_one_stop_are_one_refusal() -> None:
    both = replace(STOP, agents={"Support": None, "Returns": 2})
    later = act(ActKind.STOP, agents={"Orders": None}, id="A_later", actor="")
    found = list(hold_refusals(ledger(both, later), request(agents=("Support", "Returns", "Orders"))))
    assert [each.message.partition(" stopped")[0] for each in found] == [
        "`Support` and `Returns` were",
        "`Orders` was",
    ]
    assert "by somebody unknown" in found[1].message


def test_a_hostile_reason_stays_one_line() -> None:
    hostile = replace(STOP, reason="::error::x\n##[group]y", actor="a\nb")
    refusal = only(ledger(hostile), request())
    assert "\n" not in refusal.message
    assert "##[" not in refusal.message


def test_an_older_ledger_knows_rollbacks_by_their_marked_deployments() -> None:
    held = ledger(deployments=(deployed(BAD, failed=True), deployed(GOOD, hours=2)))
    assert rules(held, request(BAD, commit=commit_of(FIX))) == ["rolled-back"]
    assert "on 2026-11-27 02:43 UTC: Rolled back: 1." in only(held, request(BAD)).message
    assert rules(held, request(GOOD)) == []
    withdrawn = ledger(act(ActKind.ROLLBACK_WITHDRAWN), deployments=held.deployments)
    assert rules(withdrawn, request(BAD)) == []


def test_an_overridden_rollback_of_an_older_ledger_is_over() -> None:
    override = Override(reason="it is good", actor="ada", rules=("promotion/rolled-back",))
    newer = deployed(BAD, override=override)
    rolled_back = deployed(BAD, hours=2, failed=True)
    assert rules(ledger(deployments=(newer, rolled_back)), request(BAD)) == []
    assert rules(ledger(deployments=(deployed(BAD), rolled_back)), request(BAD)) == ["rolled-back"]


@pytest.mark.parametrize(
    ("acts", "wanted", "effects"),
    [
        ((STOP,), request(), [StopEffect.REFUSED]),
        ((STOP,), request(resume=True), [StopEffect.RESUMED]),
        ((STOP,), request(GOOD, fast_lane=True), [StopEffect.KEPT]),
        ((STOP,), request(GOOD, fast_lane=True, resume=True), [StopEffect.KEPT]),
        ((TO_GOOD,), request(GOOD, fast_lane=True), [StopEffect.RESTORED]),
        ((STOP,), request(agents=("Returns",)), []),
        ((replace(STOP, agents={"Support": None, "Returns": None}),), request(agents=("support", "Support")),
         [StopEffect.REFUSED]),
    ],
)  # fmt: skip
def test_what_a_stop_does_to_a_promotion(
    acts: tuple[Act, ...], wanted: HoldRequest, effects: list[StopEffect]
) -> None:
    found = stop_effects(ledger(*acts), wanted)
    assert [effect for _, effect in found] == effects
    assert {stop.agent for stop, _ in found} <= {"Support"}


def test_the_fast_lane_says_that_nothing_is_verified_while_an_agent_is_stopped() -> None:
    def found(*agents: str) -> Admission:
        held = ledger(ROLLBACK, replace(STOP, agents=dict.fromkeys(agents)))
        return admission_of(PromotionLedger(own=held), request(GOOD, agents=agents), asked=False)

    (note,) = found("Support").notes
    assert note == (
        "`Support` stays as its stop left it, and no smoke test runs while an agent is stopped. The release is not "
        "verified until `wavegate enable` has turned all of them on and the deploy job was re-run."
    )
    assert found("Support", "Returns").notes[0].startswith("`Support` and `Returns` stay as their stops left them,")
    assert found().notes == ()


def frozen(*passes: str, reason: str = "year end", until: str = "2026-11-30T06:00", **more: Any) -> Freeze:
    window = DatedWindow(start=datetime.fromisoformat("2026-11-26T18:00"), end=datetime.fromisoformat(until))
    return Freeze(window=window, time_zone="Europe/Berlin", reason=reason, passes=passes, **more)


def in_freeze(*freezes: Freeze, actor: str = "bob", **more: Any) -> list[Refusal]:
    wanted = request(actor=actor, **more)
    return list(hold_refusals(ledger(), replace(wanted, manifest=replace(wanted.manifest, freeze=freezes))))


def test_a_freeze_says_until_when_why_and_who_may_pass() -> None:
    (refusal,) = in_freeze(frozen())
    assert refusal.rule == "promotion/frozen"
    assert refusal.message == "production is frozen until Mon 2026-11-30 06:00 Europe/Berlin: year end."
    assert "Re-run all jobs after Mon 2026-11-30 06:00 Europe/Berlin." in refusal.fix
    assert "override" in refusal.fix
    assert not refusal.final

    (refusal,) = in_freeze(frozen("ada", "carol"))
    assert refusal.final
    assert "only `@ada` and `@carol` may override it" in refusal.fix
    assert [each.final for each in in_freeze(frozen("ada"), actor="Ada")] == [False]
    assert [each.final for each in in_freeze(frozen("ada"), actor="")] == [True]

    (refusal,) = in_freeze(frozen("ada"), frozen("carol", reason="audit"), actor="ada")
    assert refusal.final
    assert "Nobody may override it" in refusal.fix
    assert "year end; audit" in refusal.message


def test_a_freeze_holds_only_its_environments_and_its_time() -> None:
    assert in_freeze(frozen(environments=("uat",))) == []
    assert in_freeze(frozen(until="2026-11-27T04:00")) == []


@pytest.mark.parametrize("passes", [(), ("ada",)])
def test_the_fast_lane_passes_a_freeze_only_while_a_rollback_is_open(passes: tuple[str, ...]) -> None:
    (refusal,) = in_freeze(frozen(*passes), fast_lane=True)
    assert (refusal.rule, refusal.final) == ("promotion/frozen", bool(passes))
    assert in_freeze(frozen(*passes), fast_lane=True, during_rollback=True) == []
    assert in_freeze(frozen(*passes), during_rollback=True) != []
    # what the rollback restores, even if it needs new evidence
    assert in_freeze(frozen(*passes), restores=True) == []


def test_what_a_rollback_passes_is_named() -> None:
    wanted = request(GOOD, restores=True)
    wanted = replace(wanted, manifest=replace(wanted.manifest, freeze=(frozen("ada"),)))
    lock, freeze = passed_holds(ledger(LOCK), wanted)
    assert lock == (
        "production is locked by @ada on 2026-11-27 03:12 UTC: wrong refunds. "
        "This promotion carries out the rollback, so it passes."
    )
    assert freeze.startswith(
        "production is frozen until Mon 2026-11-30 06:00 Europe/Berlin: year end. This promotion"
    )
    assert list(passed_holds(ledger(LOCK), replace(wanted, restores=False))) == []


OPEN = Holds(rollback=ROLLBACK, rolled_back=(ROLLBACK,))


@pytest.mark.parametrize(
    ("acts", "others", "content", "asked", "lane"),
    [
        ((ROLLBACK,), (), GOOD, False, "D_a_2"),
        ((ROLLBACK,), (), FIX, False, None),
        ((ROLLBACK,), (), BAD, False, None),
        ((ROLLBACK,), (), BAD, True, None),
        ((ROLLBACK,), (), "", False, None),
        ((), (OPEN,), GOOD, False, "D_a_2"),
        ((), (Holds(),), GOOD, False, None),
        ((), (), GOOD, True, "D_a_2"),
        ((ROLLBACK, act(ActKind.ROLLBACK_DONE)), (), GOOD, False, None),
        ((ROLLBACK, act(ActKind.ROLLBACK_DONE)), (), GOOD, True, "D_a_2"),
        ((ROLLBACK, act(ActKind.ROLLBACK_DONE)), (), BAD, True, None),
        ((ROLLBACK, act(ActKind.ROLLBACK_WITHDRAWN)), (), GOOD, False, None),
    ],
)
def test_the_fast_lane(
    acts: tuple[Act, ...], others: tuple[Holds, ...], content: str, asked: bool, lane: str | None
) -> None:
    named = {f"other {number}": each for number, each in enumerate(others)}
    found = lane_of(ledger(*acts), request(content, commit="9" * 40), others=named, asked=asked)
    assert (found.id if found else None) == lane


def lane_of(
    own: EnvironmentLedger, wanted: HoldRequest, *, others: Mapping[str, Holds] = {}, asked: bool = False
) -> Deployment | None:
    return fast_lane_of(PromotionLedger(own=own, others=others), wanted, asked=asked)


def test_the_fast_lane_never_cites_what_failed_or_only_cites() -> None:
    original = deployed(GOOD, hours=9)
    rerun = deployed(GOOD, hours=1, cites=original.id)
    failed = replace(deployed(GOOD, hours=2), statuses=(Status(state=State.FAILURE, created_at=NOW),))
    held = ledger(ROLLBACK, deployments=(rerun, failed, original))
    assert lane_of(held, request(GOOD)) == original
    held = ledger(ROLLBACK, deployments=(rerun, failed))
    assert lane_of(held, request(GOOD)) == rerun
    assert lane_of(ledger(ROLLBACK, deployments=(failed,)), request(GOOD)) is None


@pytest.mark.parametrize("adoption", [Adoption(reason="x", differences=("Flow:A",)), Adoption(reason="x", more=1)])
def test_what_an_org_ran_with_a_difference_when_it_was_adopted_was_not_good(adoption: Adoption) -> None:
    nearest = deployed(GOOD, adoption=adoption)
    assert lane_of(ledger(ROLLBACK, deployments=(nearest,)), request(GOOD)) is None
    same = deployed(GOOD, hours=2, adoption=Adoption(reason="x"))
    assert lane_of(ledger(ROLLBACK, deployments=(nearest, same)), request(GOOD)) == same


def test_what_stays_live_in_spite_of_a_failed_verification_was_not_good() -> None:
    held = ledger(ROLLBACK)
    assert lane_of(held, request(GOOD)) is not None
    assert lane_of(replace(held, failed=frozenset({GOOD})), request(GOOD)) is None
    assert lane_of(replace(held, failed=frozenset({GOOD})), request(GOOD), asked=True) is None


RUN = "https://github.com/acme/agents/actions/runs/47"


@pytest.mark.parametrize(
    ("run", "commit", "is_granted"),
    [(RUN, commit_of(GOOD), True), (f"{RUN}1", commit_of(GOOD), False), ("", commit_of(GOOD), False),
     (RUN, commit_of(FIX), False)],
)  # fmt: skip
def test_only_the_same_run_keeps_the_fast_lane(run: str, commit: str, is_granted: bool) -> None:
    original = deployed(GOOD, hours=9)
    granted = deployed(GOOD, hours=1, cites=original.id, run=RUN)
    found = lane_of(ledger(deployments=(granted, original)), request(GOOD, commit=commit, run=run))
    assert found == (original if is_granted else None)
    # on a laptop, no run is known
    unknown = deployed(GOOD, hours=1, cites=original.id)
    assert lane_of(ledger(deployments=(unknown, original)), request(GOOD, commit=commit)) is None


UAT_LOCK, IN_UAT = replace(LOCK, id="L", reason="load test"), "e" * 64


def admitted(wanted: HoldRequest, *, acts: Sequence[Act] = (ROLLBACK,)) -> Admission:
    """To uat, which is locked, while a rollback of production is open or was ended by these acts, oldest first."""
    uat = replace(ledger(UAT_LOCK, deployments=()), environment="uat")
    production = holds_of(tuple(reversed(acts)), manifest=MANIFEST)
    wanted = replace(wanted, environment=environment("uat"))
    return admission_of(PromotionLedger(own=uat, others={"production": production}), wanted, asked=False)


def test_what_a_rollback_of_one_environment_restores_passes_the_lock_of_another() -> None:
    shipped = {"uat": IN_UAT, "production": GOOD}
    restoring = request(IN_UAT, contents=shipped, commit=commit_of(FIX))
    found = admitted(restoring)
    assert (found.refusals, found.lock) == ((), UAT_LOCK)
    assert found.passed[0].startswith("uat is locked by @ada on 2026-11-27 03:12 UTC: load test. This promotion")
    # by what it ships there, not here
    for other in ({"uat": GOOD, "production": FIX}, {"uat": GOOD}, {}):
        refused = admitted(replace(restoring, contents=other))
        assert ([each.rule for each in refused.refusals], refused.lock) == (["promotion/locked"], None)
    assert admitted(restoring, acts=()).lock is None


def test_the_run_that_ended_a_rollback_still_passes() -> None:
    restoring = request(IN_UAT, contents={"uat": IN_UAT, "production": GOOD}, commit=commit_of(FIX), run=RUN)
    done = act(ActKind.ROLLBACK_DONE, run=f"{RUN}/attempts/1")
    assert admitted(restoring, acts=(ROLLBACK, done)).lock == UAT_LOCK
    assert admitted(restoring, acts=(ROLLBACK, replace(done, run=RUN))).lock == UAT_LOCK
    assert admitted(replace(restoring, run=RUN[:-1]), acts=(ROLLBACK, done)).lock is None
    assert admitted(replace(restoring, run=""), acts=(ROLLBACK, replace(done, run=""))).lock is None
    # nor after the next rollback
    other = replace(ROLLBACK, target=ReleaseId(name="wave", commit="9" * 40, content="9" * 64))
    assert admitted(restoring, acts=(ROLLBACK, done, other)).lock is None


def test_acts_that_cannot_be_read_hold_a_release_until_a_person_overrides_them() -> None:
    (refusal,) = hold_refusals(replace(ledger(), unreadable=2), request())
    assert (refusal.rule, refusal.final) == ("promotion/unreadable-act", False)
    assert refusal.message.startswith("2 acts of production")
    (stopped, _) = hold_refusals(replace(ledger(STOP), unreadable=1), request())
    assert stopped.rule == "promotion/stopped"
