"""A step after the first: launch.py against a bare interpreter that only does the command's own imports.

    python tests/bench/bench_start.py [RUNS]

Prints `name | ours | peer | ratio | budget`; times are the medians of runs that take turns.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
COMMANDS = ("validate", "gate", "rollback")


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "WAVEGATE_CACHE": cache}
        seconds(launch("validate"), environment)
        site = next(Path(cache).iterdir())
        for command in COMMANDS:
            peer = [sys.executable, "-I", "-X", "utf8", "-c", imports(site, command)]
            times = [(seconds(launch(command), environment), seconds(peer, environment)) for _ in range(runs)]
            ours, bare = (median(each) * 1000 for each in zip(*times, strict=True))
            name = f"a later step's start, {command}"
            print(f"{name} | {ours:.0f} ms | {bare:.0f} ms (python, its imports) | {ours / bare:.2f} | <= 1.3")


def launch(command: str) -> list[str]:
    """What an action runs; --help ends the command where its work would begin."""
    return [sys.executable, "-I", "-X", "utf8", str(ROOT / "launch.py"), command, "--help"]


def imports(site: Path, command: str) -> str:
    """The command's own imports, and nothing else."""
    path = [str(ROOT / "src"), str(site)]
    start = f"import sys; sys.path[:0] = {path!r}; from importlib import import_module"
    return f"{start}; from wavegate.__main__ import COMMANDS; import_module('wavegate.' + COMMANDS[{command!r}][0])"


def seconds(command: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
