"""The GitHub Actions runner: workflow commands, outputs, step summary and the run's own facts.

Everything written here may hold hostile text, so every channel has its own escaping: workflow commands by the
toolkit's rules, outputs by a random delimiter. Outside Actions the same calls print readable text, and outputs are
discarded.
Source: docs.github.com "Workflow commands for GitHub Actions".
"""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wavegate.cli.output import decided, lose
from wavegate.errors import InputError
from wavegate.text import clip, one_line

SUMMARY_LIMIT = 1024 * 1024
"""Bytes of a step summary; GitHub discards a longer one entirely."""
MESSAGE_LIMIT = 4096
"""Characters of an annotation's message; GitHub truncates the rest."""
_CUT = b"\n\n*Truncated: a step summary is limited to 1 MiB.*\n"


@dataclass(frozen=True, kw_only=True)
class Run:
    """The workflow run that this process is part of; empty strings outside Actions."""

    repository: str
    sha: str
    ref: str
    run_id: str
    run_attempt: str
    actor: str
    workflow: str
    server_url: str
    api_url: str
    graphql_url: str

    @property
    def pull_request(self) -> int | None:
        """The number of the pull request that triggered the run; None if that was something else."""
        match = re.fullmatch(r"refs/pull/([0-9]{1,18})/(?:merge|head)", self.ref)
        return int(match[1]) if match else None

    @property
    def url(self) -> str:
        """The run's page, or '' outside Actions."""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}" if self.run_id else ""

    @property
    def attempt_url(self) -> str:
        """The page of this attempt of the run, or '' outside Actions."""
        return f"{self.url}/attempts/{self.run_attempt}" if self.url and self.run_attempt.isdecimal() else self.url


def current_run(environment: Mapping[str, str] = os.environ) -> Run:
    """The run, from its GITHUB_* variables."""

    def read(name: str, default: str = "") -> str:
        return environment.get(f"GITHUB_{name}", "") or default

    return Run(
        repository=read("REPOSITORY"),
        sha=read("SHA"),
        ref=read("REF"),
        run_id=read("RUN_ID"),
        run_attempt=read("RUN_ATTEMPT"),
        actor=read("ACTOR"),
        workflow=read("WORKFLOW"),
        server_url=read("SERVER_URL", "https://github.com"),
        api_url=read("API_URL", "https://api.github.com"),
        graphql_url=read("GRAPHQL_URL", "https://api.github.com/graphql"),
    )


def acting_user(environment: Mapping[str, str] = os.environ) -> str:
    """Login of the user who started this attempt of the run, maybe not the first one; '' outside Actions."""
    return environment.get("GITHUB_TRIGGERING_ACTOR") or current_run(environment).actor


def work_folder(root: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where wavegate keeps its own files: in the runner's temporary folder, else in the checkout."""
    return Path(environment.get("RUNNER_TEMP") or root) / ".wavegate"


def in_actions(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a GitHub Actions runner started this process."""
    return environment.get("GITHUB_ACTIONS") == "true"


def is_dispatched(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a person started this run on purpose: with a workflow's form, or outside Actions.

    An option that bypasses a rule counts only then; one that is committed to a workflow would bypass it for good.
    """
    return not in_actions(environment) or environment.get("GITHUB_EVENT_NAME") == "workflow_dispatch"


def escape_data(text: str) -> str:
    """Text as the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Text as a property of a workflow command."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def workflow_command(name: str, message: str, **properties: str | int | None) -> str:
    """One workflow command, without the properties that are None."""
    given = ",".join(f"{key}={escape_property(str(value))}" for key, value in properties.items() if value is not None)
    return f"::{name}{' ' + given if given else ''}::{escape_data(clip(message, MESSAGE_LIMIT))}"


def announce(
    message: str,
    *,
    fix: str = "",
    file: str | None = None,
    line: int | None = None,
    column: int | None = None,
    to_log: bool = True,
) -> None:
    """Report one error: an annotation in Actions, two lines on stderr elsewhere.

    to_log: whether the annotation goes to standard output. The runner reads both streams, so if standard output is a
    report for programs, the annotation goes to standard error.
    """
    text = f"{message}\n{fix}" if fix else message
    if in_actions():
        command = workflow_command("error", text, file=file, line=line, col=column, title="wavegate")
        print(command, file=sys.stdout if to_log else sys.stderr, flush=True)
        return
    place = ":".join(str(part) for part in (file, line, column) if part is not None)
    print(f"wavegate: {one_line(place) + ': ' if place else ''}{one_line(message)}", file=sys.stderr)
    if fix:
        print(f"  → {one_line(fix)}", file=sys.stderr)


def warn(message: str, *, fix: str) -> None:
    """Print a warning: an annotation in Actions, else a line on standard error."""
    if in_actions():
        print(workflow_command("warning", f"{message}\n{fix}", title="wavegate"), flush=True)
    else:
        print(f"wavegate: {one_line(message)}\n  → {one_line(fix)}", file=sys.stderr)


def mask(secret: str) -> None:
    """Have the runner replace a secret with *** in this job's log from now on."""
    if secret and in_actions():
        for line in secret.splitlines():
            # the runner reads both streams, and stdout may be redirected to a file
            print(f"::add-mask::{escape_data(line)}", file=sys.stderr, flush=True)


def set_outputs(values: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> None:
    """Write the step's outputs. A value can neither end its own block nor start another output.

    They are what the command decided or did. If they cannot be written, the process fails in the end (`cli.output`).
    """
    decided(values)
    target = environment.get("GITHUB_OUTPUT")
    if not target:
        return
    import secrets  # slow to load

    blocks = []
    for name, value in values.items():
        delimiter = f"wavegate_{secrets.token_hex(16)}"
        if delimiter in value:
            raise InputError(f"Output {name} contains its own random delimiter.", fix="Run the step again.")
        blocks.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    _append(Path(target), "".join(blocks).encode("utf-8", "backslashreplace"), "the step's outputs (GITHUB_OUTPUT)")


def add_summary(markdown: str, environment: Mapping[str, str] = os.environ) -> None:
    """Append to the step summary. If it would be too long for GitHub, it is truncated after a line.

    If it cannot be written, the process fails in the end (`cli.output`).
    """
    target = environment.get("GITHUB_STEP_SUMMARY")
    if not target:
        return
    path = Path(target)
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    room = SUMMARY_LIMIT - len(_CUT) - size
    data = markdown.encode("utf-8", "replace") + b"\n"
    if room <= 0:
        return
    if len(data) > room:
        data = data[: data.rfind(b"\n", 0, room) + 1] + _CUT
    _append(path, data, "the step's summary (GITHUB_STEP_SUMMARY)")


def _append(path: Path, data: bytes, place: str) -> None:
    try:
        with path.open("ab") as stream:
            stream.write(data)
    except OSError as error:
        lose(place, error)
