"""Reads one evidence file in a process of its own, and prints the memory and the time that it took."""

import json
import sys
import time
from pathlib import Path

from wavegate.evidence.files import EvidenceReader
from wavegate.evidence.folders import LINES, EvidenceFile
from wavegate.findings.finding import Finding

TEST = ("smoke", "alpha")


def peak() -> int:
    """The highest memory of this process so far, in bytes."""
    status = Path("/proc/self/status").read_text("ascii")
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def main(path: Path) -> None:
    """Prints bytes, seconds of CPU time, observations, passes and findings as JSON."""
    counts = {"observations": 0, "passes": 0, "findings": 0}
    first = ""
    file = EvidenceFile(path=path, name=path.name, test=None if path.suffix in LINES else TEST)
    reader = EvidenceReader({"alpha": TEST})
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before, started = peak(), time.process_time()
    for item in reader.observations(file) if path.suffix in LINES else reader.results(file, None):
        if isinstance(item, Finding):
            counts["findings"] += 1
            first = first or item.message
        else:
            counts["observations"] += 1
            counts["passes"] += item.outcome == "pass"
    used = {"bytes": peak() - before, "seconds": time.process_time() - started}
    print(json.dumps(used | counts | {"first": first}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
