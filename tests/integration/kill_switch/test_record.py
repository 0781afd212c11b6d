"""A stop is recorded exactly once, after the org was changed, whatever GitHub does."""

import re
import time

import pytest
from tests.doubles.faults import When
from tests.doubles.salesforce.state import ORG_ID
from tests.support.deploying import Run, release
from tests.support.raw_server import RawServer, each_byte
from tests.support.stop_world import MANIFEST, StopWorld

from wavegate.kill_switch import record
from wavegate.ledger.acts.act import ActKind

STOP = ("disable", "uat", "--reason", "It promises refunds")
STOPPED = (ActKind.STOP, {"Support_Agent": None})
MARK = "POST /graphql#CreateDeploymentStatus"
CREATE = "POST .*/deployments$"


def test_a_stop_says_who_stopped_what_why_and_with_which_release_live(world: StopWorld, act: Run) -> None:
    commit = world.ship()
    done = act(*STOP)
    assert (done.code, done.outputs["result"]) == (0, "disabled"), done.log
    (stop,) = world.acts()
    assert (stop.kind, stop.agents, stop.actor, stop.reason) == (*STOPPED, "ada", "It promises refunds")
    assert (stop.manifest, stop.release, stop.target) == (MANIFEST, world.release_id(commit), None)
    assert stop.run == f"{world.github.server_url}/{world.github.repository}/actions/runs/4711/attempts/1"
    (entry,) = world.entries()
    assert (entry.environment, entry.sha, entry.production) == ("uat", commit, False)
    assert [status.state for status in entry.statuses] == ["inactive"]
    # the release is still shown as live
    assert world.github.deployments[0].state == "success"


def test_a_reason_in_another_encoding_is_recorded(world: StopWorld, act: Run) -> None:
    world.ship()
    done = act("disable", "uat", "--reason", "gro\udcdfe L\udcfcge")
    assert (done.code, world.live, "Traceback" in done.log) == (0, None, False), done.log
    assert [each.reason for each in world.acts()] == ["gro?e L?ge"]


@pytest.mark.parametrize(("expected", "requests"), [("", 3), (ORG_ID, 4)])
def test_on_a_laptop_it_takes_at_most_four_requests_to_each_service(
    world: StopWorld, act: Run, expected: str, requests: int
) -> None:
    files = release(pinned=3)
    more = f"  - name: uat\n    expectedOrg: {expected}\n" if expected else "  - name: uat\n"
    world.desk.write({**files, MANIFEST: files[MANIFEST].replace("  - name: uat\n", more)})
    world.ship()
    world.on_a_laptop()
    done = act(*STOP)
    assert done.code == 0, done.log
    assert world.live is None
    # until the agent is inactive, and reading that back
    asked = [f"{each.method} {each.template}" for each in world.org.routes]
    assert len(asked) == requests, asked
    # and then to GitHub: the acts, the live release, the act and its status
    asked = [f"{each.method} {each.path}" for each in world.github.routes]
    assert len(asked) == 4, asked
    # the token's owner acted
    assert [each.actor for each in world.acts()] == ["ada"]
    assert [each.run for each in world.acts()] == [""]


def test_again_the_record_is_there_already_and_nothing_is_written(world: StopWorld, act: Run) -> None:
    world.ship()
    act(*STOP)
    world.github.routes.clear()
    done = act(*STOP)
    assert (done.code, done.outputs["result"]) == (0, "unchanged"), done.log
    assert world.stops() == [STOPPED]
    # the acts, whether a deployment is in progress, and whether the act is complete
    assert len(world.github.routes) == 3


def test_what_a_rollback_and_a_restart_bring_back_is_said(world: StopWorld, act: Run) -> None:
    world.ship("wave-2", live="Support_Agent v2", content="b" * 64)
    world.ship()
    done = act(*STOP)
    assert "(opens a pull request from wave-3 to wave-2)" in done.log
    assert "(brings back Support_Agent v3 of wave-3, which was stopped: only if that is good after all" in done.log
    # whoever asks again reads the same
    assert "from <code>wave-3</code> to <code>wave-2</code>" in act(*STOP).summary


def test_of_two_people_the_first_one_stopped_it_and_the_second_one_reads_so(world: StopWorld, act: Run) -> None:
    world.ship()
    act(*STOP)
    world.desk.extra["GITHUB_ACTOR"] = "bo"
    done = act("disable", "uat", "--reason", "Customers complain")
    assert (done.code, done.outputs["result"]) == (0, "unchanged")
    assert world.stops() == [STOPPED]
    said = r"^Support_Agent was stopped already in uat \(127.0.0.1\) by ada on 20\d\d-.* UTC: It promises refunds$"
    assert re.search(said, done.log, re.MULTILINE)
    assert "🛑 Support\\_Agent already stopped in uat" in done.summary
    assert "**Asked again by:** <code>bo</code>: Customers complain" in done.summary


