"""Fuzzes the readers of GitHub's and Salesforce's replies: `python tests/fuzz_transport.py --count 10000`.

Every case ends with a value or with one clear error, and no exchange outlasts its deadline: a server that never ends
its answer would otherwise keep the run from ending. A seed repeats a run.
"""

import argparse
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.support.transport_fuzz import (  # noqa: E402
    CLIENTS,
    LIMITS,
    SECRET,
    Report,
    ask,
    chance_of,
    endless_http,
    malformed_http,
    quick,
    recorded,
    replay,
)

SHARES = {"malformed HTTP": 0.1, "endless": 0.04}
"""The rest are replies that are served without a socket."""
AT_ONCE = 30
"""Endless answers at the same time: they cost no time but their limits."""
GRACE = 20.0
"""Seconds beyond its limit after which a call counts as one that outlasts its deadline, on a busy machine."""


def fuzz(count: int, seed: int, folder: Path) -> Report:
    """Run the cases. folder: for the doubles."""
    report = Report()
    readers = recorded(folder)
    sockets = {kind: round(count * share) for kind, share in SHARES.items()}
    with quick():
        for number in range(count - sum(sockets.values())):
            chance = chance_of(f"{seed}-{number}")
            reader = readers[number % len(readers)]
            report.run(
                f"reply {seed}-{number} {reader.name}", partial(replay, reader, chance), secrets=reader.secrets
            )
        for number in range(sockets["malformed HTTP"]):
            chance = chance_of(f"{seed}-http-{number}")
            name = chance.choice(tuple(CLIENTS))
            report.run(
                f"http {seed}-{number} {name}",
                partial(ask, name, partial(iter, malformed_http(chance))),
                secrets=(SECRET,),
            )
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for problem in pool.map(partial(_endless, report, seed), range(sockets["endless"])):
                report.problems += problem
    return report


def _endless(report: Report, seed: int, number: int) -> list[str]:
    chance = chance_of(f"{seed}-endless-{number}")
    name = chance.choice(tuple(CLIENTS))
    pace = chance.choice((0.0, 0.02, 0.05))
    case = f"endless {seed}-{number} {name}"
    started = time.monotonic()
    report.run(
        case, partial(ask, name, partial(endless_http, chance_of(f"{case}-pieces")), pace=pace), secrets=(SECRET,)
    )
    took = time.monotonic() - started
    return [f"{case}: it took {took:.1f} s"] if took > LIMITS.total + GRACE else []


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    before = threading.active_count()
    with tempfile.TemporaryDirectory() as folder:
        report = fuzz(options.count, options.seed, Path(folder))
    time.sleep(2 * LIMITS.total)
    print(f"{options.count:,} cases in {time.process_time():.1f} s of CPU time: {report.ends}")
    print(f"threads: {before} before, {threading.active_count()} after")
    print("\n".join(report.problems[:50]) or "no problem")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
