"""What `status` says of environments, from the ledger, the approvals and the org."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.doubles.github.state import Approval
from tests.support.ledger_story import check_status
from tests.support.promotion_world import PromotionWorld, files


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path)
    yield made
    made.close()


def status(world: PromotionWorld, *arguments: str) -> dict[str, dict[str, Any]]:
    done = world.desk.run("status", "--format", "json", *arguments)
    assert done.code == 0, done.log
    log = "\n".join(line for line in done.log.splitlines() if not line.startswith("::add-mask::"))
    shown = json.loads(log)
    assert json.loads(done.outputs["status"]) == shown
    check_status(shown)
    return {each["environment"]: each for each in shown["environments"]}


def deployed(world: PromotionWorld) -> str:
    """Have production hold the release; the digest of its evidence."""
    digest = world.gate().outputs["decision-digest"]
    assert world.deploy().code == 0
    world.github.state.approvals.append(Approval(run_id=4711, environment="production", login="bo"))
    world.github.state.approvals.append(Approval(run_id=4711, environment="uat", login="chi"))
    world.github.permit("actions", "read")
    return digest


def test_everything_about_a_release_is_shown(world: PromotionWorld) -> None:
    digest = deployed(world)
    before = len(world.github.routes)
    shown = status(world)["production"]
    assert (shown["state"], shown["approvedBy"], shown["drift"], shown["attempt"]) == ("live", ["bo"], [], None)
    live = shown["live"]
    assert (live["release"], live["commit"], live["by"]) == ("wave-3", world.commit, "ada")
    assert (live["agents"], live["evidence"]) == ({"Support_Agent": 3}, digest)
    assert live["content"] == world.newest().payload["content"]
    asked = [each.template.rpartition("/")[2] for each in world.github.routes[before:]]
    assert sorted(asked) == ["approvals", "deployments", "graphql#Newest"], (
        "one for the releases and one for the acts of all"
    )


def test_the_schema_refuses_another_shape(world: PromotionWorld) -> None:
    shown = json.loads(world.desk.run("status", "--format", "json").outputs["status"])
    for change in ({"at": 1}, {"environments": [{**shown["environments"][0], "state": "fine"}]}, {"more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            check_status({**shown, **change})


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_people_read_the_same(world: PromotionWorld, form: str) -> None:
    digest = deployed(world)
    done = world.desk.run("status", "--format", form)
    content = world.newest().payload["content"]
    for words in ("production", "wave", world.commit[:12], "ada", "approved by bo", content[:12], digest[:12]):
        assert words in done.log
    assert "### <code>production</code> ✅ live\n\n- **live** wave" in done.summary
    assert "- **agents now** Support\\_Agent v3\n" in done.summary
    assert "|" not in done.summary, "a table would be cut on a phone"
    run = f"{world.github.url}/acme/support-agents/actions/runs/4711"
    assert f"[run](<{run}>)" in done.summary
    assert f"[{world.commit[:12]}](<{world.github.url}/acme/support-agents/commit/{world.commit}>)" in done.summary


def test_what_the_org_changed_since_is_drift(world: PromotionWorld) -> None:
    deployed(world)
    # a token that may write would record the stop
    world.github.permit("deployments", "read")
    world.org.records.bots["Support_Agent"].activate(2)
    assert status(world)["production"]["drift"] == ["Support_Agent is at version 2, but it was left at version 3"]
    world.org.records.bots["Support_Agent"].activate(None)
    assert status(world)["production"]["drift"] == [
        "Support_Agent is off in the org; no stop is recorded (it was left at version 3)"
    ]
    world.org.records.bots.clear()
    assert status(world)["production"]["drift"] == ["Support_Agent is no longer in the org"]


def test_what_cannot_be_known_is_unknown(world: PromotionWorld) -> None:
    deployed(world)
    world.github.permit("actions", "none")
    world.org.faults.add("GET .*/query", times=0, status=403)
    shown = status(world)
    assert shown["production"]["approvedBy"] is None
    assert shown["production"]["drift"] is None
    assert shown["production"]["driftUnknown"]
    assert shown["uat"]["driftUnknown"] == "this job is not logged in to its org"
    assert "approved by: unknown" in world.desk.run("status").log


def test_a_login_that_fails_leaves_drift_unknown(world: PromotionWorld) -> None:
    deployed(world)
    world.org.faults.add("GET .*/userinfo", times=0, status=401)
    shown = status(world)["production"]
    assert (shown["drift"], bool(shown["driftUnknown"])) == (None, True)


def test_what_failed_or_goes_on_is_told_beside_what_is_live(world: PromotionWorld) -> None:
    world.record("production", world.commit, "wave-3", statuses=("in_progress", "failure"))
    shown = status(world)["production"]
    assert (shown["state"], shown["live"]["release"], shown["attempt"]["state"]) == ("live", "wave-2", "failure")
    assert f"wave-3 at {world.commit[:12]}, by github-actions, failed" in world.desk.run("status").log
    world.record("production", world.commit, "wave-3", statuses=("in_progress",))
    assert "deploying     wave-3" in world.desk.run("status", "--environment", "production").log


def test_a_rolled_back_release_is_live_until_the_next_one(world: PromotionWorld) -> None:
    world.record("production", world.commit, "wave-3", statuses=("success", "failure"))
    shown = status(world)["production"]
    assert (shown["state"], shown["live"]["release"]) == ("rolled back", "wave-3")
    world.record("production", world.github.seed(files(change="mended"), "Mend"), "wave-4")
    shown = status(world)["production"]
    assert (shown["state"], shown["live"]["release"]) == ("live", "wave-4")
    assert shown["lastRollback"]["release"] == "wave-3"


def test_other_workflows_deployments_do_not_hide_a_release(world: PromotionWorld) -> None:
    for _ in range(60):
        world.github.deploy("production", world.commit, task="deploy")
    assert status(world)["production"]["live"]["release"] == "wave-2"


def test_an_environment_with_nothing_live_is_shown_as_such(world: PromotionWorld) -> None:
    world.github.deployments.clear()
    world.github.deploy("uat", world.commit, task="deploy")
    world.record("production", world.commit, "wave-3", statuses=("in_progress", "failure"))
    shown = status(world)
    assert (shown["uat"]["state"], shown["uat"]["live"]) == ("nothing live", None)
    assert (shown["production"]["state"], shown["production"]["live"]) == ("failed", None)


def test_a_payload_of_nobody_knows_is_no_pass(world: PromotionWorld) -> None:
    world.github.deploy("production", world.commit, payload="not ours")
    shown = status(world)["production"]
    assert (shown["live"]["release"], shown["live"]["evidence"], shown["approvedBy"]) == (None, None, None)
    assert "unknown" in world.desk.run("status").log


def test_hostile_words_stay_words(world: PromotionWorld) -> None:
    payload = {
        "schema": 1,
        "release": "::error::x | <img src=x> @ada `\n## heading",
        "manifest": "agentforce/release.yml",
        "actor": "[x](javascript:alert(1))",
    }
    world.github.deploy("production", world.commit, payload=payload)
    done = world.desk.run("status")
    assert not any(line.lstrip().startswith("::error") for line in done.log.splitlines())
    for text in ("<img", "[x](", "\n## heading"):
        assert text not in done.summary


def test_without_a_token_the_next_step_is_told(world: PromotionWorld) -> None:
    world.desk.extra = {}
    done = world.desk.run("status")
    assert (done.code, "gh auth token" in done.log) == (2, True)
