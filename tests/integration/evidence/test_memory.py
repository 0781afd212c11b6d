"""Whatever a result file contains, reading it takes less than three times its size, and it is not a pass."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import reading
from tests.support.hostile_results import SHAPES
from tests.support.places import ROOT

SIZE = 8 * 1024 * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory from /proc")
@pytest.mark.parametrize("name", SHAPES)
def test_memory_stays_within_three_times_the_size(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(SHAPES[name](SIZE))
    done = subprocess.run(
        [sys.executable, reading.__file__, str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        check=True,
        text=True,
    )
    used = json.loads(done.stdout)
    assert used["bytes"] < 3 * file.stat().st_size, used
    assert used["findings"] or not used["passes"] or name.endswith(".jsonl"), used
