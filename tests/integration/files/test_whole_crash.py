"""A process that is killed while it writes a file leaves a whole one; one that is redirected replaces no device."""

import os
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


def test_standard_output_is_not_replaced_where_it_leads_to_a_file(tmp_path: Path) -> None:
    source = Path(__file__).resolve().parents[3] / "src"
    code = "from pathlib import Path; from wavegate.files.whole import *; write_whole(Path('/dev/stdout'), b'x')"
    before = os.lstat("/dev/stdout")
    with (tmp_path / "redirected").open("wb") as output:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env={"PYTHONPATH": str(source)}, stdout=output, stderr=subprocess.PIPE)
    assert b"/dev/stdout is not a regular file" in done.stderr
    assert os.lstat("/dev/stdout") == before
