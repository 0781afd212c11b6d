"""A gate's decisions in the ledger: each recorded once, read by later gates, and never taken for a release."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.faults import When
from tests.doubles.github.state import Deployment
from tests.support.deploying import Done
from tests.support.promotion_world import PromotionWorld

from wavegate.gate.decision import Decision, from_json

RECORD = 3
"""Requests that record a decision: the decisions about the content, the deployment, its status."""
MARK = "POST /graphql#CreateDeploymentStatus"
LIST = "GET .*/deployments$"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path)
    yield made
    made.close()


def record(world: PromotionWorld, *arguments: str, attempt: int = 1) -> Done:
    world.desk.extra["GITHUB_RUN_ATTEMPT"] = str(attempt)
    return world.desk.run("record-decision", str(world.decision), *arguments)


def gate(world: PromotionWorld, *arguments: str, attempt: int = 1, passed: int = 20, commit: str = "") -> Decision:
    world.desk.extra["GITHUB_RUN_ATTEMPT"] = str(attempt)
    done = world.gate(*arguments, passed=passed, commit=commit)
    assert done.code in (0, 1, 5), done.log
    return from_json(world.decision.read_bytes(), path="x")


def entries(world: PromotionWorld) -> list[Deployment]:
    return [each for each in world.github.deployments if each.task.startswith("wavegate:")]


def assert_one_entry(world: PromotionWorld) -> None:
    (entry,) = entries(world)
    assert [status.state for status in entry.statuses] == ["inactive"]
    # what is live stays so, and the entry is no release
    assert world.records("uat")[-1][1] == ["success"]
    assert world.records() == [(world.before, ["success"])]


def test_a_decision_is_recorded_and_the_next_attempt_shows_it(world: PromotionWorld) -> None:
    first = gate(world, passed=10)
    assert (first.attempt, first.earlier) == (1, ())
    assert record(world).outputs == {"result": "recorded"}
    assert_one_entry(world)
    (entry,) = entries(world)
    assert (entry.environment, entry.sha, entry.production) == ("production", world.commit, False)
    assert entry.payload["verdict"] == "fail"
    assert entry.payload["actor"] == "ada"
    assert entry.payload["run"] == f"{world.github.server_url}/{world.github.repository}/actions/runs/4711/attempts/1"

    second = gate(world, passed=11, attempt=2)
    assert second.attempt == 2
    assert [(each.verdict, each.run) for each in second.earlier or ()] == [("fail", entry.payload["run"])]
    done = record(world, attempt=2)
    assert done.outputs == {"result": "recorded"}
    assert "attempt 2" in done.log
    done = world.gate()
    assert "Third attempt with this same content; the first two: fail, fail." in done.log
    assert f"[fail]({entry.payload['run']})" in done.summary
    brief = world.desk.run("brief", "production", "--decision", str(world.decision), "--output", "brief.md")
    assert brief.code == 0, brief.log
    assert (
        f"Third attempt with this same content; the first two: [fail]({entry.payload['run']})"
        in (world.desk.checkout / "brief.md").read_text()
    )


def test_neither_another_commit_nor_another_run_hides_an_attempt(world: PromotionWorld) -> None:
    gate(world, passed=10)
    record(world)
    world.desk.extra["GITHUB_RUN_ID"] = "4712"
    empty = world.desk.commit()
    assert empty != world.commit
    assert gate(world, commit=empty).attempt == 2


def test_the_same_evidence_is_the_same_attempt(world: PromotionWorld) -> None:
    gate(world, passed=10)
    record(world)
    world.desk.extra["GITHUB_RUN_ATTEMPT"] = "2"
    done = world.desk.run("gate", "production", "--observations", "evidence.jsonl", "--output", str(world.decision))
    again = from_json(world.decision.read_bytes(), path="x")
    assert (again.attempt, done.code) == (1, 1)
    assert "Judges evidence of 1 earlier decision again, and leaves none of it out: fail." in done.log
    record(world, attempt=2)
    assert len(entries(world)) == 2, "every decision is recorded"


def test_verification_and_gate_are_separate_questions(world: PromotionWorld) -> None:
    gate(world)
    record(world)
    assert gate(world, "--post-deploy").earlier == ()


def forget(world: PromotionWorld) -> None:
    world.github.deployments[:] = [each for each in world.github.deployments if each.task == "wavegate"]


def test_killed_at_any_request_and_run_again(world: PromotionWorld) -> None:
    gate(world)
    moments: tuple[When, ...] = ("before", "after")
    for k in range(1, RECORD + 1):
        for when in moments:
            forget(world)
            world.github.crash_at(k, when=when)
            world.github.client = world.desk.start("record-decision", str(world.decision))
            assert world.desk.finish(world.github.client).code == -9
            world.github.client = None
            done = record(world)
            assert done.code == 0, done.log
            assert_one_entry(world)
    assert record(world).outputs == {"result": "unchanged"}
    assert_one_entry(world)
    forget(world)
    requests = len(world.github.routes)
    record(world)
    assert len(world.github.routes) - requests == RECORD, "the crash points cover the whole run"


def test_an_answer_that_is_lost_once_changes_nothing(world: PromotionWorld) -> None:
    gate(world)
    for route in ("POST .*/deployments$", MARK, LIST):
        forget(world)
        world.github.faults.add(route, when="after", drop=True)
        done = record(world)
        assert done.code == 0, done.log
        assert_one_entry(world)


def test_a_decision_that_was_changed_is_not_recorded(world: PromotionWorld) -> None:
    gate(world)
    done = record(world, "--digest", "0" * 64)
    assert done.code == 2
    assert "The decision was changed" in done.log
    assert entries(world) == []


def test_without_the_permission_the_fix_names_it(world: PromotionWorld) -> None:
    gate(world)
    world.github.permit("deployments", "read")
    done = record(world)
    assert done.code == 2
    assert "deployments: write" in done.log
    assert entries(world) == []


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ({"status": 502, "times": 0}, 4, "GitHub could not read the ledger"),
        ({"status": 403, "body": {"message": "Resource not accessible by integration"}}, 2, "deployments: read"),
        ({"malformed": True, "times": 0}, 4, "GitHub could not read the ledger"),
    ],
)
def test_a_ledger_that_cannot_be_read_is_not_a_first_attempt(
    world: PromotionWorld, fault: dict[str, Any], code: int, words: str
) -> None:
    world.github.faults.add(LIST, **fault)
    done = world.gate()
    assert done.code == code, done.log
    assert words in done.log
    assert "verdict" not in done.outputs
    assert not world.decision.exists()


def test_without_a_token_the_earlier_attempts_are_unknown(world: PromotionWorld) -> None:
    world.desk.extra["GITHUB_TOKEN"] = ""
    made = gate(world, attempt=3)
    assert (made.attempt, made.earlier) == (3, None)


def test_what_others_wrote_is_never_read_as_a_decision(world: PromotionWorld) -> None:
    gate(world, passed=10)
    record(world)
    (entry,) = entries(world)
    evil = {**entry.payload, "run": "https://evil.example/acme/agents/actions/runs/1/attempts/1"}
    others: list[Any] = ["}", {}, evil, {**entry.payload, "content": "0" * 64}, json.dumps("x" * 70_000)]
    for payload in others:
        world.github.deploy("production", world.commit, payload=payload, task=entry.task)
    world.github.deploy("uat", world.commit, payload=entry.payload, task=entry.task)
    world.github.deploy("production", world.commit, payload=entry.payload, task="wavegate:gate")
    made = gate(world)
    assert [each.verdict for each in made.earlier or ()] == ["fail", *[None] * 5]
    assert made.attempt == 7, "an entry that cannot be read counts, since it may be one"
    assert "evil" not in world.desk.done(0, "").summary