def test_a_stop_at_another_version_takes_the_place_of_the_first(world: StopWorld, act: Run) -> None:
    world.ship()
    act(*STOP, "--to-version", "2")
    act(*STOP)
    assert world.stops() == [(ActKind.STOP, {"Support_Agent": 2}), STOPPED]


def test_an_agent_that_was_activated_in_the_org_is_stopped_and_recorded_again(world: StopWorld, act: Run) -> None:
    world.ship()
    act(*STOP)
    world.org.records.bots["Support_Agent"].activate(3)
    assert act("disable", "uat", "--reason", "Again").outputs["result"] == "disabled"
    assert world.stops() == [STOPPED, STOPPED]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503, "times": 0},
        {"drop": True, "times": 0},
        {"status": 403, "times": 0, "body": {"message": "Resource not accessible by integration"}},
        {"status": 200, "times": 0, "body": b"<html>"},
    ],
)
@pytest.mark.parametrize("route", ["GET .*/deployments", "POST /graphql", CREATE])
def test_a_record_that_fails_is_an_error_after_the_stop_and_the_next_run_writes_it(
    world: StopWorld, act: Run, route: str, fault: dict[str, object]
) -> None:
    world.ship()
    world.github.faults.add(route, **fault)  # type: ignore[arg-type]
    done = act(*STOP)
    assert (done.code, done.outputs["result"]) == (4, "disabled"), done.log
    assert world.live is None
    assert "::error title=wavegate::The stop is done in the org, but it is not recorded: " in done.log
    assert "records the stop" in done.log
    assert "**Recorded:** ⚠️ **no**" in done.summary
    # what is live now was said before anything else
    assert done.log.startswith("Support_Agent: inactive, nobody can use it (before: version 3)")

    world.github.faults.clear()
    done = act(*STOP)
    assert (done.code, done.outputs["result"]) == (0, "unchanged"), done.log
    assert world.stops() == [STOPPED]
    assert [status.state for status in world.entries()[0].statuses] == ["inactive"]


