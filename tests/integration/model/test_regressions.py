"""Stories that went wrong once, shortened to the steps that it took."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.model_story import Promotion, Story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path, 0, kills=False)
    yield made
    made.world.close()


def promotion(story: Story, environment: str, *, override: bool = False, fast_lane: bool = False) -> Promotion:
    """A promotion of the head of main that a person starts with the form."""
    return Promotion(
        environment=environment,
        commit=story.world.head,
        actor="ada",
        by_hand=True,
        override=override,
        fast_lane=fast_lane,
    )


def test_a_release_that_was_deployed_again_while_it_was_stopped_is_restarted_at_its_version(story: Story) -> None:
    story._push(5, resume=False)
    deployed = promotion(story, "production", override=True, fast_lane=True)
    number, _ = story._promote(deployed)
    story._stop("production")
    # it was live and good by now, so the re-run has the fast lane, and the agent stays off
    story._promote(replace(deployed, number=number))
    story.check()
    # main has another manifest, which says nothing about the live release
    story._push(6, resume=False)
    story._enable("production")
    story.check()
    assert story.world.active("production") == 5
