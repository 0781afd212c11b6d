"""Memory and time of reading result files: good ones, and those made to use much of both.

    python tests/bench/bench_readers.py [MEBIBYTES]

Prints `name | ours | peer | ratio | budget`. Memory is the growth of the process's peak against the file's size.
Time is CPU time: of a good file against json.loads or ElementTree, of the slowest hostile file against its size.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.hostile_results import SHAPES, numbered  # noqa: E402

MEBIBYTE = 1024 * 1024
CHECK = {"name": "topic_assertion", "expectedValue": "Refunds", "result": "PASS", "score": 1, "status": "COMPLETED"}
GRADED = {"pass": True, "score": 1, "reason": "All assertions passed", "componentResults": [{"pass": True}] * 4}


def center_case(number: int) -> str:
    data = {"outcome": "It arrives on Tuesday, at the latest. " * 40, "topic": "Shipments"}
    case = {"testNumber": number, "status": "COMPLETED", "testResults": [CHECK] * 8, "generatedData": data}
    return json.dumps(case)


def promptfoo_result(number: int) -> str:
    variables = {"question": f"Where is parcel {number}? " * 20}
    return json.dumps(
        {
            "success": True,
            "vars": variables,
            "testCase": {"vars": variables},
            "gradingResult": GRADED,
            "latencyMs": 900,
        }
    )


def junit_case(number: int) -> str:
    log = "It arrives on Tuesday. " * 30
    return f'<testcase name="case {number}" classname="answers"><system-out>{log}</system-out></testcase>'


GOOD = {
    "Testing Center.json": numbered('{"status":"COMPLETED","subjectName":"a","testCases":[', center_case, "]}", ","),
    "promptfoo.json": numbered('{"results":{"results":[', promptfoo_result, "]}}", ","),
    "JUnit.xml": numbered('<testsuite name="answers">', junit_case, "</testsuite>"),
}


def main() -> None:
    size = int(float(sys.argv[1]) * MEBIBYTE) if len(sys.argv) > 1 else 8 * MEBIBYTE
    with tempfile.TemporaryDirectory() as folder:
        for name, shape in GOOD.items():
            file = Path(folder) / name
            file.write_bytes(shape(size))
            used = read(file)
            report_memory(name, used)
            peer, parser = (parse_json, "json.loads") if file.suffix == ".json" else (parse_xml, "ElementTree")
            ours, theirs = used["seconds"], seconds(peer, file)
            print(f"read {name}, time | {ours:.2f} s | {theirs:.2f} s ({parser}) | {ours / theirs:.2f} | -")
        hostile = {}
        for name, shape in SHAPES.items():
            file = Path(folder) / name
            file.write_bytes(shape(size))
            hostile[name] = read(file)
            file.unlink()
    largest = max(hostile, key=lambda name: hostile[name]["bytes"] / hostile[name]["size"])
    report_memory(f"the worst of {len(hostile)} hostile files, {largest}", hostile[largest])
    slowest = max(hostile, key=lambda name: float(hostile[name]["seconds"]))
    spent, length = hostile[slowest]["seconds"], hostile[slowest]["size"] / MEBIBYTE
    name = f"read the slowest of {len(hostile)} hostile files, {slowest}"
    print(f"{name} | {spent:.2f} s | {length:.1f} MiB (file) | {spent / length:.2f} s per MiB | -")


def report_memory(name: str, used: dict[str, Any]) -> None:
    ours, theirs = used["bytes"] / MEBIBYTE, used["size"] / MEBIBYTE
    print(f"read {name}, memory | {ours:.1f} MiB | {theirs:.1f} MiB (file) | {ours / theirs:.2f} | <= 3.0")


def read(file: Path) -> dict[str, Any]:
    """What reading it took, in a process of its own."""
    command = [sys.executable, str(ROOT / "tests" / "support" / "reading.py"), str(file)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    used: dict[str, Any] = json.loads(done.stdout)
    return used | {"size": file.stat().st_size}


def seconds(parse: Callable[[Path], object], file: Path) -> float:
    started = time.process_time()
    parse(file)
    return time.process_time() - started


def parse_json(file: Path) -> object:
    return json.loads(file.read_bytes())


def parse_xml(file: Path) -> object:
    return ElementTree.parse(file)


if __name__ == "__main__":
    main()
