"""The kill switch between two promotions: what a person stopped is live again only when a person says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.deploying import Done
from tests.support.git import git
from tests.support.promotion_world import PromotionWorld

NOTE = {"agentforce/notes.md": b"to do"}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[PromotionWorld]:
    """A world where wave-3 was promoted to production."""
    world = PromotionWorld(tmp_path)
    world.gate()
    done = world.deploy()
    assert (done.code, active(world)) == (0, 3), done.log
    yield world
    world.close()


def active(world: PromotionWorld) -> int | None:
    return world.org.records.bots["Support_Agent"].active


def push(world: PromotionWorld) -> Done:
    """Push a note beside the release, and promote it."""
    world.commit = world.github.seed(NOTE, "Note")
    world.record("uat", world.commit, "wave-3", org="00D000000000002AAA")
    git(world.desk.checkout, "fetch", "--quiet", f"file://{world.github.git_dir}", "main")
    git(world.desk.checkout, "reset", "--quiet", "--hard", "FETCH_HEAD")
    world.gate()
    return world.deploy()


def kinds(world: PromotionWorld) -> list[str]:
    return [each["kind"] for each in world.acts()]


@pytest.mark.parametrize("recorded", [True, False])
def test_the_next_push_does_not_undo_the_kill_switch_and_a_person_does(
    live: PromotionWorld, *, recorded: bool
) -> None:
    token = live.desk.extra.pop("GITHUB_TOKEN")
    if recorded:
        live.desk.extra["GITHUB_TOKEN"] = token
    done = live.desk.run("disable", "production", "--reason", "It promises refunds")
    assert done.code == (0 if recorded else 4), done.log
    live.desk.extra["GITHUB_TOKEN"] = token

    done = push(live)
    assert (done.code, "promotion/stopped" in done.log, active(live)) == (2, True, None), done.log
    # a stop without a record is found and recorded
    assert kinds(live) == ["stop"]

    done = live.desk.run("enable", "production", "--reason", "The prompt was reviewed")
    assert (done.code, active(live)) == (0, 3), done.log
    assert kinds(live) == ["stop", "restart"]
    done = push(live)
    assert (done.code, active(live)) == (0, 3), done.log
