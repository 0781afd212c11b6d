"""Writes the golden result files with the real test runners.

    python tests/producers/produce.py FOLDER [node|python|prompts|go|maven|php …]

Installs the pinned runners (package.json and requirements.txt in samples/) into FOLDER, runs them on the tests in
samples/, and writes their reports to tests/fixtures/results/golden. The machine's paths and host name are replaced,
and the properties that name it are left out. docs/reference/result-files.md says which version made each file.

node and prompts need npm and Node.js 22 or newer, python a package index. go, maven and php use what is installed: Go
and gotestsum, PHPUnit, and Maven with the artifacts of samples/surefire/pom.xml in its local repository.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "fixtures" / "results" / "golden"


_MACHINE = re.compile(r'\n *<property name="(?!java\.specification\.version")[^>]*/>')
"""A system property in a report of Surefire."""


def main(folder: Path, names: Sequence[str]) -> None:
    work = folder.resolve() / "tests"
    shutil.copytree(HERE / "samples", work, dirs_exist_ok=True)
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name in names or PRODUCERS:
        PRODUCERS[name](work)
    for file in GOLDEN.iterdir():
        text = file.read_text(encoding="utf-8").replace(f'"{platform.node()}"', '"runner"')
        text = text.replace(str(work), "/project").replace("../project", "/project").replace(str(GOLDEN), "/project")
        file.write_text(_MACHINE.sub("", text) if file.stem.startswith("surefire") else text, encoding="utf-8")


def node_runners(work: Path) -> None:
    """jest with jest-junit, node:test, vitest, mocha with two reporters, and Playwright."""
    bin_ = npm_programs(work)
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
    tests_of_one_name(work, bin_)


def tests_of_one_name(work: Path, bin_: Path) -> None:
    """Tests of the same names: in two files (node:test and mocha), and in two projects (jest and vitest)."""
    same = work / "same"
    destination = f"--test-reporter-destination={golden('node-files')}"
    run(["node", "--test", "--test-reporter=junit", destination, "a.test.mjs", "b.test.mjs"], same)
    mocha, files = bin_ / "mocha", [same / "a.cjs", same / "b.cjs"]
    run([mocha, "--reporter", "mocha-junit-reporter", *files], work, MOCHA_FILE=golden("mocha-files"))
    run([mocha, "--reporter", "xunit", "--reporter-option", f"output={golden('mocha-xunit-files')}", *files], work)
    output, named = golden("jest-projects"), golden("jest-projects_named")
    run([bin_ / "jest"], same, JEST_JUNIT_OUTPUT_FILE=output)
    run([bin_ / "jest"], same, JEST_JUNIT_OUTPUT_FILE=named, JEST_JUNIT_CLASSNAME="{displayName} {classname}")
    report = f"--outputFile={golden('vitest-projects')}"
    run([bin_ / "vitest", "run", "--reporter=junit", report], same)


def python_runners(work: Path) -> None:
    """pytest, unittest with unittest-xml-reporting, Robot Framework, and behave."""
    bin_ = work.parent / "python" / "bin"
    run([sys.executable, "-m", "venv", str(bin_.parent)], work)
    run([bin_ / "pip", "install", "--quiet", "-r", "requirements.txt"], work)
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
    program = npm_programs(work) / "promptfoo"
    for name in ("good", "bad"):
        command = [program, "eval", "-c", f"promptfoo/{name}.yaml", "--repeat", "2", "--no-cache", "--no-table"]
        run([*command, "-o", golden(f"promptfoo-{name}", ".json")], work, PROMPTFOO_DISABLE_TELEMETRY="1",
            PROMPTFOO_DISABLE_UPDATE="1", PROMPTFOO_CONFIG_DIR=str(work / "promptfoo-home"))  # fmt: skip


def go_runner(work: Path) -> None:
    """gotestsum: also a package that does not compile, one that panics, one that ends with another exit code."""
    for name in ("good", "bad", "broken", "crash", "exit"):
        run(["gotestsum", "--junitfile", golden(f"gotestsum-{name}"), f"./{name}"], work / "go")
    command = ["gotestsum", "--rerun-fails=1", "--packages=./bad", "--junitfile", golden("gotestsum-rerun")]
    run(command, work / "go")


def maven_runner(work: Path) -> None:
    """Maven Surefire, a report for each class; `rerun` with a second attempt of what fails."""
    reports = work / "surefire" / "target" / "surefire-reports"
    for name, tests, reruns in (("good", "Good", 0), ("bad", "Bad", 0), ("broken", "Broken", 0), ("rerun", "Bad", 1)):
        options = [f"-Dtest={tests}Test", f"-Dsurefire.rerunFailingTestsCount={reruns}"]
        run(["mvn", "--offline", "--batch-mode", *options, "test"], work / "surefire")
        (reports / f"TEST-{tests}Test.xml").replace(golden(f"surefire-{name}"))


def php_runner(work: Path) -> None:
    """PHPUnit: also a class without tests."""
    for name in ("good", "bad", "empty"):
        run(["phpunit", "--log-junit", golden(f"phpunit-{name}"), f"{name.title()}Test.php"], work / "phpunit")


PRODUCERS: Mapping[str, Callable[[Path], None]] = {
    "node": node_runners,
    "python": python_runners,
    "prompts": prompt_runner,
    "go": go_runner,
    "maven": maven_runner,
    "php": php_runner,
}


def npm_programs(work: Path) -> Path:
    """The folder of the programs of package.json, installed."""
    run(["npm", "install", "--no-audit", "--no-fund"], work)
    return work / "node_modules" / ".bin"


def golden(name: str, suffix: str = ".xml") -> str:
    """The file for a report."""
    return str(GOLDEN / f"{name}{suffix}")


def run(command: Sequence[object], folder: Path, **environment: str) -> None:
    """Run a program. A test runner whose tests fail exits with 1, so only a missing report is an error."""
    variables: Mapping[str, str] = {**os.environ, **environment}
    subprocess.run([str(part) for part in command], cwd=folder, env=variables, capture_output=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
