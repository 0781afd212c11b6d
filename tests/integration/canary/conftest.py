"""A pilot in production, for every test of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.canary_world import CanaryWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CanaryWorld]:
    made = CanaryWorld(tmp_path)
    yield made
    made.close()
