"""Writes the golden result files with the real test runners.

    python tests/producers/produce.py FOLDER

Installs the pinned runners (package.json and requirements.txt in samples/) into FOLDER, runs them on the tests in
samples/, and writes their reports to tests/fixtures/results/golden. The machine's paths and host name are replaced.
Needs npm, Node.js 22 or newer and a package index.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "fixtures" / "results" / "golden"


def main(folder: Path) -> None:
    shutil.copytree(HERE / "samples", folder / "tests", dirs_exist_ok=True)
    work, python = folder / "tests", folder / "python"
    run(["npm", "install", "--no-audit", "--no-fund"], work)
    run([sys.executable, "-m", "venv", str(python)], folder)
    run([str(python / "bin/pip"), "install", "--quiet", "-r", "requirements.txt"], work)
    shutil.rmtree(GOLDEN, ignore_errors=True)
    GOLDEN.mkdir(parents=True)
    node_runners(work)
    python_runners(work, python / "bin")
    prompt_runner(work)
    for file in GOLDEN.iterdir():
        text = file.read_text(encoding="utf-8").replace(f'"{platform.node()}"', '"runner"')
        file.write_text(text.replace(str(work), "/project").replace("../project", "/project"), encoding="utf-8")


def node_runners(work: Path) -> None:
    """jest with jest-junit, node:test, vitest, mocha with two reporters, and Playwright."""
    bin_ = work / "node_modules" / ".bin"
    for name, pattern in (("good", "good"), ("bad", "bad"), ("todo", "todo"), ("unparsable", "(good|broken)")):
        jest = [bin_ / "jest", "--rootDir", ".", "--testRegex", f"{pattern}.test.js", "--reporters=jest-junit"]
        run(jest, work / "jest", JEST_JUNIT_OUTPUT_FILE=golden(f"jest-{name}"))
    for name in ("good", "bad", "parent"):
        destination = f"--test-reporter-destination={golden(f'node-{name}')}"
        run(["node", "--test", "--test-reporter=junit", destination, f"{name}.test.mjs"], work / "node")
    for name in ("good", "bad", "unhandled"):
        report = f"--outputFile={golden(f'vitest-{name}')}"
        run([bin_ / "vitest", "run", "--reporter=junit", report, f"{name}.test.mjs"], work / "vitest")
    for name in ("good", "bad"):
        file = work / "mocha" / f"{name}.cjs"
        run([bin_ / "mocha", "--reporter", "mocha-junit-reporter", file], work, MOCHA_FILE=golden(f"mocha-{name}"))
        output = f"output={golden(f'mocha-xunit-{name}')}"
        run([bin_ / "mocha", "--reporter", "xunit", "--reporter-option", output, file], work)
    for name, spec, retries in (("good", "good", "0"), ("bad", "bad", "0"), ("retries", "bad", "1")):
        output = golden(f"playwright-{name}")
        run([bin_ / "playwright", "test", f"{spec}.spec.mjs"], work / "playwright", OUTPUT=output, RETRIES=retries)


def python_runners(work: Path, bin_: Path) -> None:
    """pytest, unittest with unittest-xml-reporting, Robot Framework, and behave."""
    pytest = [bin_ / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    for name in ("good", "bad", "subtests", "failed_subtests"):
        run([*pytest, f"pytest/{name}.py", f"--junitxml={golden(f'pytest-{name}')}"], work)
    run([*pytest, "--reruns", "1", "pytest/rerun.py", f"--junitxml={golden('pytest-rerun')}"], work)
    run([bin_ / "python", "-m", "xmlrunner", "-o", "reports", "answers"], work / "unittest")
    (report,) = (work / "unittest" / "reports").iterdir()
    report.rename(golden("unittest"))
    nothing = [part for option in ("output", "log", "report") for part in (f"--{option}", "NONE")]
    run([bin_ / "robot", *nothing, "--xunit", golden("robot"), "robot/answers.robot"], work)
    run([bin_ / "behave", "--junit", "--junit-directory", "reports", "behave", "--tags=not @skip"], work)
    (work / "reports" / "TESTS-answers.xml").rename(golden("behave"))


def prompt_runner(work: Path) -> None:
    """promptfoo, each test twice."""
    program = work / "node_modules" / ".bin" / "promptfoo"
    for name in ("good", "bad"):
        command = [program, "eval", "-c", f"promptfoo/{name}.yaml", "--repeat", "2", "--no-cache", "--no-table"]
        run([*command, "-o", golden(f"promptfoo-{name}", ".json")], work, PROMPTFOO_DISABLE_TELEMETRY="1",
            PROMPTFOO_DISABLE_UPDATE="1", PROMPTFOO_CONFIG_DIR=str(work / "promptfoo-home"))  # fmt: skip


def golden(name: str, suffix: str = ".xml") -> str:
    """The file for a report."""
    return str(GOLDEN / f"{name}{suffix}")


def run(command: Sequence[object], folder: Path, **environment: str) -> None:
    """Run a program. A test runner whose tests fail exits with 1, so only a missing report is an error."""
    variables: Mapping[str, str] = {**os.environ, **environment}
    subprocess.run([str(part) for part in command], cwd=folder, env=variables, capture_output=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