@pytest.mark.parametrize("route", ["GET .*/deployments", "POST /graphql#Ledger", CREATE, MARK])
def test_an_answer_that_is_lost_leaves_one_record(world: StopWorld, act: Run, route: str) -> None:
    world.ship()
    world.github.faults.add(route, when="after", drop=True)
    assert act(*STOP).code == 0
    assert world.stops() == [STOPPED]
    assert [status.state for status in world.entries()[0].statuses] == ["inactive"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("k", range(1, 5))
def test_killed_at_any_request_to_github_and_run_again(world: StopWorld, k: int, when: When) -> None:
    world.ship()
    process = world.desk.start(*STOP)
    world.github.client = process
    world.github.crash_at(k, when=when)
    assert world.desk.finish(process).code != 0
    assert world.live is None
    world.github.client = None
    done = world.desk.run(*STOP)
    assert done.code == 0, done.log
    assert world.stops() == [STOPPED]
    assert [status.state for status in world.entries()[0].statuses] == ["inactive"]


@pytest.mark.parametrize("drip", ["HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_a_github_that_drips_is_given_up_soon(
    world: StopWorld, act: Run, monkeypatch: pytest.MonkeyPatch, drip: str
) -> None:
    monkeypatch.setattr(record, "SECONDS", 0.5)
    with RawServer(lambda: each_byte(drip.encode(), b"0"), pace=0.05) as github:
        world.desk.extra |= {"GITHUB_API_URL": github.url, "GITHUB_GRAPHQL_URL": f"{github.url}/graphql"}
        started = time.monotonic()
        done = act(*STOP)
    assert time.monotonic() - started < 4
    assert done.code == 4, done.log
    assert "did not answer in time" in done.log
    assert world.live is None


def test_without_a_token_on_a_laptop_it_acts_and_says_that_nothing_is_recorded(world: StopWorld, act: Run) -> None:
    world.on_a_laptop(token="")
    done = act(*STOP)
    assert (done.code, done.outputs["result"]) == (0, "disabled"), done.log
    assert world.live is None
    assert "NOT recorded: GITHUB_TOKEN is not set" in done.log
    assert "**Recorded:** ⚠️ **no**" in done.summary
    assert world.github.routes == []


def test_without_a_token_in_a_job_it_acts_and_fails(world: StopWorld, act: Run) -> None:
    del world.desk.extra["GITHUB_TOKEN"]
    done = act(*STOP)
    assert (done.code, done.outputs["result"]) == (4, "disabled"), done.log
    assert world.live is None
    assert "GITHUB_TOKEN is not set" in done.log


def test_before_the_first_release_it_is_recorded_without_one(world: StopWorld, act: Run) -> None:
    world.github.deploy("uat", world.head, task="deploy")
    assert act(*STOP).code == 0
    (stop,) = world.acts()
    assert stop.release is None
    assert world.entries()[0].sha == world.head


def test_the_live_release_is_the_newest_that_succeeded_of_this_manifest(world: StopWorld, act: Run) -> None:
    commit = world.ship("wave-2")
    payload = {"schema": 1, "release": "other", "manifest": "agentforce/other.yml"}
    world.github.deploy("uat", world.head, payload=payload)
    world.github.deploy("uat", world.head, payload={**payload, "manifest": MANIFEST}, statuses=("failure",))
    assert act(*STOP).code == 0
    assert [each.release for each in world.acts()] == [world.release_id(commit, "wave-2")]


@pytest.mark.parametrize("manifest", [MANIFEST, "agentforce/other.yml"])
def test_a_second_stop_is_recorded_while_a_deployment_of_any_manifest_could_end_the_first(
    world: StopWorld, act: Run, manifest: str
) -> None:
    commit = world.ship()
    act(*STOP)
    payload = {"schema": 1, "release": "next", "manifest": manifest, "org": ORG_ID}
    world.github.deploy("uat", commit, payload=payload, statuses=("in_progress",))
    assert act("disable", "uat", "--reason", "Again").code == 0
    assert [each.reason for each in world.acts()] == ["It promises refunds", "Again"]
    world.github.deployments[-2].statuses[-1].state = "failure"
    assert act("disable", "uat", "--reason", "And again").code == 0
    assert len(world.acts()) == 2, "the deployment has ended"


def test_only_the_agents_that_are_as_requested_are_stopped(world: StopWorld, act: Run) -> None:
    world.ship()
    world.org.records.add_bot("Sales_Agent", versions=1, active=1)
    world.org.faults.add("POST .*/activation", status=400, body=[{"errorCode": "LOCKED", "message": "locked"}])
    done = act(*STOP, "--agent", "Support_Agent", "--agent", "Sales_Agent")
    assert (done.code, done.outputs["result"]) == (4, "failed")
    assert world.stops() == [(ActKind.STOP, {"Sales_Agent": None})]
    assert "Support_Agent: version 3 is live (unchanged) — NOT as requested" in done.log


def test_an_agent_that_fails_is_the_error_and_a_lost_record_a_warning(world: StopWorld, act: Run) -> None:
    world.org.records.add_bot("Sales_Agent", versions=1, active=1)
    world.org.faults.add("POST .*/activation", status=400, body=[{"errorCode": "LOCKED", "message": "locked"}])
    world.github.faults.add("GET .*/deployments", times=0, status=503)
    done = act(*STOP, "--agent", "Support_Agent", "--agent", "Sales_Agent")
    assert done.code == 4
    assert "::warning title=wavegate::The stop is done in the org, but it is not recorded: " in done.log
    assert "::error title=wavegate::The kill switch was pulled only in part" in done.log


def test_by_policy_the_failed_verification_is_the_reason(world: StopWorld, act: Run) -> None:
    world.desk.write(release(pinned=3, more="rollback: {agents: {strategy: activate-previous}}\n"))
    commit = world.ship()
    done = act("disable", "uat", "--by-policy", "--reason", "quality: 3 of 20 failed")
    assert done.code == 0, done.log
    (stop,) = world.acts()
    assert (stop.agents, stop.actor, stop.reason) == ({"Support_Agent": 2}, "ada", "quality: 3 of 20 failed")
    assert stop.release == world.release_id(commit)


def test_the_release_whose_versions_were_chosen_is_the_target(world: StopWorld, act: Run) -> None:
    good = world.ship("wave-2", live="Support_Agent v2", content="a" * 64)
    bad = world.ship()
    done = act(*STOP, "--to-release", "last-good")
    assert done.code == 0, done.log
    assert world.live == 2
    (stop,) = world.acts()
    assert stop.agents == {"Support_Agent": 2}
    assert stop.release == world.release_id(bad)
    assert stop.target == world.release_id(good, "wave-2", "a" * 64)
    assert f"Versions: those that were live with wave-2 ({good[:12]})" in done.log


@pytest.mark.parametrize(
    ("live", "org", "more", "is_target"),
    [
        ("Support_Agent v2", ORG_ID, ("--to-previous",), True),
        ("Support_Agent v2", ORG_ID, ("--to-version", "1"), False),
        ("Support_Agent v2", "00D000000000009AAA", ("--to-previous",), False),
        ("Other_Agent v2", ORG_ID, ("--to-previous",), False),
        ("Support_Agent off", ORG_ID, (), False),
    ],
)
def test_the_last_good_release_is_the_target_if_its_versions_are_live_again(
    world: StopWorld, act: Run, live: str, org: str, more: tuple[str, ...], *, is_target: bool
) -> None:
    good = world.ship("wave-2", live=live, content="a" * 64, org=org)
    world.ship()
    assert act(*STOP, *more).code == 0
    (stop,) = world.acts()
    assert stop.target == (world.release_id(good, "wave-2", "a" * 64) if is_target else None)


def test_a_content_that_is_no_digest_does_not_spoil_the_record(world: StopWorld, act: Run) -> None:
    commit = world.ship(content="](javascript:x)")
    assert act(*STOP).code == 0
    assert [each.release for each in world.acts()] == [world.release_id(commit, content="")]
