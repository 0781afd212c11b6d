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


def elsewhere(world: PromotionWorld, *arguments: str, **more: str) -> Done:
    """Run a command on a laptop, in a folder that is not a checkout."""
    assert world.gate().code == 0
    unset = (*LAPTOP, "GITHUB_REPOSITORY", "RUNNER_TEMP")
    known = {name: value for name, value in world.desk.environment().items() if name not in unset} | more
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


def test_adopt(world: PromotionWorld) -> None:
    done = elsewhere(world, "adopt", "production", "--reason", "We start with wavegate")
    assert (done.code, "production has a record already: wave-2" in done.log) == (2, True), done.log


def test_the_team_of_the_kill_switch(world: PromotionWorld) -> None:
    manifest = world.desk.checkout / "agentforce/release.yml"
    manifest.write_text(f'owners: {{killSwitch: ["@acme/sre"]}}\n{manifest.read_text()}')
    world.github.state.teams["sre"] = ["ada"]
    world.github.permit("members", "read")
    done = elsewhere(world, "disable", "production", "--reason", "It leaks", GITHUB_ACTOR="ada")
    assert (done.code, world.active) == (0, None), done.log
    assert "member of @acme/sre, named under owners.killSwitch" in done.log
    assert [act["kind"] for act in world.acts()] == ["stop"]
