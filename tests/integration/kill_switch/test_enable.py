"""`enable`: what was stopped is live again, at the version that the live release left, and the ledger says who."""

import json

import pytest
from tests.doubles.faults import When
from tests.doubles.server import Reply, Request
from tests.support.deploying import Run, release
from tests.support.stop_world import CONTENT, MANIFEST, StopWorld

from wavegate.ledger.acts.act import Act as LedgerAct
from wavegate.ledger.acts.act import ActKind, ReleaseId, act_payload
from wavegate.release.reading import load_manifest

STOP = ("disable", "uat", "--reason", "It promises refunds")
ENABLE = ("enable", "uat", "--reason", "The prompt was reviewed")
STOPPED = (ActKind.STOP, {"Support_Agent": None})
RESTARTED = (ActKind.RESTART, {"Support_Agent": 3})


@pytest.mark.parametrize("more", [(), ("--to-version", "2")])
def test_what_was_stopped_is_live_at_the_releases_version_again(
    world: StopWorld, act: Run, more: tuple[str, ...]
) -> None:
    commit = world.ship()
    act(*STOP, *more)
    world.desk.extra["GITHUB_ACTOR"] = "bo"
    done = act(*ENABLE)
    assert (done.code, done.outputs["result"]) == (0, "enabled"), done.log
    assert json.loads(done.outputs["agents"]) == {"Support_Agent": 3}
    assert world.live == 3
    restart = world.acts()[-1]
    assert (restart.kind, restart.agents) == RESTARTED
    assert (restart.actor, restart.reason, restart.manifest) == ("bo", "The prompt was reviewed", MANIFEST)
    assert restart.release == world.release_id(commit)
    assert f"Recorded: {world.github.server_url}/{world.github.repository}/deployments/uat" in done.log
    assert "✅ Support\\_Agent restarted in uat" in done.summary


def test_again_nothing_is_stopped(world: StopWorld, act: Run) -> None:
    world.ship()
    act(*STOP)
    act(*ENABLE)
    done = act(*ENABLE)
    assert (done.code, done.outputs) == (0, {"result": "unchanged", "agents": "{}"})
    assert "Nothing is stopped in uat." in done.log
    assert world.stops() == [STOPPED, RESTARTED]
    # a third stop is one of its own
    act(*STOP)
    assert world.stops() == [STOPPED, RESTARTED, STOPPED]
    assert world.live is None


def test_an_agent_that_runs_stays_as_it_is(world: StopWorld, act: Run) -> None:
    world.ship()
    world.org.records.bots["Support_Agent"].activate(2)
    done = act(*ENABLE, "--agent", "Support_Agent")
    assert (done.code, done.outputs["result"]) == (0, "unchanged")
    assert world.live == 2
    assert world.acts() == []


def test_a_stop_that_was_not_recorded_is_found_in_the_org(world: StopWorld, act: Run) -> None:
    world.ship()
    world.org.records.bots["Support_Agent"].activate(None)
    done = act(*ENABLE)
    assert (done.code, done.outputs["result"]) == (0, "enabled"), done.log
    assert world.stops() == [RESTARTED]


def test_one_agent_of_two(world: StopWorld, act: Run) -> None:
    world.ship(live="Support_Agent v3, Sales_Agent v1")
    world.org.records.add_bot("Sales_Agent", versions=1, active=1)
    act(*STOP, "--agent", "Support_Agent", "--agent", "Sales_Agent")
    done = act(*ENABLE, "--agent", "Sales_Agent")
    assert done.code == 0
    assert world.stops()[-1] == (ActKind.RESTART, {"Sales_Agent": 1})
    assert world.live is None
    assert "Support_Agent is still stopped by ada" in done.log
    assert "**Still stopped:** <code>Support&#95;Agent</code> by <code>ada</code>" in done.summary
    assert act(*ENABLE).code == 0
    assert world.stops()[-1] == RESTARTED


def test_a_version_that_is_named_is_activated(world: StopWorld, act: Run) -> None:
    world.ship()
    act(*STOP)
    assert act(*ENABLE, "--agent", "Support_Agent", "--to-version", "1").code == 0
    assert world.live == 1
    assert world.stops()[-1] == (ActKind.RESTART, {"Support_Agent": 1})


def test_a_release_that_was_deployed_while_the_agent_was_stopped(world: StopWorld, act: Run) -> None:
    # the rollback's release left the agent inactive, and an earlier deployment says which version it has
    world.ship("wave-2", live="Support_Agent v2", content="a" * 64)
    world.ship()
    act(*STOP)
    world.ship("wave-2", live="Support_Agent off", content="a" * 64)
    assert act(*ENABLE).code == 0
    assert world.live == 2


@pytest.mark.parametrize("pinned", [True, False])
def test_the_manifest_says_the_version_if_it_is_the_live_one(world: StopWorld, act: Run, *, pinned: bool) -> None:
    world.desk.write(release(pinned=3))
    digest = load_manifest(world.desk.checkout, None).digest if pinned else "0" * 64
    act(*STOP)
    world.ship(live="Support_Agent off", manifestDigest=digest)
    done = act(*ENABLE)
    assert done.code == (0 if pinned else 2)
    assert world.live == (3 if pinned else None)
    assert pinned or "Name it with --agent and --to-version." in done.log


