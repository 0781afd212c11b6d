"""A deployment and the agents that somebody stopped, before it, while it waits, or in the middle of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.promotion_world import PromotionWorld, files

from wavegate.ledger.acts.act import ACT_TASK, ActKind

ACTS = "GET /repos/acme/support-agents/deployments"
ACTIVATION = "POST .*/activation"
POLL = "GET .*/deployRequest"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path)
    made.gate()
    yield made
    made.close()


@pytest.fixture
def changed(tmp_path: Path) -> Iterator[PromotionWorld]:
    """A release that changes the live planner, so that its agent is inactive while it is deployed."""
    made = PromotionWorld(tmp_path, pinned=2)
    made.gate()
    yield made
    made.close()


def state(world: PromotionWorld) -> tuple[Any, ...]:
    """What both doubles hold."""
    return world.active, list(world.org.deployments.jobs), world.records(), world.acts()


def kinds(world: PromotionWorld) -> list[str]:
    return [each["kind"] for each in world.acts()]


def live_lines(world: PromotionWorld) -> list[str]:
    return [each.description for each in world.newest().statuses if each.description.startswith("live: ")]


def test_a_stopped_agent_keeps_its_release_out_and_nobody_overrides_that(world: PromotionWorld) -> None:
    world.stop()
    before = state(world)
    world.desk.extra["GITHUB_EVENT_NAME"] = "workflow_dispatch"
    for more in ((), ("--override", "We need it")):
        done = world.deploy(*more)
        assert (done.code, done.outputs["result"]) == (2, "refused"), done.log
        assert "`Support_Agent` was stopped in production by @eve" in done.log
        assert "[promotion/stopped]" in done.log
    assert state(world) == before


@pytest.mark.parametrize("version", [None, 1])
@pytest.mark.parametrize("pinned", [2, 3])
def test_a_stop_in_the_middle_of_a_deployment_holds(tmp_path: Path, pinned: int, version: int | None) -> None:
    world = PromotionWorld(tmp_path, pinned=pinned)
    world.gate()
    world.org.before(POLL, lambda: world.stop(version))
    done = world.deploy()
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert (world.active, json.loads(done.outputs["stopped"])) == (version, ["Support_Agent"])
    shown = "off" if version is None else f"v{version}"
    assert live_lines(world) == [f"live: Support_Agent {shown} (stopped: v{pinned})"]
    place = "inactive" if version is None else "at version 1"
    assert f"⚠️ Support_Agent stays {place}: stopped by @eve on " in done.log
    assert done.summary.startswith("## ⚠️ Deployed, but still stopped: ")
    assert "wavegate enable production" in done.summary
    assert kinds(world) == ["stop"]
    # running it again does not undo the stop
    assert world.deploy().code == 2
    assert world.active == version
    # the ledger knows which version the release has
    done = world.desk.run("enable", "production", "--reason", "It was the network.")
    assert (done.code, world.active) == (0, pinned), done.log
    world.close()


def test_a_stop_in_the_very_second_of_the_activation_holds(world: PromotionWorld) -> None:
    world.org.before(ACTIVATION, world.stop)
    done = world.deploy()
    assert (done.code, world.active) == (0, None), done.log
    assert live_lines(world) == ["live: Support_Agent off (stopped: v3)"]


def test_a_stop_without_a_record_in_the_middle_of_a_deployment_holds_and_is_recorded(world: PromotionWorld) -> None:
    world.org.before(POLL, lambda: world.stop(recorded=False))
    done = world.deploy()
    assert (done.code, world.active) == (0, None), done.log
    assert "somebody deactivated it in the org during this deployment" in done.log
    (act,) = world.acts()
    assert (act["kind"], act["agents"], act.get("actor", "")) == ("stop", {"Support_Agent": None}, "")


@pytest.mark.parametrize("stopped", [False, True])
def test_a_failed_deployment_restores_only_what_nobody_stopped(changed: PromotionWorld, *, stopped: bool) -> None:
    changed.org.deployments.plan(failures={"Support_Resolution": "Invalid template"})
    if stopped:
        changed.org.before(POLL, changed.stop)
    done = changed.deploy()
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert changed.active == (None if stopped else 2)
    assert ("Support_Agent stays inactive: stopped by @eve" in done.log) == stopped
    assert "could not be restored" not in done.log


def test_what_a_failed_deployment_has_restored_is_found_inactive_later(changed: PromotionWorld) -> None:
    (live,) = (each for each in changed.github.deployments if each.environment == "production")
    live.statuses[-1].description = "live: Support_Agent v2"
    changed.org.deployments.plan(failures={"Support_Resolution": "Invalid template"})
    assert (changed.deploy().code, changed.active) == (1, 2)
    changed.stop(recorded=False)
    done = changed.deploy()
    assert (done.code, changed.active, kinds(changed)) == (2, None, ["stop"]), done.log
    # the reason of the failure is still the last thing that its record says
    assert changed.newest().statuses[-1].description.startswith("Deployment 0Af")


def test_without_github_nothing_is_activated_that_was_inactive_before(world: PromotionWorld) -> None:
    world.org.records.bots["Support_Agent"].activate(None)
    world.github.faults.add(ACTS, skip=1, times=0, status=404, body={"message": "Not Found"})
    done = world.deploy()
    assert (done.code, world.active) == (4, None), done.log
    assert "unknown whether somebody has stopped it meanwhile: `Support_Agent`" in done.log
    world.github.faults.clear()
    done = world.deploy()
    assert (done.code, world.active) == (0, 3), done.log
    assert len(world.org.deployments.jobs) == 1
    assert "Inactive before this deployment, and active now: `Support_Agent`." in done.log


def without_github(world: PromotionWorld, event: Callable[[], object] = lambda: None) -> None:
    """From the first job on, the acts cannot be read. event: happens while they are read in vain."""

    def lose() -> None:
        world.github.faults.add(ACTS, times=0, status=404, body={"message": "Not Found"})
        world.github.before(ACTS, event)

    world.org.before(POLL, lose)


def test_without_github_an_agent_that_somebody_turns_off_meanwhile_stays_off(world: PromotionWorld) -> None:
    without_github(world, world.stop)
    done = world.deploy()
    # nor is the outcome recorded: the stop that was found has to be
    assert (done.code, world.active, done.outputs["stopped"]) == (4, None, '["Support_Agent"]'), done.log
    assert "somebody deactivated it in the org during this deployment" in done.log
    world.github.faults.clear()
    assert world.deploy().code == 2
    assert (world.active, kinds(world)) == (None, ["stop"])


def test_without_github_an_agent_that_somebody_turns_off_after_its_activation_stays_off(
    world: PromotionWorld,
) -> None:
    without_github(world)
    world.org.before(ACTIVATION, lambda: world.github.before(ACTS, world.stop))
    done = world.deploy()
    assert (done.code, world.active, done.outputs["stopped"]) == (4, None, '["Support_Agent"]'), done.log


def test_without_github_an_agent_at_a_version_of_somebody_else_stays_there(world: PromotionWorld) -> None:
    without_github(world, lambda: world.stop(1))
    done = world.deploy()
    assert (done.code, world.active) == (4, 1), done.log
    assert "unknown whether somebody has stopped it meanwhile: `Support_Agent`" in done.log


def test_without_github_a_failed_deployment_restores_no_agent_that_somebody_moved(changed: PromotionWorld) -> None:
    changed.org.deployments.plan(failures={"Support_Resolution": "Invalid template"})
    without_github(changed, lambda: changed.stop(1))
    done = changed.deploy()
    assert (done.code, changed.active) == (1, 1), done.log
    assert "Support_Agent could not be restored" in done.log


def test_without_github_what_the_deployment_turned_off_is_turned_on_and_the_summary_says_how_to_check(
    changed: PromotionWorld,
) -> None:
    without_github(changed)
    done = changed.deploy()
    assert (done.code, changed.active) == (0, 2), done.log
    assert "whether somebody has stopped `Support_Agent` during this deployment is unknown" in done.log
    for text in (done.log, done.summary):
        assert "wavegate status production" in text


def test_a_ledger_that_answers_again_is_read(world: PromotionWorld) -> None:
    world.org.before(POLL, lambda: world.github.faults.add(ACTS, status=503))
    done = world.deploy()
    assert (done.code, world.active, "is unknown" in done.log) == (0, 3, False), done.log


def newer_act(world: PromotionWorld) -> None:
    """An act that a newer version of wavegate wrote."""
    payload = {"schema": 2, "kind": "quarantine"}
    world.github.deploy("production", world.before, payload=payload, task=ACT_TASK, statuses=("inactive",))


@pytest.mark.parametrize("pinned", [2, 3])
def test_an_act_that_cannot_be_read_and_appears_meanwhile_leaves_the_agents_as_they_are(
    tmp_path: Path, pinned: int
) -> None:
    world = PromotionWorld(tmp_path, pinned=pinned)
    world.gate()
    world.org.before(POLL, lambda: newer_act(world))
    done = world.deploy()
    # the planner of version 2 changes, so that it is off by then; that of version 3 does not
    found = None if pinned == 2 else 2
    assert (done.code, world.active) == (4, found), done.log
    for text in (done.log, done.summary.replace("\\", "")):
        assert "may be a stop or a lock. Until that is known, no further agent is activated." in text
        assert "promotion/unreadable-act" in text
        assert ("Support_Agent stays inactive until then" in text) == (pinned == 2)
    assert done.summary.startswith("## ⏸️ Not finished: wave\\-3 in production")
    assert (len(world.org.deployments.jobs), kinds(world), world.newest().state) == (1, ["quarantine"], "in_progress")
    assert world.deploy().code == 2
    assert world.active == found
    # a person decides that it is no stop
    world.desk.extra["GITHUB_EVENT_NAME"] = "workflow_dispatch"
    done = world.deploy("--override", "It is about another agent")
    assert (done.code, world.active) == (0, pinned), done.log
    assert len(world.org.deployments.jobs) == 1
    world.close()


def test_an_act_that_cannot_be_read_keeps_a_failed_deployment_from_turning_an_agent_on(
    changed: PromotionWorld,
) -> None:
    changed.org.deployments.plan(failures={"Support_Resolution": "Invalid template"})
    changed.org.before(POLL, lambda: newer_act(changed))
    done = changed.deploy()
    assert (done.code, changed.active) == (4, None), done.log
    assert "Invalid template. 1 act of production in GitHub's deployments cannot be read" in done.log
    assert "[promotion/unreadable-act] Support_Agent stays inactive until then." in done.log


@pytest.fixture
def deployed(world: PromotionWorld) -> PromotionWorld:
    """wave-3 is live as wavegate deployed it, and wave-4 is gated."""
    assert world.deploy().code == 0
    world.release(files(change="newer"))
    world.gate()
    return world


def test_an_agent_that_is_found_inactive_counts_as_stopped(deployed: PromotionWorld) -> None:
    world = deployed
    world.stop(recorded=False)
    before = world.records()
    jobs = list(world.org.deployments.jobs)
    for _ in range(2):
        done = world.deploy()
        assert (done.code, done.outputs["result"]) == (2, "refused"), done.log
        assert "stopped in production by somebody unknown" in done.log
        assert "found inactive in the org" in done.log
    assert (world.records(), list(world.org.deployments.jobs), world.active) == (before, jobs, None)
    (act,) = world.acts()
    assert (act["agents"], act.get("actor", "")) == ({"Support_Agent": None}, "")
    assert (act["release"]["name"], act["reason"]) == ("wave-3", "found inactive in the org")


def test_an_agent_is_found_inactive_however_many_releases_of_other_manifests_followed(world: PromotionWorld) -> None:
    (live,) = (each for each in world.github.deployments if each.environment == "production")
    live.statuses[-1].description = "live: Support_Agent v2"
    for number in range(51):
        world.record("production", world.before, f"other-{number}", manifest="agentforce/other.yml")
    world.stop(recorded=False)
    done = world.deploy()
    assert (done.code, world.active, kinds(world)) == (2, None, ["stop"]), done.log
    assert "[promotion/stopped]" in done.log


@pytest.mark.parametrize("k", range(5, 8))
def test_killed_while_it_records_a_found_stop_there_is_one(deployed: PromotionWorld, k: int) -> None:
    world = deployed
    world.stop(recorded=False)
    world.github.crash_at(k, when="after")
    world.github.client = world.desk.start("deploy", "production", "--decision", str(world.decision))
    assert world.desk.finish(world.github.client).code == -9
    world.github.client = None
    assert world.deploy().code == 2
    (act,) = (each for each in world.github.deployments if each.task == ACT_TASK)
    assert [each.state for each in act.statuses] == ["inactive"]


def test_the_kill_switch_keeps_the_next_release_out_until_a_person_restarts_the_agent(
    deployed: PromotionWorld,
) -> None:
    world = deployed
    assert world.desk.run("disable", "production", "--reason", "It leaks").code == 0
    refused = world.deploy()
    assert (refused.code, world.active) == (2, None), refused.log
    assert "`Support_Agent` was stopped in production by @ada" in refused.log
    assert world.desk.run("enable", "production", "--reason", "It was the network").code == 0
    assert world.active == 3
    assert world.deploy().code == 0
    assert (world.active, kinds(world)) == (3, ["stop", "restart"])


def test_an_agent_that_a_person_restarted_and_is_inactive_counts_as_stopped(deployed: PromotionWorld) -> None:
    world = deployed
    world.stop()
    world.act(ActKind.RESTART, agents={"Support_Agent": 3})
    assert world.deploy().code == 2
    assert kinds(world) == ["stop", "restart", "stop"]


@pytest.mark.parametrize("k", range(1, 16))
def test_what_a_crashed_attempt_deactivated_is_not_taken_for_stopped(tmp_path: Path, k: int) -> None:
    world = PromotionWorld(tmp_path, pinned=2)
    world.github.deployments[0].statuses[-1].description = "live: Support_Agent v2"
    world.gate()
    world.org.crash_at(k, when="after")
    world.org.client = world.desk.start("deploy", "production", "--decision", str(world.decision))
    assert world.desk.finish(world.org.client).code in (-9, 0)
    world.org.client = None
    # another commit, on another machine
    world.desk.extra |= {"GITHUB_RUN_ID": "4712", "RUNNER_TEMP": str(tmp_path / "other")}
    (tmp_path / "other").mkdir()
    world.release(files(pinned=2, change="newer"))
    world.gate()
    done = world.deploy()
    assert (done.code, world.active, kinds(world)) == (0, 2, []), done.log
    world.close()
