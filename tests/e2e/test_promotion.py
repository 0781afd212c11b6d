"""A release enters production by its evidence and its place in the order, and the ledger says so."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.github.rest.shapes import node_id
from tests.support.promotion_world import PACK, PromotionWorld, files


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path)
    yield made
    made.close()


def test_a_gated_release_enters_and_is_recorded(world: PromotionWorld) -> None:
    digest = world.gate().outputs["decision-digest"]
    done = world.deploy("--decision-digest", digest)
    assert done.code == 0, done.log
    assert (done.outputs["result"], done.outputs["evidence-digest"]) == ("deployed", digest)
    made = world.newest()
    assert done.outputs["deployment"] == node_id("DE", made.id)
    assert (made.sha, made.environment, made.task) == (world.commit, "production", "wavegate")
    first, before, job, last = [(each.state, each.description) for each in made.statuses]
    assert (first, last) == (("in_progress", "Deploying"), ("success", "live: Support_Agent v3"))
    # what a run on another machine needs to take it up
    assert before == ("in_progress", "was: Support_Agent v2")
    assert job[1].startswith(f"job: {done.outputs['deploy-id']} ")
    assert made.payload == {
        "schema": 1,
        "release": "wave-3",
        "manifest": "agentforce/release.yml",
        "manifestDigest": made.payload["manifestDigest"],
        "evidence": digest,
        "content": json.loads(world.decision.read_text())["predicate"]["content"],
        "run": f"{world.github.url}/acme/support-agents/actions/runs/4711",
        "actor": "ada",
        "org": "00D000000000001AAA",
    }
    assert re.fullmatch("[0-9a-f]{64}", made.payload["content"])
    assert {each.log_url for each in made.statuses} == {made.payload["run"]}
    assert f"Recorded as deployment {node_id('DE', made.id)}." in done.log


def test_the_same_run_again_adds_nothing(world: PromotionWorld) -> None:
    world.gate()
    world.deploy()
    wanted = world.records()
    done = world.deploy()
    assert (done.code, done.outputs["result"]) == (0, "unchanged"), done.log
    assert world.records() == wanted
    assert len(world.org.deployments.jobs) == 1


def test_when_all_jobs_are_run_again_the_record_stays_and_names_the_new_decision(world: PromotionWorld) -> None:
    first = world.gate().outputs["decision-digest"]
    assert world.deploy().code == 0
    second = world.gate().outputs["decision-digest"]
    for _ in range(2):
        done = world.deploy("--decision-digest", second)
        assert (done.code, done.outputs["result"]) == (0, "unchanged"), done.log
        assert done.outputs["deployment"] == node_id("DE", world.newest().id)
    ((_, states),) = world.records()[1:]
    assert states == ["in_progress"] * 3 + ["success"] * 2, "the second digest is said once"
    assert world.newest().payload["evidence"] == first
    assert world.newest().statuses[-1].description == f"evidence: {second}"
    status = json.loads(world.desk.run("status", "--environment", "production").outputs["status"])
    (production,) = status["environments"]
    assert (production["state"], production["live"]["evidence"]) == ("live", second)


def test_an_override_that_only_the_next_try_needs_has_a_record_of_its_own(world: PromotionWorld) -> None:
    world.gate()
    world.desk.extra["GITHUB_EVENT_NAME"] = "workflow_dispatch"
    assert world.deploy("--override", "just in case").code == 0
    world.edit(oldest=(datetime.now(UTC) - timedelta(days=8)).isoformat())
    for _ in range(2):
        assert world.deploy("--override", "just in case").code == 0
    assert len(world.records()) == 3
    assert world.newest().payload["override"]["rules"] == ["evidence/too-old"]


def test_two_at_the_same_instant_end_with_one_release_live(world: PromotionWorld) -> None:
    world.gate()
    running = []
    for number in (4711, 4712):
        world.desk.extra |= {"GITHUB_RUN_ID": str(number), "RUNNER_TEMP": str(world.folder / f"temp-{number}")}
        (world.folder / f"temp-{number}").mkdir()
        running.append(world.desk.start("deploy", "production", "--decision", str(world.decision)))
    logs = [(process.communicate()[0], process.returncode) for process in running]
    assert {code for _, code in logs} <= {0, 4}, logs
    assert "Traceback" not in "".join(log for log, _ in logs)
    assert world.deploy().code == 0
    assert world.org.records.bots["Support_Agent"].active == 3
    assert world.records()[-1][1][-1] == "success"


def test_a_deployment_that_fails_is_marked_and_taken_up_by_its_own_next_try(world: PromotionWorld) -> None:
    world.gate()
    world.org.deployments.plan(failures={"Support_Resolution": "Invalid template"})
    assert world.deploy().code == 1
    failed = world.newest()
    assert (failed.state, "Failed" in failed.statuses[-1].description) == ("failure", True)
    assert world.deploy().code == 0
    ((commit, states),) = world.records()[1:]
    # the first failure says which agents are live again as before
    outcomes = [state for state in states if state != "in_progress"]
    assert (commit, outcomes) == (world.commit, ["failure", "failure", "success"])
    assert len(world.org.deployments.jobs) == 2


@pytest.mark.parametrize(("edit", "rule"), [
    ({"commit": "a" * 40}, "evidence/other-commit"),
    ({"commit": None}, "evidence/other-commit"),
    ({"content": "d" * 64}, "evidence/other-content"),
    ({"content": ""}, "evidence/other-content"),
    ({"manifest": {"name": "agentforce/release.yml", "digest": {"sha256": "b" * 64}}}, "evidence/other-manifest"),
    ({"packs": [{"name": PACK, "digest": {"sha256": "c" * 64}}]}, "evidence/other-pack"),
    ({"environment": "uat"}, "evidence/other-environment"),
    ({"observedIn": "staging"}, "evidence/other-environment"),
    ({"agents": {"Support_Agent": 2}}, "evidence/other-agent-version"),
    ({"orgs": ["00D999999999999AAA"]}, "evidence/other-org"),
    ({"stage": "verify"}, "evidence/other-stage"),
    ({"time": (datetime.now(UTC) - timedelta(days=8)).isoformat()}, "evidence/too-old"),
    ({"oldest": (datetime.now(UTC) - timedelta(days=8)).isoformat()}, "evidence/too-old"),
    ({"time": (datetime.now(UTC) + timedelta(days=8)).isoformat()}, "evidence/future"),
    ({"verdict": "fail"}, "evidence/edited"),
    ({"extra": 1}, "evidence/malformed"),
])  # fmt: skip
def test_evidence_for_something_else_is_refused(world: PromotionWorld, edit: dict[str, Any], rule: str) -> None:
    world.gate()
    world.edit(**edit)
    done = world.deploy()
    assert (done.code, done.outputs.get("result")) == (2, "refused"), done.log
    assert f"[{rule}]" in done.log
    assert done.summary.startswith("## ⛔ BLOCKED: wave")
    assert len(world.records()) == 1
    assert not world.org.deployments.jobs
    assert world.org.records.bots["Support_Agent"].active == 2
    verified = world.desk.run("verify-decision", str(world.decision), "--environment", "production")
    if rule == "evidence/other-org":
        assert verified.code == 0, "which org the environment before has is in the ledger alone"
    else:
        assert (verified.code, f"{rule}: " in verified.log) == (1, True), verified.log


def test_good_evidence_is_verified_without_network(world: PromotionWorld) -> None:
    digest = world.gate().outputs["decision-digest"]
    world.desk.extra = {"GITHUB_ACTIONS": "true"}
    arguments = ("verify-decision", str(world.decision), "--digest", f"sha256:{digest}")
    done = world.desk.run(*arguments, "--format", "json")
    assert done.code == 0, done.log
    assert json.loads(done.log)["verdict"] == "pass"
    assert (done.outputs["verdict"], done.outputs["digest"]) == ("pass", digest)
    assert f"<code>{world.commit}</code>" in done.summary


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"_type": 1}', b" " * 8_388_609])
def test_a_malformed_decision_is_refused_by_both(world: PromotionWorld, content: bytes) -> None:
    world.decision.write_bytes(content)
    for done in (world.deploy(), world.desk.run("verify-decision", str(world.decision))):
        assert done.code in (1, 2), done.log
        assert "evidence/malformed" in done.log
        assert "Traceback" not in done.log


def test_a_duplicate_key_makes_a_decision_malformed(world: PromotionWorld) -> None:
    world.gate()
    verdict = b'"verdict":'
    world.decision.write_bytes(world.decision.read_bytes().replace(verdict, b'"verdict": "fail", ' + verdict, 1))
    for done in (world.deploy(), world.desk.run("verify-decision", str(world.decision))):
        assert "duplicate key. [evidence/malformed]" in done.log
    assert not world.org.deployments.jobs


def flip_the_verdict_of_a_failure(world: PromotionWorld) -> None:
    world.gate(passed=2)
    world.edit(verdict="pass", reasons=[])


def raise_the_count(world: PromotionWorld) -> None:
    world.gate(passed=2)
    criteria = json.loads(world.decision.read_text())["predicate"]["criteria"]
    criteria = [{**each, "verdict": "pass", "passed": 20} for each in criteria]
    world.edit(verdict="pass", reasons=[], criteria=criteria)


def another_digest(world: PromotionWorld) -> None:
    world.gate()
    world.decision.write_bytes(world.decision.read_bytes().replace(b'  "', b'   "'))


@pytest.mark.parametrize("edit", [flip_the_verdict_of_a_failure, raise_the_count, another_digest])
def test_an_edited_decision_is_refused_and_nobody_may_override_that(
    world: PromotionWorld, edit: Callable[[PromotionWorld], None]
) -> None:
    edit(world)
    world.desk.extra["GITHUB_EVENT_NAME"] = "workflow_dispatch"
    done = world.deploy("--decision-digest", "0" * 64, "--override", "I know")
    assert (done.code, "[evidence/edited]" in done.log) == (2, True), done.log
    if edit is not another_digest:
        assert "[evidence/edited]" in world.deploy().log
    assert not world.org.deployments.jobs


def test_a_verdict_that_is_no_pass_is_refused(world: PromotionWorld) -> None:
    assert world.gate(passed=2).code == 1
    done = world.deploy()
    assert (done.code, "[evidence/not-a-pass]" in done.log) == (2, True), done.log


def test_without_a_decision_only_the_first_environment_is_entered(world: PromotionWorld) -> None:
    done = world.desk.run("deploy", "production")
    assert (done.code, "[evidence/missing]" in done.log) == (2, True), done.log
    assert world.desk.run("deploy", "uat").code == 0


def test_the_environment_before_must_have_had_it(world: PromotionWorld) -> None:
    world.github.deployments.pop()
    world.record("uat", world.before, "wave-2")
    world.record("uat", world.commit, "wave-3", statuses=("in_progress", "failure"))
    world.gate()
    done = world.deploy()
    assert (done.code, "This release was never live in uat" in done.log) == (2, True), done.log


def test_a_newer_release_in_the_environment_before_does_not_stop_one_that_waited(world: PromotionWorld) -> None:
    world.gate()
    world.record("uat", world.github.seed(files(change="newer"), "Newer"), "wave-4")
    assert world.deploy().code == 0


@pytest.mark.parametrize("environment", ["uat", "production"])
def test_what_was_rolled_back_meanwhile_is_refused(world: PromotionWorld, environment: str) -> None:
    world.gate()
    world.record(environment, world.commit, "wave-3", statuses=("success", "failure"))
    done = world.deploy()
    assert (done.code, f"was rolled back in {environment}" in done.log) == (2, True), done.log
    assert not world.org.deployments.jobs


def test_an_override_shows_its_reason_name_and_rules(world: PromotionWorld) -> None:
    world.record("production", world.commit, "wave-3", statuses=("success", "failure"))
    world.desk.extra["GITHUB_EVENT_NAME"] = "workflow_dispatch"
    done = world.desk.run("deploy", "production", "--override", "Mended in the org | <b>see</b> @ada")
    assert done.code == 0, done.log
    assert world.newest().payload["override"] == {
        "reason": "Mended in the org | <b>see</b> @ada",
        "actor": "ada",
        "rules": ["evidence/missing", "promotion/rolled-back"],
    }
    assert "Overridden by ada (rules: " in done.log
    again = world.desk.run("deploy", "production", "--override", "Mended in the org | <b>see</b> @ada")
    assert (again.code, again.outputs["deployment"]) == (0, node_id("DE", world.newest().id)), again.log
    assert [states for _, states in world.records()][2:] == [["in_progress", "success"]]
    assert "Overridden by ada" in done.summary
    assert "<b>" not in done.summary


def test_an_override_that_breaks_no_rule_is_not_recorded(world: PromotionWorld) -> None:
    world.gate()
    world.desk.extra["GITHUB_EVENT_NAME"] = "workflow_dispatch"
    done = world.deploy("--override", "just in case")
    assert (done.code, "override" in world.newest().payload) == (0, False), done.log


def test_files_that_are_not_as_the_commit_has_them_are_named(world: PromotionWorld) -> None:
    world.gate()
    changed = next(world.desk.checkout.rglob("*.genAiPromptTemplate-meta.xml"))
    changed.write_text(changed.read_text().replace("new", "newer"))
    done = world.deploy()
    assert done.code == 0, done.log
    assert "Uncommitted changes were not deployed: `force-app/main/default/genAiPromptTemplates/" in done.log


def test_without_a_token_a_laptop_deploys_and_says_what_is_missing(world: PromotionWorld) -> None:
    world.gate()
    world.desk.extra = {}
    done = world.deploy()
    assert (done.code, "Nothing was recorded" in done.log) == (0, True), done.log
    assert len(world.records()) == 1


def test_a_workflow_without_a_token_is_refused(world: PromotionWorld) -> None:
    world.gate()
    world.desk.extra.pop("GITHUB_TOKEN")
    assert world.deploy().code == 2
    assert not world.org.deployments.jobs


def test_a_token_that_may_not_record_deploys_nothing(world: PromotionWorld) -> None:
    world.gate()
    world.github.permit("deployments", "read")
    done = world.deploy()
    assert (done.code, "deployments: write" in done.log) == (2, True), done.log
    assert not world.org.deployments.jobs
