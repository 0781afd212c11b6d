"""Start a wavegate command: `python3 launch.py COMMAND …`, on a machine that has only Python 3.11 or newer.

The hash-locked dependencies are installed once per machine, into a folder named after a digest of the lock
and the interpreter. An installation is used only if no other user of the machine can change it, and if it is
as it was installed. Then the command runs in this same process. Standard library only.

Exit codes: the command's own; 2 if Python is too old or the system is neither Linux nor macOS; 4 if the
dependencies cannot be installed.
"""

import os
import sys
import time
from typing import NoReturn


def stop(message: str, fix: str, code: int) -> NoReturn:
    """Report one error in the caller's format, and exit."""
    text = f"{message}\n{fix}"
    try:
        if os.environ.get("GITHUB_ACTIONS") == "true":
            escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
            print(f"::error title=wavegate::{escaped}", flush=True)
        else:
            print(f"wavegate: {text}", file=sys.stderr)
    except (OSError, UnicodeError):
        pass  # nobody can read it; the exit code remains
    sys.exit(code)


# an old Python 3 must be able to run the code above and parse the whole file, or it never shows this message
if sys.version_info < (3, 11):  # noqa: UP036
    stop(
        f"wavegate needs Python 3.11 or newer; this is Python {sys.version.split()[0]} at {sys.executable}.",
        "Put actions/setup-python with python-version 3.11 or newer before this step, or install a newer python3.",
        2,
    )

if os.name != "posix":
    stop("wavegate runs on Linux and macOS; this is another system.", "Use an ubuntu or macos runner, or WSL.", 2)

import hashlib  # noqa: E402
import stat  # noqa: E402
from pathlib import Path  # noqa: E402

ROOT = Path(__file__).resolve().parent
LOCK, COMPLETE = ROOT / "requirements.lock", ".complete"
CODE = {".py", ".pyc", ".so"}
INSTALLER_SECONDS, LEFTOVER_SECONDS = 600, 3600


def main() -> int:
    """Ensure that the dependencies are installed, run the command in the arguments, and return its exit code."""
    # whatever is installed, only this user may change
    previous = os.umask(0o022)
    os.umask(previous | 0o022)
    try:
        site = dependencies()
    except OSError as error:
        stop(f"wavegate could not be installed; nothing was run: {error}", "Check the disk and its permissions.", 4)
    finally:
        os.umask(previous)
    sys.path[:0] = [str(ROOT / "src"), str(site)]
    from wavegate.__main__ import main as command_line

    return command_line()


def dependencies() -> Path:
    """The folder with the dependencies, in the first cache that will do; they are installed now if missing."""
    name = installation_name()
    notices = []
    for folder in cache_folders():
        problem = exposure(folder, folder / name)
        if not problem and is_unchanged(folder / name):
            return folder / name
        problem = problem or obstacle(folder, folder / name)
        if not problem:
            break
        notices.append(f"not using {folder}, because {problem}.")
    else:
        notices.append("installing the dependencies for this command only; set WAVEGATE_CACHE to a folder of yours.")
        folder = temporary_folder()
    for notice in notices:
        say(notice)
    return install(name, folder)


def obstacle(cache: Path, site: Path) -> str:
    """Why nothing can be installed in a cache, for a message; otherwise '', and the folder exists."""
    import tempfile

    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache):
            pass
    except OSError as error:
        return f"it cannot be written: {error.strerror}"
    return exposure(cache, site)


def temporary_folder() -> Path:
    """A folder for this process alone."""
    import atexit
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="wavegate-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def exposure(cache: Path, site: Path) -> str:
    """How another user could change an installation in a cache, for a message; '' if none could, or nothing is there.

    cache: without symbolic links. The owner of this file is trusted: whoever that is decides what runs here. In a
    container's job, it is the user of the runner.
    """
    trusted = {0, os.geteuid(), Path(__file__).stat().st_uid}
    try:
        for place in (*reversed(cache.parents), cache, site):
            status = place.lstat()
            if status.st_uid not in trusted:
                return f"{place} belongs to user {status.st_uid}"
            if status.st_mode & exposing_bits(status, is_parent=place not in (cache, site)):
                return f"other users may change {place}"
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        return f"{error.filename} cannot be examined: {error.strerror}"
    return ""


def exposing_bits(status: os.stat_result, *, is_parent: bool) -> int:
    """The permissions of a folder that let another user replace what is in it."""
    if is_parent and status.st_mode & stat.S_ISVTX:
        return 0
    # many systems give each user a group of the same number, and a umask that lets it write
    return 0o002 if is_parent and status.st_gid == status.st_uid else 0o022


def is_unchanged(site: Path) -> bool:
    """Whether an installation is complete and its code as it was installed.

    A file with the size and time of then is not read. This finds what a crash or a cleaner did; another user is kept
    out by `exposure`.
    """
    try:
        lines = (site / COMPLETE).read_text(encoding="utf-8").splitlines()
        for line in lines:
            digest, size, modified, path = line.split(" ", 3)
            status = os.stat(f"{site}/{path}")  # noqa: PTH116 - a Path for each of hundreds of files costs more
            if status.st_size != int(size):
                return False
            if status.st_mtime_ns != int(modified) and digest != file_digest(site / path):
                return False
    except (OSError, ValueError):
        return False
    return bool(lines)


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def installation_name() -> str:
    """A folder name that identifies an installation: a digest of the lock and of the exact interpreter build."""
    build = (sys.version, sys.platform, getattr(sys, "abiflags", ""), getattr(sys.implementation, "_multiarch", ""))
    digest = hashlib.sha256(LOCK.read_bytes() + "\0".join(build).encode()).hexdigest()
    return f"{sys.implementation.cache_tag}-{digest[:20]}"