def roll_back(world: StopWorld, bad: str, *, number: int = 7) -> None:
    """Record that a rollback of wave-3 was opened. bad: its commit. number: of the pull request."""
    rollback = LedgerAct(
        kind=ActKind.ROLLBACK,
        time=world.acts()[0].time,
        actor="ada",
        reason="Rude",
        manifest=MANIFEST,
        release=ReleaseId(name="wave-3", commit=bad, content=CONTENT),
        page=f"https://github.com/acme/support-agents/pull/{number}",
        number=number,
    )
    world.github.deploy("uat", bad, payload=act_payload(rollback), task="wavegate:act", statuses=("inactive",))


def test_a_release_that_is_rolled_back_stays_inactive(world: StopWorld, act: Run) -> None:
    world.ship("wave-2", live="Support_Agent v2", content="a" * 64)
    bad = world.ship()
    act(*STOP)
    roll_back(world, bad)
    done = act(*ENABLE)
    assert done.code == 2
    assert "wave-3 is rolled back in uat" in done.log
    assert "Merge the rollback pull request (https://github.com/acme/support-agents/pull/7)" in done.log
    assert world.live is None
    # a person may name a good version
    assert act(*ENABLE, "--agent", "Support_Agent", "--to-version", "2").code == 0
    assert world.live == 2


def test_a_person_who_closed_the_rollbacks_pull_request_has_withdrawn_it(world: StopWorld, act: Run) -> None:
    world.ship("wave-2", live="Support_Agent v2", content="a" * 64)
    bad = world.ship()
    act(*STOP)
    number = world.github.open_pull(bad, number=7).number
    roll_back(world, bad, number=number)
    assert act(*ENABLE).code == 2
    world.github.close(number, login="bo")
    done = act(*ENABLE)
    assert (done.code, world.live) == (0, 3), done.log
    withdrawal = next(each for each in world.acts() if each.kind is ActKind.ROLLBACK_WITHDRAWN)
    assert (withdrawal.actor, withdrawal.number) == ("bo", number)


def test_a_version_of_another_org_is_not_activated(world: StopWorld, act: Run) -> None:
    world.ship(org="00D000000000009AAA")
    act(*STOP)
    done = act(*ENABLE)
    assert done.code == 2
    assert "live in another org" in done.log
    assert world.live is None


def test_an_agent_that_the_org_refuses_is_still_stopped(world: StopWorld, act: Run) -> None:
    world.ship()
    act(*STOP)
    world.org.faults.add("POST .*/activation", status=400, body=[{"errorCode": "LOCKED", "message": "locked"}])
    done = act(*ENABLE)
    assert (done.code, done.outputs["result"]) == (2, "failed")
    assert "Nothing is stopped" not in done.log
    assert world.stops() == [STOPPED]


def test_an_agent_that_is_stopped_again_meanwhile_stays_stopped(
    world: StopWorld, act: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = world.ship()
    act(*STOP)
    again = LedgerAct(
        kind=ActKind.STOP, time=world.acts()[0].time, actor="bo", reason="Again", agents={"Support_Agent": 1}
    )
    # after the acts were read, and before the restart is recorded
    answer = world.org.answer

    def stop_again(request: Request) -> Reply:
        if request.path.endswith("/activation"):
            payload = act_payload(again)
            world.github.deploy("uat", commit, payload=payload, task="wavegate:act", statuses=("inactive",))
        return answer(request)

    monkeypatch.setattr(world.org, "answer", stop_again)
    done = act(*ENABLE)
    assert [kind for kind, _ in world.stops()] == [ActKind.STOP, ActKind.STOP]
    assert "Support_Agent is still stopped by bo" in done.log


@pytest.mark.parametrize("route", ["POST .*/deployments$", "POST /graphql#CreateDeploymentStatus"])
def test_a_record_that_fails_is_made_by_the_next_run(world: StopWorld, act: Run, route: str) -> None:
    world.ship()
    act(*STOP)
    world.github.faults.add(route, status=503, times=0)
    done = act(*ENABLE)
    assert (done.code, done.outputs["result"]) == (4, "enabled"), done.log
    assert "The restart is done in the org, but it is not recorded" in done.log
    world.github.faults.clear()
    assert act(*ENABLE).code == 0
    assert world.stops() == [STOPPED, RESTARTED]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("k", range(1, 6))
def test_killed_at_any_request_to_github_and_run_again(world: StopWorld, k: int, when: When) -> None:
    world.ship()
    world.desk.run(*STOP)
    process = world.desk.start(*ENABLE)
    world.github.client = process
    world.github.crash_at(k, when=when)
    assert world.desk.finish(process).code != 0
    world.github.client = None
    assert world.desk.run(*ENABLE).code == 0
    assert world.live == 3
    assert world.stops() == [STOPPED, RESTARTED]


def test_a_github_that_is_away_changes_nothing(world: StopWorld, act: Run) -> None:
    world.ship()
    act(*STOP)
    world.github.faults.add("POST /graphql", status=503, times=0)
    assert act(*ENABLE).code == 4
    assert world.live is None
