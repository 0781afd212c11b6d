"""One run of the Salesforce CLI, `sf`, and the JSON that it prints."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wavegate.errors import InputError, UncertainError
from wavegate.text import one_line

LEAST_NODE = 22
"""Older versions crash on every call that reaches an org."""
LEAST_CLI = 2
INSTALL = f"Install it before this step: npm install --global @salesforce/cli@{LEAST_CLI} on Node.js {LEAST_NODE}."
_SECONDS = 15 * 60.0


def run_sf(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    clean: Callable[[str], str] = str,
    seconds: float = _SECONDS,
) -> dict[str, Any]:
    """Run a command and return its JSON, whatever its exit code.

    environment: all of its variables. clean: removes secrets from its messages. InputError: there is no CLI, or it
    cannot be started. UncertainError: it did not end, or printed no JSON.
    """
    program = shutil.which("sf")
    if program is None:
        raise InputError("There is no Salesforce CLI (`sf`) on the PATH.", fix=INSTALL)
    try:
        done = subprocess.run(
            [program, *arguments, "--json"], cwd=folder, env=environment, capture_output=True, timeout=seconds,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UncertainError(
            f"`sf {arguments[0]}` did not finish within {seconds / 60:.0f} minutes.", fix=_AGAIN
        ) from None
    except OSError as error:
        raise InputError(
            f"`sf` cannot be started in {one_line(str(folder), 200)}: {error.strerror}.", fix=INSTALL
        ) from None
    return _answer(arguments, done, clean)


def _answer(
    arguments: Sequence[str], done: subprocess.CompletedProcess[bytes], clean: Callable[[str], str]
) -> dict[str, Any]:
    # a plugin or Node.js may print a warning first
    start = re.search(rb"^\{", done.stdout, re.MULTILINE)
    try:
        answer = json.loads(done.stdout[start.start() :]) if start else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        detail = clean(done.stderr.decode("utf-8", "replace")).strip()
        raise UncertainError(
            f"`sf {' '.join(arguments[:3])}` exited with {done.returncode} and no JSON: "
            f"{one_line(detail[-300:]) or 'no message'}",
            fix=_AGAIN,
        )
    return answer


_AGAIN = "Run the command again: it looks for the deployment first."
