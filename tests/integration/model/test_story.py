"""Random stories of people and releases: nothing that was stopped or rolled back goes live without a person's act.

`python tests/stories.py` tells thousands of them; the steps that it took to go wrong are in `test_regressions.py`.
"""

from pathlib import Path

import pytest
from tests.support.model_story import Story

STEPS = 14


@pytest.mark.parametrize("seed", range(10))
def test_the_orgs_and_the_ledger_are_as_the_people_decided(seed: int, tmp_path: Path) -> None:
    _told(tmp_path / "story", seed)


@pytest.mark.parametrize("seed", range(100, 104))
def test_killed_at_any_request_and_run_again_a_story_ends_the_same(seed: int, tmp_path: Path) -> None:
    assert _told(tmp_path / "whole", seed).outcome == _told(tmp_path / "killed", seed, kills=True).outcome


def test_over_the_network_and_with_git_itself_a_story_is_the_same(tmp_path: Path) -> None:
    quick, real = _told(tmp_path / "quick", 2), _told(tmp_path / "real", 2, quick=False)
    assert (quick.said, quick.outcome) == (real.said, real.outcome)


def _told(folder: Path, seed: int, *, kills: bool = False, quick: bool = True) -> Story:
    folder.mkdir()
    story = Story(folder, seed, kills=kills, quick=quick)
    try:
        story.tell(STEPS)
    finally:
        story.world.close()
    return story
