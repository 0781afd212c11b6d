"""`lock` and `unlock` as processes: one act each, whoever runs them again, and wherever they are killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.faults import When
from tests.support.acts import recorded_acts
from tests.support.deploying import Done
from tests.support.promotion_world import PromotionWorld

REQUESTS = 5
"""Requests of a lock outside of a run: the acts, a commit, the acts again, the deployment, its status."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path)
    yield made
    made.close()


def change(world: PromotionWorld, command: str, reason: str = "audit", actor: str = "ada") -> Done:
    world.desk.extra["GITHUB_TRIGGERING_ACTOR"] = actor
    return world.desk.run(command, "production", "--reason", reason)


def acts(world: PromotionWorld) -> list[tuple[str, str, str]]:
    return [(each.kind, each.actor, each.reason) for each in recorded_acts(world.github, "production")]


def test_a_lock_names_who_and_why_until_it_is_unlocked(world: PromotionWorld) -> None:
    done = change(world, "lock")
    assert (done.code, done.outputs) == (0, {"result": "locked"})
    assert "production is locked: audit." in done.log
    again = change(world, "lock", "mine", "bob")
    assert again.outputs == {"result": "unchanged"}
    assert "already locked by @ada on " in again.log
    assert ": audit. Nothing was changed." in again.log
    (act,) = recorded_acts(world.github, "production")
    assert act.run.endswith("/actions/runs/4711/attempts/1")

    done = change(world, "unlock", "audit is over", "bob")
    assert done.outputs == {"result": "unlocked"}
    assert "It was locked by @ada on " in done.log
    assert change(world, "unlock", "again").outputs == {"result": "unchanged"}
    assert change(world, "lock").outputs == {"result": "locked"}
    assert acts(world) == [("lock", "ada", "audit"), ("unlock", "bob", "audit is over"), ("lock", "ada", "audit")]
    # what is live stays so, and no act is a release
    assert world.records() == [(world.before, ["success"])]


def test_killed_at_any_request_and_run_again(world: PromotionWorld) -> None:
    moments: tuple[When, ...] = ("before", "after")
    for k in range(1, REQUESTS + 1):
        for when in moments:
            world.github.deployments[:] = [each for each in world.github.deployments if each.task == "wavegate"]
            world.github.crash_at(k, when=when)
            world.github.client = world.desk.start("lock", "production", "--reason", "audit")
            assert world.desk.finish(world.github.client).code == -9
            world.github.client = None
            done = change(world, "lock")
            assert done.code == 0, done.log
            assert acts(world) == [("lock", "ada", "audit")]
            assert [status.state for status in world.github.deployments[-1].statuses] == ["inactive"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("production", "--reason", " "), "The reason is empty"),
        (("staging", "--reason", "audit"), "Choose one of: uat, production."),
        (("production",), "--reason"),
    ],
)
def test_wrong_input_locks_nothing(world: PromotionWorld, arguments: tuple[str, ...], words: str) -> None:
    done = world.desk.run("lock", *arguments)
    assert done.code == 2
    assert words in done.log
    assert acts(world) == []


def test_without_the_permission_the_fix_names_it(world: PromotionWorld) -> None:
    world.github.permit("deployments", "read")
    done = change(world, "lock")
    assert done.code == 2
    assert "deployments: write" in done.log
    assert acts(world) == []
