"""Runs one git command at a time, safely in a hostile repository or environment.

Hooks and the caller's GIT_* variables are disabled, nothing prompts, git inherits none of our secrets,
and every call has a timeout.
"""

import base64
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from wavegate.errors import InputError, ServiceError
from wavegate.text import one_line

LOCAL_TIMEOUT = 120.0
"""Seconds for a call that works on local objects."""
# kept: git's variables for configuration, server access and identity; the rest could select another repository
_KEPT = {
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_EXEC_PATH",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
}
_SECRETS = ("GITHUB_TOKEN", "ACTIONS_", "SF_", "SFDX_")
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
    """Runs git in a folder. credentials: for anything git fetches, including a partial clone's files; never shown."""

    def __init__(self, root: Path, *, credentials: Credentials | None = None) -> None:
        self._root = root
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
            process = self._start(arguments, request, reply, errors, extra or {})
            try:
                code = process.wait(timeout)
            except subprocess.TimeoutExpired:
                raise ServiceError(
                    f"git {arguments[0]} took longer than {timeout:.0f} seconds.", fix="Run the command again."
                ) from None
            finally:
                _kill(process)
            errors.seek(0)
            if code:
                raise self._failure(arguments[0], errors.read(65536).decode("utf-8", "replace"))

    def _start(
        self,
        arguments: Sequence[str],
        request: IO[bytes],
        reply: IO[bytes],
        errors: IO[bytes],
        extra: Mapping[str, str],
    ) -> subprocess.Popen[bytes]:
        settings = [part for setting in _CONFIG for part in ("-c", setting)]
        try:
            return subprocess.Popen(
                ["git", *settings, "-C", str(self._root), *arguments],
                stdin=request,
                stdout=reply,
                stderr=errors,
                env={**_environment(), **self._access, **extra},
                # a new session has no terminal to prompt on, and can be killed with its children
                start_new_session=True,
            )
        except OSError as error:
            raise InputError(f"git cannot be run: {error.strerror}.", fix="Install git 2.29 or newer.") from None

    def _failure(self, name: str, errors: str) -> ServiceError:
        lines = [line for line in errors.splitlines() if line.strip()] or ["it gave no reason"]
        reason = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
        reason = reason.replace(self._secret, "***") if self._secret else reason
        return ServiceError(
            f"git {name} failed: {one_line(reason)}", fix="Check the repository and its origin, then retry."
        )


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if (not name.startswith("GIT_") or name in _KEPT) and not name.startswith(_SECRETS)
    }
    return kept | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }
