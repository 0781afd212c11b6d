"""Requests and time of a rollback over 1 to 5,000 files, against the GitHub double.

    python tests/bench/bench_rollback.py [FILES]

The peer is what peter-evans/create-pull-request needs with signed commits: one request a file, one a hundred
files for the tree, and four more. In the second row a path that changed since keeps the folder from coming back as
one entry, so that each file is sent. Prints `name | ours | peer | ratio | budget`.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.support.rollback_world import BUNDLE, GOOD, Files, World

BUDGET = 10
"""Requests of one rollback, whatever it restores."""


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    for count in (1, 100, most):
        report(f"rollback of {count:,} files, as folders", count, later={})
    conflict: Files = {f"{BUNDLE}/many/0.json": b"changed since"}
    report(f"rollback of {most:,} files, one by one", most, later=conflict)


def report(name: str, count: int, *, later: Files) -> None:
    many = {f"{BUNDLE}/many/{number}.json": b"good %d" % number for number in range(count)}
    bad = dict.fromkeys(many, b"bad")
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), good={**GOOD, **many}, bad=bad, later=later)
        before = len(world.github.routes)
        started = time.perf_counter()
        done = world.run()
        seconds = time.perf_counter() - started
        asked = sum(1 for each in world.github.routes[before:] if ".git/" not in each.path)
        world.close()
    if done.returncode:
        sys.exit(done.stdout)
    peer = count + -(-count // 100) + 4
    print(
        f"{name} | {asked} requests, {seconds:.2f} s | {peer:,} requests | {asked / peer:.4f} | <= {BUDGET} requests"
    )


if __name__ == "__main__":
    main()