def cache_folders() -> list[Path]:
    """Folders for installations, best first. A relative one, which depends on the caller, is left out."""
    own, tools, job = (os.environ.get(name, "") for name in ("WAVEGATE_CACHE", "RUNNER_TOOL_CACHE", "RUNNER_TEMP"))
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - Path.home() may raise
    folders = [Path(own) if own else Path(tools, "wavegate"), Path(cache, "wavegate"), Path(job, "wavegate")]
    return [Path(os.path.realpath(folder)) for folder in folders if folder.is_absolute()]


def install(name: str, folder: Path) -> Path:
    """Install the lock in a temporary folder, then rename it into place. If two run at once, the first one wins."""
    import shutil
    import tempfile

    sweep(folder)
    say(f"installing the locked dependencies, once for this machine, in {folder} …")
    aside = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    try:
        install_lock(aside)
        site = aside / "site"
        protect(site)
        put_into_place(site, folder / name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder / name


def protect(site: Path) -> None:
    """Take other users' write permission from what was installed, and record the code, last of all."""
    lines = []
    for folder, _, names in os.walk(site):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            path.chmod(path.stat().st_mode & ~0o022)
        for path in (Path(folder, name) for name in sorted(names)):
            status = path.stat()
            if path.suffix in CODE:
                place = path.relative_to(site)
                lines.append(f"{file_digest(path)} {status.st_size} {status.st_mtime_ns} {place}\n")
    (site / COMPLETE).write_text("".join(lines), encoding="utf-8")


def put_into_place(site: Path, target: Path) -> None:
    """Rename the finished installation to its name, unless a complete one is there already."""
    try:
        if target.exists() and not is_unchanged(target):
            target.rename(site.parent / "broken")
        site.rename(target)
    except OSError:
        if exposure(target.parent, target) or not is_unchanged(target):
            raise


def sweep(folder: Path) -> None:
    """Remove the leftovers of crashed installations. One in progress is younger than an hour."""
    import shutil
    from contextlib import suppress

    for leftover in folder.glob(".making-*"):
        with suppress(FileNotFoundError):
            if time.time() - leftover.stat().st_mtime > LEFTOVER_SECONDS:
                shutil.rmtree(leftover, ignore_errors=True)


def install_lock(aside: Path) -> None:
    """Install the lock into `aside/site` with the first installer that works: uv, pip, or the pip of a new venv."""
    import importlib.util
    import shutil

    # only wheels, checked by hash: nothing that is downloaded runs during the installation
    site = aside / "site"
    options = ["--no-deps", "--require-hashes", "--only-binary=:all:", f"--target={site}", f"--requirement={LOCK}"]
    python, uv = sys.executable, shutil.which("uv")
    with_pip = ["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", *options]
    with_uv = ["pip", "install", "--quiet", "--compile-bytecode", "--link-mode=copy", "--python", python, *options]
    installers = [[[uv, *with_uv]]] if uv else []
    if importlib.util.find_spec("pip"):
        installers.append([[python, *with_pip]])
    else:
        own = aside / "venv" / "bin" / "python"
        installers.append([[python, "-I", "-m", "venv", str(aside / "venv")], [str(own), *with_pip]])
    failures = []
    for commands in installers:
        failure = first_failure(commands, aside)
        if not failure:
            return
        failures.append(failure)
        shutil.rmtree(site, ignore_errors=True)
    stop(
        "wavegate's dependencies could not be installed; nothing was run. Tried:\n" + "\n".join(failures),
        "Check that the package index is reachable and that uv or pip is installed; then rerun the step.",
        4,
    )


def first_failure(commands: list[list[str]], folder: Path) -> str:
    """Run commands in order; '' if all succeed, otherwise the command that failed and its last line of output.

    folder: where they run. A pyproject.toml or uv.toml in the caller's folder would configure the installer.
    """
    from subprocess import DEVNULL, PIPE, STDOUT, TimeoutExpired, run

    # an installer has settings of many names, but no use for these
    secrets = ("ACTIONS_", "GITHUB_", "GH_", "INPUT_", "SF_", "SFDX_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(secrets)}
    for command in commands:
        failed = f"- {' '.join(command[:5])}"
        try:
            done = run(
                command,
                cwd=folder,
                env=environment,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=STDOUT,
                timeout=INSTALLER_SECONDS,
            )
        except (OSError, TimeoutExpired) as error:
            return f"{failed}: {error}"
        if done.returncode:
            lines = done.stdout.decode(errors="replace").strip().splitlines()
            return f"{failed}: exit {done.returncode}: {lines[-1][:300] if lines else 'no message'}"
    return ""


def say(text: str) -> None:
    """Print progress to standard error, which keeps the command's own output clean."""
    from contextlib import suppress

    with suppress(OSError):
        print(f"wavegate: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
