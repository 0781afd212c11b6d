"""What the tests of the kill switch share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.deploying import Run, in_process
from tests.support.stop_world import StopWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[StopWorld]:
    made = StopWorld(tmp_path)
    yield made
    made.close()


@pytest.fixture
def act(world: StopWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in the world, in this process."""
    return in_process(world.desk, monkeypatch, capsys)
