"""A process that is killed while it writes a file leaves the older one or the new one, whole."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

WRITE = """
import os, pathlib, signal, sys
from wavegate.files.whole import write_whole

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

holder, name, after = sys.argv[2:]
target = {"os": os, "Path": pathlib.Path}[holder]
real, calls = getattr(target, name), []

def kill(*given):
    calls.append(given)
    if after == "after":
        real(*given)
    if after != "later" or len(calls) == 2:
        killed()
    return real(*given)

setattr(target, name, kill)
write_whole(pathlib.Path(sys.argv[1]), b"new" * 100_000)
"""


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (("os", "fsync", "before"), b"older"),
        (("Path", "replace", "before"), b"older"),
        (("Path", "replace", "after"), b"new" * 100_000),
        (("os", "fsync", "later"), b"new" * 100_000),
    ],
)
def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path, place: tuple[str, ...], found: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"older")
    source = Path(__file__).resolve().parents[3] / "src"
    command = [sys.executable, "-c", WRITE, str(path), *place]
    done = subprocess.run(command, env={"PYTHONPATH": str(source)}, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert path.read_bytes() == found
