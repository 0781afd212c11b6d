"""Stories that went wrong once, shortened to the steps that it took."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.killed import Kill
from tests.support.model_story import Promotion, Story

from wavegate.ledger.acts.act import ACT_TASK


class ScriptedStory(Story):
    """A story whose steps a test tells. kills: of the next command, and only of that."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, 0, kills=False)
        self.kills_next: list[Kill] = []

    def _kills(self) -> list[Kill]:
        kills, self.kills_next = self.kills_next, []
        return kills

    def ship(self, environment: str, *, override: bool = False, fast_lane: bool = False) -> Promotion:
        """Promote the head of main, and check the world."""
        promotion = Promotion(
            environment=environment,
            commit=self.world.head,
            actor="ada",
            by_hand=True,
            override=override,
            fast_lane=fast_lane,
        )
        return self.ship_again(promotion)

    def ship_again(self, promotion: Promotion) -> Promotion:
        """Run a promotion again, or a new one, and check the world. Returns it with its run."""
        number, _ = self._promote(promotion)
        self.check()
        return replace(promotion, number=number)

    def version_4_is_rolled_back_and_its_pull_request_closed(self) -> None:
        self._push(4, resume=False)
        self.ship("production", override=True)
        self._roll_back("production")
        self._withdraw("production", by_closing=True)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[ScriptedStory]:
    made = ScriptedStory(tmp_path)
    yield made
    made.world.close()


@pytest.mark.parametrize("stopped_at", [(), ("--agent", "Support_Agent", "--to-version", "3")])
def test_a_release_that_was_deployed_again_while_it_was_stopped_is_restarted_at_its_version(
    story: ScriptedStory, stopped_at: tuple[str, ...]
) -> None:
    story._push(5, resume=False)
    deployed = story.ship("production", override=True, fast_lane=True)
    story._stop("production", *stopped_at)
    # it was live and good by now, so the re-run has the fast lane, and the agent stays as the stop left it
    story.ship_again(deployed)
    # main has another manifest, which says nothing about the live release
    story._push(6, resume=False)
    story._enable("production")
    story.check()
    assert story.world.active("production") == 5


@pytest.mark.parametrize("request_number", [0, *range(8, 20)])
def test_a_run_again_after_a_restart_at_another_version_records_the_version_that_it_set(
    story: ScriptedStory, request_number: int
) -> None:
    story._push(5, resume=False)
    deployed = story.ship("production", override=True)
    story._stop("production")
    story._enable("production", "--agent", "Support_Agent", "--to-version", "4")
    story.kills_next = [Kill(request=request_number, when="after")] * bool(request_number)
    story.ship_again(deployed)
    story._status("production")
    assert story.world.active("production") == 5


def test_a_release_whose_rollback_was_reopened_stays_refused_when_another_rollback_takes_its_place(
    story: ScriptedStory,
) -> None:
    story.version_4_is_rolled_back_and_its_pull_request_closed()
    bad = story.ship("production", override=True)
    story._push(5, resume=False)
    story.ship("production", override=True)
    story._reopen("production")
    story._roll_back("production")
    story.ship_again(replace(bad, number=0, override=False))
    assert (story.world.active("production"), story.models["production"].banned) == (5, {4, 5})


@pytest.mark.parametrize("request_number", [0, *range(1, 14)])
def test_a_release_whose_rollback_was_reopened_is_not_restarted(story: ScriptedStory, request_number: int) -> None:
    story._push(4, resume=False)
    story.ship("production", override=True)
    story._stop("production")
    story._roll_back("production")
    story._withdraw("production", by_closing=False)
    story._reopen("production")
    # 0: it is not killed
    story.kills_next = [Kill(request=request_number, when="after")] * bool(request_number)
    story._enable("production")
    story.check()
    story._status("production")
    assert story.world.active("production") is None
    acts = [(each.payload["kind"], each.state) for each in story.world.github.deployments if each.task == ACT_TASK]
    assert acts == [
        ("stop", "inactive"),
        ("rollback", "inactive"),
        ("rollback-withdrawn", "inactive"),
        ("rollback", "inactive"),
    ]


@pytest.mark.parametrize("request_number", range(5, 12))
def test_the_act_of_a_reopened_rollback_is_completed_by_its_withdrawal(
    story: ScriptedStory, request_number: int
) -> None:
    story._push(4, resume=False)
    story.ship("production", override=True)
    story._roll_back("production")
    story._withdraw("production", by_closing=False)
    story._reopen("production")
    story.kills_next = [Kill(request=request_number, when="before")]
    story._withdraw("production", by_closing=False)
    states = [each.state for each in story.world.github.deployments if each.task == ACT_TASK]
    assert set(states) == {"inactive"}


def told(folder: Path, kills: list[Kill]) -> object:
    """A promotion that finds a reopened pull request, and is refused because of a lock that came in between."""
    folder.mkdir()
    story = ScriptedStory(folder)
    story.version_4_is_rolled_back_and_its_pull_request_closed()
    story._push(2, resume=False)
    story.ship("production", override=True)
    story._lock("production")
    story._reopen("production")
    story.kills_next = kills
    story.ship("production")
    story.world.close()
    return story.outcome


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> object:
    """What the same leaves behind if nothing is killed."""
    return told(tmp_path_factory.mktemp("whole") / "story", [])


@pytest.mark.parametrize("request_number", range(8, 20))
def test_the_act_of_a_reopened_pull_request_is_completed_after_a_lock(
    tmp_path: Path, whole: object, request_number: int
) -> None:
    kill = Kill(request=request_number, when="before")
    assert told(tmp_path / "killed", [kill]) == whole
