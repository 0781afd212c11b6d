"""On a laptop, each command takes the repository from the `origin` of the checkout that `--root` names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.deploying import Done
from tests.support.forked import Forked
from tests.support.promotion_world import PromotionWorld
from tests.support.stop_world import LAPTOP


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path)
    yield made
    made.close()


def elsewhere(world: PromotionWorld, *arguments: str) -> Done:
    """Run a command on a laptop, in a folder that is no checkout."""
    assert world.gate().code == 0
    unset = (*LAPTOP, "GITHUB_REPOSITORY", "RUNNER_TEMP")
    known = {name: value for name, value in world.desk.environment().items() if name not in unset}
    folder = world.folder / "elsewhere"
    folder.mkdir()
    world.github.routes.clear()
    world.desk.clear()
    root = str(world.desk.checkout)
    return world.desk.finish(Forked([*arguments, "--root", root], known, folder=folder))


def test_admit(world: PromotionWorld) -> None:
    done = elsewhere(world, "admit", "production")
    assert (done.code, done.outputs["admitted"]) == (0, "true"), done.log


def test_brief(world: PromotionWorld) -> None:
    done = elsewhere(world, "brief", "production", "--decision", str(world.decision))
    assert done.code == 0, done.log
    read = [each.template for each in world.github.routes]
    assert "/graphql#Newest" in read, "what holds the environment was read"


def test_record_decision(world: PromotionWorld) -> None:
    done = elsewhere(world, "record-decision", str(world.decision))
    assert (done.code, done.outputs) == (0, {"result": "recorded"}), done.log


def test_comment(world: PromotionWorld) -> None:
    done = elsewhere(world, "comment", "--marker", "m", "--body-file", str(world.decision), "--pull-request", "1")
    # GitHub was asked for it, and has no such pull request
    assert (len(world.github.routes), "is unknown" in done.log) == (1, False), done.log
