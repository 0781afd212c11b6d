"""The gate on a million observations, against parsing every line alone; and its memory, which stays flat.

    python tests/bench/bench_gate.py [OBSERVATIONS]

Prints `name | ours | peer | ratio | budget`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

TESTS = (
    "case-summary-quality",
    "escalation-policy-compliance",
    "shipment-api-timeout-fallback",
    "pii-redaction-check",
)
CASES = 25
DEFINITION = (
    '<AiEvaluationDefinition xmlns="http://soap.sforce.com/2006/04/metadata"><subjectName>Support_Agent</subjectName>'
    + "".join(f"<testCase><number>{number}</number></testCase>" for number in range(1, CASES + 1))
    + "</AiEvaluationDefinition>"
)
ROOT = Path(__file__).parents[2]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        large, small = root / "large.jsonl", root / "small.jsonl"
        write(large, count)
        write(small, count // 10)
        write_release(root, count)
        peer = seconds(lambda: parse(large))
        ours, large_memory = gate(root, large)
        write_release(root, count // 10)
        _, small_memory = gate(root, small)
    print(f"gate, {count:,} observations | {ours:.2f} s | {peer:.2f} s (json.loads) | {ours / peer:.2f} | <= 2.0")
    print(
        f"gate, peak memory at {count:,} against {count // 10:,} | {large_memory:.1f} MiB | {small_memory:.1f} MiB | "
        f"{large_memory / small_memory:.2f} | flat"
    )


def write(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as stream:
        for index in range(count):
            run, case = divmod(index, len(TESTS) * CASES)
            observation = {
                "suite": "production-readiness",
                "test": TESTS[case % len(TESTS)],
                "case": str(case // len(TESTS) + 1),
                "run": run + 1,
                "outcome": "fail" if index % 97 == 0 else "pass",
                "latency": 900 + index * 7919 % 4000,
                "subject": {"commit": "0f" * 20, "environment": "uat"},
                "runner": "testing-center",
                "runId": f"4KB{run:012}",
                "time": "2026-11-20T10:00:00Z",
            }
            stream.write(json.dumps(observation, separators=(",", ":")) + "\n")


def write_release(root: Path, count: int) -> None:
    given = ROOT / "tests/examples/valid/given"
    packs = root / "agentforce/packs"
    packs.mkdir(parents=True, exist_ok=True)
    (root / "agentforce/release.yml").write_bytes((given / "release.yml").read_bytes())
    pack = json.loads((given / "packs/production-readiness.json").read_bytes())
    pack["runs"] = count // (len(TESTS) * CASES)
    (packs / "production-readiness.json").write_text(json.dumps(pack), encoding="utf-8")
    (root / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}', encoding="utf-8")
    for test in TESTS:
        place = root / f"force-app/aiEvaluationDefinitions/{test}.aiEvaluationDefinition-meta.xml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(DEFINITION, encoding="utf-8")


def parse(path: Path) -> None:
    with path.open("rb") as stream:
        for line in stream:
            json.loads(line)


def gate(root: Path, observations: Path) -> tuple[float, float]:
    """Seconds of the whole process, and its peak memory in MiB."""
    command = [sys.executable, "-m", "wavegate", "gate", "production", "--root", str(root)]
    command += ["--observations", str(observations), "--commit", "0f" * 20, "--output", str(root / "decision.json")]
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}
    ) as process:
        shown = process.stdout.read().decode() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 or "(25 cases by force-app/" not in shown:
        raise SystemExit(f"The gate did not pass, or did not count the declared cases:\n{shown}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def seconds(action: Callable[[], None]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
