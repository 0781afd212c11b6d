"""Tell thousands of random stories: `python tests/stories.py [--seeds 0-2000] [--steps 14] [--jobs 2]`.

Every story is told twice, once with its commands killed at random requests and run again, and must end the same.
Prints the seeds whose story went wrong, with what was said until then.
"""

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.support.model_story import Story  # noqa: E402


def tell(seed: int, *, steps: int) -> str:
    """What went wrong in a story, or ''."""
    outcomes = []
    for kills in (False, True):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            story = Story(Path(folder), seed, kills=kills)
            try:
                story.tell(steps)
                outcomes.append(story.outcome)
                story.world.close()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is reported with its seed
                return f"{type(error).__name__}: {error}"
    return "" if outcomes[0] == outcomes[1] else f"ends otherwise when killed:\n{outcomes[0]}\n{outcomes[1]}"


def main() -> int:
    """Tell the stories, and return 1 if one went wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", default="0-2000", help="first and last, such as 0-2000")
    parser.add_argument("--steps", type=int, default=14)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    first, _, last = asked.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    started, wrong = time.monotonic(), 0
    for number, (seed, problem) in enumerate(_told(seeds, asked.steps, asked.jobs), 1):
        if problem:
            wrong += 1
            print(f"--- seed {seed}\n{problem}\n", flush=True)
        if number % 20 == 0:
            print(f"{number} stories in {time.monotonic() - started:.0f} s, {wrong} wrong", flush=True)
    print(f"{len(seeds)} stories of {asked.steps} steps in {time.monotonic() - started:.0f} s, {wrong} wrong")
    return 1 if wrong else 0


def _prepare() -> None:
    """Load once what every story needs, and keep the garbage collector from visiting it again and again."""
    tell(0, steps=1)
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _told(seeds: range, steps: int, jobs: int) -> Iterator[tuple[int, str]]:
    with ProcessPoolExecutor(jobs, initializer=_prepare) as pool:
        pending = {pool.submit(partial(tell, steps=steps), seed): seed for seed in seeds}
        for done in as_completed(pending):
            yield pending[done], done.result()


if __name__ == "__main__":
    sys.exit(main())
