"""Runs one git command at a time, safely in a hostile repository or environment.

Of a checkout's own configuration only facts count (`configuration.py`): no filter, hook, ssh command, credential
helper, proxy or other program that it names is run, and no server but its remotes' is asked. The configuration of the
user and of the machine counts as always. The caller's GIT_* variables are disabled, nothing prompts, git gets none of
our secrets, and every call has a timeout.
"""

import base64
import os
import shutil
import signal
import subprocess
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Event, Timer
from typing import IO
from urllib.parse import urlsplit

from wavegate.child_environment import for_git
from wavegate.errors import InputError, ServiceError
from wavegate.git.configuration import own_settings
from wavegate.git.isolation import make_common_folder, work_tree
from wavegate.text import one_line

LOCAL_TIMEOUT = 120.0
"""Seconds for a call that works on local objects."""
_CONFIG = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.protectNTFS=false",
    "gc.auto=0",
    "i18n.logOutputEncoding=UTF-8",
    "log.showSignature=false",
    "protocol.ext.allow=never",
)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A token for fetching, and the only server that it is sent to.

    server_url: such as `https://github.com`. repository: `owner/name` to fetch from; '' for the checkout's `origin`.
    """

    server_url: str
    token: str
    repository: str = ""

    @property
    def source(self) -> str:
        """Where commits are fetched from: a URL, or the name of a remote."""
        return f"{self.server_url}/{self.repository}.git" if self.repository else "origin"

    def configuration(self) -> dict[str, str]:
        """Environment variables that make git send the token to this server only."""
        server = urlsplit(self.server_url)
        if not self.token or server.scheme not in {"http", "https"}:
            return {}
        key = f"http.{server.scheme}://{server.netloc}/.extraheader"
        basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        # the empty value clears a header that a checkout step may have left; GitHub answers two headers with 400
        values = ("", f"AUTHORIZATION: basic {basic}")
        return {"GIT_CONFIG_COUNT": str(len(values))} | {
            name: text
            for index, value in enumerate(values)
            for name, text in ((f"GIT_CONFIG_KEY_{index}", key), (f"GIT_CONFIG_VALUE_{index}", value))
        }


class GitProcess:
    """Runs git in a folder.

    credentials: for anything git fetches, including a partial clone's files; never shown. trusted: the repository, if
    there is one, was made by this process, so that its configuration counts as it is.
    """

    def __init__(self, root: Path, *, credentials: Credentials | None = None, trusted: bool = False) -> None:
        self._root = root
        self._trusted = trusted
        self._secret = credentials.token if credentials else ""
        self._access = credentials.configuration() if credentials else {}

    def text(self, *arguments: str) -> str:
        """Run one git command and return its output, without the trailing line feed."""
        return self.run(*arguments).decode("utf-8", "surrogateescape").removesuffix("\n")

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        extra: Mapping[str, str] | None = None,
        timeout: float = LOCAL_TIMEOUT,
    ) -> bytes:
        """Run one git command and return its output. timeout: in seconds. ServiceError if it fails or times out."""
        with tempfile.TemporaryFile() as reply:
            self.run_into(reply, *arguments, stdin=stdin, extra=extra, timeout=timeout)
            reply.seek(0)
            return reply.read()

    def run_into(
        self,
        reply: IO[bytes],
        *arguments: str,
        stdin: bytes = b"",
        extra: Mapping[str, str] | None = None,
        timeout: float = LOCAL_TIMEOUT,
    ) -> None:
        """Run one git command with its output in a file, so that large output needs no memory."""
        with tempfile.TemporaryFile() as request, tempfile.TemporaryFile() as errors:
            request.write(stdin)
            request.seek(0)
            process = self.start(arguments, stdin=request, stdout=reply, stderr=errors, extra=extra)
            try:
                with killed_after(process, timeout, name=arguments[0]):
                    code = process.wait()
            finally:
                kill(process)
            if code:
                raise self.failure(arguments[0], errors)

    def start(
        self,
        arguments: Sequence[str],
        *,
        stdin: IO[bytes] | int,
        stdout: IO[bytes] | int,
        stderr: IO[bytes],
        extra: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start one git command."""
        settings = [part for setting in _CONFIG for part in ("-c", setting)]
        repository = self._repository
        try:
            return subprocess.Popen(
                ["git", "--no-pager", *settings, "-C", str(self._root), *arguments],
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env={**_environment(), **repository, **self._access, **(extra or {})},
                # a new session has no terminal to prompt on, and can be killed with its children
                start_new_session=True,
            )
        except OSError as error:
            raise InputError(f"git cannot be run: {error.strerror}.", fix="Install git 2.29 or newer.") from None

    @cached_property
    def _repository(self) -> Mapping[str, str]:
        """Variables that lead git to the repository around the folder, past its configuration and hooks."""
        if self._trusted:
            return {}
        # neither of these runs anything; git checks here that the repository belongs to this user
        plain = GitProcess(self._root, trusted=True)
        folder = Path(plain.text("rev-parse", "--absolute-git-dir"))
        listing = plain.run("config", "--list", "-z", "--show-scope").decode("utf-8", "surrogateescape")
        common = make_common_folder(folder, own_settings(listing), within=_job_folder())
        weakref.finalize(self, shutil.rmtree, common, ignore_errors=True)
        top = work_tree(self._root, folder)
        return {
            "GIT_DIR": str(folder),
            "GIT_COMMON_DIR": str(common),
            **({"GIT_WORK_TREE": str(top)} if top else {}),
        }

    def failure(self, name: str, errors: IO[bytes]) -> ServiceError:
        """The error of a command that failed. errors: what it wrote to standard error."""
        errors.seek(0)
        text = errors.read(65536).decode("utf-8", "replace")
        lines = [line for line in text.splitlines() if line.strip()] or ["it gave no reason"]
        reason = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
        reason = reason.replace(self._secret, "***") if self._secret else reason
        return ServiceError(
            f"git {name} failed: {one_line(reason)}", fix="Check the repository and its origin, then retry."
        )


@contextmanager
def killed_after(process: subprocess.Popen[bytes], seconds: float, *, name: str) -> Iterator[None]:
    """Kill a process if the block takes longer than this, and raise ServiceError at its end. name: of the command."""
    late = Event()

    def end() -> None:
        late.set()
        kill(process)

    # a wait with a timeout polls, which costs more than most commands take
    timer = Timer(seconds, end)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if late.is_set():
            raise ServiceError(f"git {name} took longer than {seconds:.0f} seconds.", fix="Run the command again.")


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process with its children, if it still runs."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _job_folder() -> str | None:
    """The folder that the runner empties after a job; None without one.

    The settings may hold a checkout's token, and a job that is cancelled removes nothing.
    """
    folder = os.environ.get("RUNNER_TEMP", "")
    return folder if Path(folder).is_absolute() and os.access(folder, os.W_OK | os.X_OK) else None


def _environment() -> dict[str, str]:
    return {
        # `url = any::address` would run git-remote-any
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        **for_git(os.environ),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }
