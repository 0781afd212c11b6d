"""What a deployment ends in the ledger, what keeps it out while it waits, and the fast lane of a rollback."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.github.rest.shapes import node_id
from tests.doubles.salesforce.state import ORG_ID
from tests.support.promotion_world import PromotionWorld, files

from wavegate.ledger.acts.act import ACT_TASK, ActKind, ReleaseId

BAD = "b" * 64
LEDGER = 18
"""Requests to GitHub of a promotion that ends a stop and a rollback."""
ORG = 12
ACTS = "GET /repos/acme/support-agents/deployments"
POLL = "GET /services/data/v[0-9.]+/metadata/deployRequest/"


def resuming(*, change: str = "new", resume: bool = True) -> dict[str, bytes]:
    """The files of a release that resumes what was stopped."""
    found = files(change=change)
    manifest = found["agentforce/release.yml"]
    return {**found, "agentforce/release.yml": b"resume: true\n" + manifest if resume else manifest}


def bad(world: PromotionWorld) -> ReleaseId:
    """The live release, as the ledger of this world has it."""
    return ReleaseId(name="wave-2", commit=world.before, content=BAD)


def stopped_and_rolled_back(tmp_path: Path) -> PromotionWorld:
    """wave-2 is live, bad, stopped, and its rollback is open; wave-4 fixes it."""
    world = PromotionWorld(tmp_path)
    world.github.deployments.clear()
    world.record("production", world.before, "wave-2", content=BAD)
    world.stop(release=bad(world), time=datetime.now(UTC) - timedelta(hours=1))
    world.act(ActKind.ROLLBACK, release=bad(world), manifest="agentforce/release.yml", number=7)
    world.release(resuming())
    world.gate()
    world.desk.extra["GITHUB_TRIGGERING_ACTOR"] = "bob"
    return world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = stopped_and_rolled_back(tmp_path)
    yield made
    made.close()


def kinds(world: PromotionWorld) -> list[str]:
    return [each["kind"] for each in world.acts()]


def assert_fixed(world: PromotionWorld) -> None:
    assert (world.active, world.records()[-1][1][-1]) == (3, "success")
    assert kinds(world) == ["stop", "rollback", "restart", "rollback-done"]
    acts = [each for each in world.github.deployments if each.task == ACT_TASK]
    assert [[status.state for status in each.statuses] for each in acts] == [["inactive"]] * 4
    assert [commit for commit, _ in world.records()] == [world.before, world.commit]
    assert len(world.org.deployments.jobs) == 1


def test_a_fix_that_says_so_ends_the_stop_and_the_rollback(world: PromotionWorld) -> None:
    served = len(world.github.routes)
    done = world.deploy()
    assert (done.code, done.outputs["stopped"]) == (0, "[]"), done.log
    assert_fixed(world)
    restart, over = world.acts()[2:]
    assert (restart["actor"], restart["agents"], restart["reason"]) == (
        "bob", {"Support_Agent": 3}, "resume: true in wave-3",
    )  # fmt: skip
    assert (over["release"], over["target"]["commit"]) == (
        {"name": "wave-2", "commit": world.before, "content": BAD}, world.commit,
    )  # fmt: skip
    assert "The rollback of wave-2 is done." in done.log
    assert "No longer stopped (resume: true in wave-3): `Support_Agent`." in done.log
    assert len([each for each in world.github.routes[served:] if ".git/" not in each.path]) == LEDGER
    assert len(world.org.routes) == ORG
    world.deploy()
    assert_fixed(world)


@pytest.mark.parametrize("k", range(7, LEDGER + 1))
def test_killed_at_any_request_to_github_and_run_again(world: PromotionWorld, k: int) -> None:
    world.github.crash_at(k, when="after")
    world.github.client = world.desk.start("deploy", "production", "--decision", str(world.decision))
    assert world.desk.finish(world.github.client).code == -9
    world.github.client = None
    if k % 2:
        shutil.rmtree(world.desk.temporary)
    done = world.deploy()
    assert done.code == 0, done.log
    assert_fixed(world)


@pytest.mark.parametrize("k", range(9, ORG + 1))
def test_killed_at_any_request_to_the_org_and_run_again(world: PromotionWorld, k: int) -> None:
    world.org.crash_at(k, when="after")
    world.org.client = world.desk.start("deploy", "production", "--decision", str(world.decision))
    assert world.desk.finish(world.org.client).code == -9
    world.org.client = None
    done = world.deploy()
    assert done.code == 0, done.log
    assert_fixed(world)


def test_an_act_that_cannot_be_read_keeps_a_restart_out_of_the_ledger_and_the_log_says_so(
    world: PromotionWorld,
) -> None:
    def newer_act() -> None:
        payload = {"schema": 2, "kind": "quarantine"}
        world.github.deploy("production", world.before, payload=payload, task=ACT_TASK, statuses=("inactive",))

    def at_next_reading(event: Callable[[], object]) -> Callable[[], object]:
        return lambda: world.github.before(ACTS, event)

    # after the job, the stops are read before the activation, after it, and before the restart is written
    world.org.before(POLL, at_next_reading(at_next_reading(at_next_reading(newer_act))))
    done = world.deploy()
    assert (done.code, world.active) == (4, 3), done.log
    for text in (done.log, done.summary.replace("\\", "")):
        assert "The agents were activated before it was found; their restart is not recorded." in text
    assert kinds(world) == ["stop", "rollback", "quarantine"]


def test_resume_that_is_left_behind_lifts_no_later_stop(world: PromotionWorld) -> None:
    assert world.deploy().code == 0
    world.stop(release=ReleaseId(name="wave-3", commit=world.commit, content=world.newest().payload["content"]))
    world.release(resuming(change="newer"), "wave-5")
    world.gate()
    done = world.deploy()
    assert (done.code, world.active, "[promotion/stopped]" in done.log) == (2, None, True), done.log


def test_a_release_that_was_stopped_while_it_was_deployed_is_not_resumed_by_its_own_word(
    world: PromotionWorld,
) -> None:
    world.org.before("GET .*/deployRequest", lambda: world.stop(1, release=bad(world)))
    assert world.deploy().outputs["stopped"] == '["Support_Agent"]'
    assert (world.active, kinds(world)) == (1, ["stop", "rollback", "stop", "rollback-done"])
    assert world.deploy().code == 2
    # nor by that of the next release
    world.release(resuming(change="newer"), "wave-5")
    world.gate()
    assert world.deploy().code == 2
    assert world.active == 1


def test_who_stops_a_stopped_agent_again_while_a_release_resumes_it_keeps_it_stopped(world: PromotionWorld) -> None:
    world.org.deployments.plan(statuses=("InProgress",))
    assert world.deploy("--timeout", "1s").code == 4
    assert world.desk.run("disable", "production", "--reason", "Not yet").code == 0
    world.org.deployments.replan(statuses=("Succeeded",))
    done = world.deploy()
    assert (done.code, world.active, kinds(world)) == (2, None, ["stop", "rollback", "stop"]), done.log


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path)
    made.gate()
    yield made
    made.close()


def roll_back(world: PromotionWorld) -> None:
    world.act(
        ActKind.ROLLBACK,
        release=ReleaseId(name="wave-3", commit=world.commit),
        manifest="agentforce/release.yml",
        number=7,
    )


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        (lambda world: world.stop(), "promotion/stopped"),
        (lambda world: world.act(ActKind.LOCK), "promotion/locked"),
        (roll_back, "promotion/rolled-back"),
    ],
)
def test_what_happens_while_a_promotion_waits_for_its_approval_keeps_it_out(
    plain: PromotionWorld, event: Callable[[PromotionWorld], None], rule: str
) -> None:
    # after the command has begun, and before it changes the org
    plain.github.before("POST /graphql#Newest", lambda: event(plain))
    done = plain.deploy()
    assert (done.code, done.outputs["result"], f"[{rule}]" in done.log) == (2, "refused", True), done.log
    assert f"<code>{rule}</code>" in done.summary
    assert plain.active == (None if rule == "promotion/stopped" else 2)
    assert (len(plain.acts()), len(plain.records()), plain.org.deployments.jobs) == (1, 1, {})


def test_who_overrides_a_rollback_withdraws_it(plain: PromotionWorld) -> None:
    plain.desk.extra["GITHUB_EVENT_NAME"] = "workflow_dispatch"
    bad_id = plain.record("production", plain.commit, "wave-3", statuses=("success", "failure"))
    roll_back(plain)
    for _ in range(2):
        done = plain.deploy("--override", "It was the network")
        assert (done.code, plain.active) == (0, 3), done.log
    withdrawn = plain.acts()[1]
    assert kinds(plain) == ["rollback", "rollback-withdrawn"]
    assert (withdrawn["reason"], withdrawn["actor"]) == ("It was the network", "ada")
    # its pull request stays open, which opens the rollback no more
    assert "number" not in withdrawn
    (marked,) = (each for each in plain.github.deployments if each.id == bad_id)
    assert [each.state for each in marked.statuses][:3] == ["success", "failure", "success"]
    assert plain.newest().state == "success"
    # and it needs no override any more
    assert plain.deploy().code == 0


def test_a_rollback_whose_pull_request_was_reopened_is_recorded_as_open_again(plain: PromotionWorld) -> None:
    plain.record("production", plain.commit, "wave-3", statuses=("success", "failure"))
    page = f"{plain.github.server_url}/{plain.github.repository}/pull/7"
    marked = plain.github.deployments[-1]
    marked.statuses[-1].log_url = page
    marked.statuses.append(replace(marked.statuses[0], id=plain.github.state.next_id()))
    known: dict[str, Any] = {
        "release": ReleaseId(name="wave-3", commit=plain.commit), "manifest": "agentforce/release.yml", "number": 7
    }  # fmt: skip
    plain.act(ActKind.ROLLBACK, page=page, reason="It leaks", **known)
    plain.act(ActKind.ROLLBACK_WITHDRAWN, page=page, **known)
    now = plain.github.state.now()
    pull = plain.github.open_pull(plain.commit, number=7)
    for _ in range(2):
        assert plain.deploy().code == 2
        assert kinds(plain) == ["rollback", "rollback-withdrawn", "rollback"]
    assert [each.state for each in marked.statuses][-2:] == ["success", "failure"]
    assert_completed(plain)
    pull.change_state("closed", login="bo", now=now)
    assert plain.deploy().code == 0
    assert kinds(plain) == ["rollback", "rollback-withdrawn", "rollback", "rollback-withdrawn"]
    assert_completed(plain)


def assert_completed(world: PromotionWorld) -> None:
    """Assert that a promotion gives the newest act the status that an interrupted one did not."""
    newest = [each for each in world.github.deployments if each.task == ACT_TASK][-1]
    newest.statuses.clear()
    world.deploy()
    assert [each.state for each in newest.statuses] == ["inactive"]


def test_an_override_that_is_committed_is_ignored(plain: PromotionWorld) -> None:
    plain.desk.extra["GITHUB_EVENT_NAME"] = "push"
    roll_back(plain)
    done = plain.deploy("--override", "Always")
    assert (done.code, plain.active) == (2, 2), done.log
    assert "::warning title=wavegate::The override is ignored" in done.log


@pytest.fixture
def restored(plain: PromotionWorld) -> PromotionWorld:
    """wave-3 was good, wave-4 is live and its rollback is open; the commit that is checked out restores wave-3."""
    world = plain
    assert world.deploy().code == 0
    good = world.newest()
    world.release(files(change="newer"))
    world.gate()
    assert world.deploy().code == 0
    live = world.newest()
    world.act(
        ActKind.ROLLBACK,
        release=ReleaseId(name="wave-4", commit=live.sha, content=live.payload["content"]),
        target=ReleaseId(name="wave-3", commit=good.sha, content=good.payload["content"]),
        manifest="agentforce/release.yml",
    )
    world.release(files(change="new"), "restored", live_in_uat=False)
    world.decision.unlink()
    return world


def test_a_rollback_takes_the_fast_lane_and_cites_the_decision_of_the_good_release(restored: PromotionWorld) -> None:
    good = restored.github.deployments[2]
    for result in ("deployed", "unchanged"):
        done = restored.desk.run("deploy", "production")
        assert (done.code, done.outputs["result"]) == (0, result), done.log
        assert done.outputs["evidence-digest"] == good.payload["evidence"] != ""
    newest = restored.newest()
    assert (newest.sha, newest.state) == (restored.commit, "success")
    assert (newest.payload["evidence"], newest.payload["cites"]) == (good.payload["evidence"], node_id("DE", good.id))
    assert "⚠️ Fast lane: " in done.log
    assert kinds(restored) == ["rollback", "rollback-done"]
    assert len(restored.records()) == 4


def test_in_the_fast_lane_a_stopped_agent_stays_as_it_is(restored: PromotionWorld) -> None:
    restored.stop()
    done = restored.desk.run("deploy", "production")
    assert (done.code, restored.active, done.outputs["stopped"]) == (0, None, '["Support_Agent"]'), done.log
    assert kinds(restored) == ["rollback", "stop", "rollback-done"]
    # a person restarts it, at the version of the release that is live now
    done = restored.desk.run("enable", "production", "--reason", "The rollback is live")
    assert (done.code, restored.active) == (0, 3), done.log
    # and the deploy job is re-run: nothing is stopped any more, so that its smoke tests run
    restored.desk.extra["GITHUB_RUN_ATTEMPT"] = "2"
    jobs = list(restored.org.deployments.jobs)
    done = restored.desk.run("deploy", "production")
    assert (done.code, done.outputs["result"], done.outputs["stopped"]) == (0, "unchanged", "[]"), done.log
    assert (list(restored.org.deployments.jobs), restored.active) == (jobs, 3)


def test_a_rollback_to_the_versions_that_the_kill_switch_activated_ends_its_stop(restored: PromotionWorld) -> None:
    target = restored.acts()[0]["target"]
    restored.stop(3, target=ReleaseId(**target))
    done = restored.desk.run("deploy", "production")
    assert (done.code, restored.active) == (0, 3), done.log
    assert kinds(restored) == ["rollback", "stop", "restart", "rollback-done"]
    assert restored.acts()[2]["reason"] == "rollback promoted: wave-3"


def test_without_an_open_rollback_the_fast_lane_is_for_a_person_who_asks(restored: PromotionWorld) -> None:
    restored.act(ActKind.ROLLBACK_DONE, manifest="agentforce/release.yml")
    for event, more, code in (
        ("workflow_dispatch", (), 2),
        ("push", ("--fast-lane",), 2),
        ("workflow_dispatch", ("--fast-lane",), 0),
    ):
        restored.desk.extra["GITHUB_EVENT_NAME"] = event
        done = restored.desk.run("deploy", "production", *more)
        assert done.code == code, done.log
        assert ("No gate decision was provided. [evidence/missing]" in done.log) == bool(code)


def test_the_record_names_the_lock_that_a_rollback_passed(restored: PromotionWorld) -> None:
    restored.act(ActKind.LOCK)
    lock = restored.github.deployments[-1]
    done = restored.desk.run("deploy", "production")
    assert done.code == 0, done.log
    assert restored.newest().payload["passedLock"] == node_id("DE", lock.id)
    assert "⚠️ production is locked by @eve on " in done.log
    # a re-run of the same run, for its verification, although the rollback is done by now
    assert restored.desk.run("deploy", "production").code == 0
    restored.desk.extra |= {"GITHUB_RUN_ID": "4712", "GITHUB_EVENT_NAME": "workflow_dispatch"}
    refused = restored.desk.run("deploy", "production", "--fast-lane")
    assert (refused.code, "[promotion/locked]" in refused.log) == (2, True), refused.log


def test_another_run_of_the_same_commit_needs_evidence_of_its_own(restored: PromotionWorld) -> None:
    for attempt in ("1", "2"):
        restored.desk.extra["GITHUB_RUN_ATTEMPT"] = attempt
        assert restored.desk.run("deploy", "production").code == 0
    restored.desk.extra["GITHUB_RUN_ID"] = "4712"
    done = restored.desk.run("deploy", "production")
    assert (done.code, "[evidence/missing]" in done.log) == (2, True), done.log
    assert len(restored.records()) == 4


def verify(world: PromotionWorld, *, passed: int) -> None:
    """Verify the live release, in a run of its own, and record the verdict."""
    run = world.desk.extra["GITHUB_RUN_ID"]
    world.desk.extra["GITHUB_RUN_ID"] = f"5{passed}"
    decision = world.folder / "verification.json"
    observed = world.observe(environment="production", org=ORG_ID, passed=passed)
    given = ("--post-deploy", "--observations", observed, "--output", str(decision))
    world.desk.run("gate", "production", *given)
    done = world.desk.run("record-decision", str(decision))
    assert done.outputs["result"] == "recorded", done.log
    world.desk.extra["GITHUB_RUN_ID"] = run


def test_content_that_stays_live_in_spite_of_a_failed_verification_does_not_get_the_fast_lane(
    plain: PromotionWorld,
) -> None:
    world = plain
    assert world.deploy().code == 0
    verify(world, passed=2)
    world.act(
        ActKind.ROLLBACK,
        release=ReleaseId(name="wave-9", commit="9" * 40, content=BAD),
        target=ReleaseId(name="wave-3", commit=world.commit, content=world.newest().payload["content"]),
        manifest="agentforce/release.yml",
    )
    world.release(files(change="new"), "restored", live_in_uat=False)
    refused = world.desk.run("deploy", "production")
    assert (refused.code, "[evidence/missing]" in refused.log) == (2, True), refused.log
    # a verification that passes later counts
    verify(world, passed=20)
    done = world.desk.run("deploy", "production")
    assert (done.code, "Fast lane" in done.log) == (0, True), done.log


def test_the_record_names_who_started_each_attempt(plain: PromotionWorld) -> None:
    plain.org.deployments.plan(failures={"Support_Resolution": "Invalid template"})
    assert plain.deploy().code == 1
    plain.desk.extra["GITHUB_TRIGGERING_ACTOR"] = "bob"
    assert plain.deploy().code == 0
    assert len(plain.records()) == 2
    assert plain.newest().payload["actor"] == "ada"
    assert [each.description for each in plain.newest().statuses if each.description.startswith("by:")] == ["by: bob"]


def test_a_restart_that_cannot_be_recorded_is_recorded_by_the_next_run(world: PromotionWorld) -> None:
    # the release's deployment is the first; the restart is the second
    world.github.faults.add("POST .*/deployments$", skip=1, status=404, body={"message": "Not Found"})
    done = world.deploy()
    assert (done.code, done.outputs["result"], world.active) == (4, "deployed", 3), done.log
    assert "the ledger does not show it" in done.log
    assert (kinds(world), world.records()[-1][1][-1]) == (["stop", "rollback"], "in_progress")
    assert world.deploy().code == 0
    assert_fixed(world)
