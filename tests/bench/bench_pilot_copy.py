"""Copies of a project of 10,000 components, against indexing and closing over the same project.

    python tests/bench/bench_pilot_copy.py [COMPONENTS]

Ours makes the copies for one changed class, and for everything that the agent needs. Both include every check.
Prints `name | ours | peer | ratio | budget`.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.bench_components import MANIFEST, write_project

from wavegate.components.closure import release_scope
from wavegate.components.component import ComponentId
from wavegate.components.project import read_project
from wavegate.files.folder import FolderSource
from wavegate.pilot.copy import make_copy

CHANGED = ComponentId(type="ApexClass", name="T0A0")
ONE, ALL = 0.5, 5
"""Budgets, as shares of the time that the index and the closure take."""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_project(root, count)
        source = FolderSource(root)
        started = time.perf_counter()
        project = read_project(source)
        scope = release_scope(MANIFEST, "uat", project)
        closed = time.perf_counter()
        one = make_copy(source, project, agents=MANIFEST.agents, scope=scope, changed=frozenset({CHANGED}))  # type: ignore[arg-type]
        copied = time.perf_counter()
        everything = make_copy(source, project, agents=MANIFEST.agents, scope=scope, everything=True)  # type: ignore[arg-type]
        done = time.perf_counter()
    if one.not_separable or everything.not_separable or len(everything.names) < count * 0.9:
        sys.exit("The copies are not those of the project that was made.")
    peer = closed - started
    for name, copy, ours, budget in (
        ("one change", one, copied - closed, ONE),
        ("everything", everything, done - copied, ALL),
    ):
        print(
            f"copies of {len(copy.names):,} components ({name}), checked | {ours:.2f} s | {peer:.2f} s (index and "
            f"closure) | {ours / peer:.2f} | <= {budget}"
        )


if __name__ == "__main__":
    main()
