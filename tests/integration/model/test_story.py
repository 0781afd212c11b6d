"""Random stories of people and releases: nothing that was stopped or rolled back goes live without a person's act.

`python tests/stories.py` tells thousands of them.
"""

from pathlib import Path

import pytest
from tests.support.model_story import Story

STEPS = 14


@pytest.mark.parametrize("seed", range(6))
def test_the_orgs_and_the_ledger_are_as_the_people_decided(seed: int, tmp_path: Path) -> None:
    story = Story(tmp_path, seed, kills=False)
    try:
        story.tell(STEPS)
    finally:
        story.world.close()


@pytest.mark.parametrize("seed", range(100, 103))
def test_killed_at_any_request_and_run_again_a_story_ends_the_same(seed: int, tmp_path: Path) -> None:
    outcomes = []
    for kills in (False, True):
        (folder := tmp_path / str(kills)).mkdir()
        story = Story(folder, seed, kills=kills)
        try:
            story.tell(STEPS)
            outcomes.append(story.outcome)
        finally:
            story.world.close()
    assert outcomes[0] == outcomes[1]
