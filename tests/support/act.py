"""Workflows under `act`: the real files, on this host, without network; and what they did, as values."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.support.product import REFERENCE, ROOT

ACT = Path(sys.executable).parent / "act"
STAND_INS = ROOT / "tests" / "support" / "stand_ins"
CACHE = ROOT / ".venv" / "wavegate-cache"
SECONDS = 120
LEVELS = ("error", "warning", "notice")


@dataclass(frozen=True, kw_only=True, slots=True)
class Annotation:
    """What a step pinned to a place. level: error, warning or notice."""

    level: str
    message: str
    file: str | None
    line: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ActRun:
    """What a workflow run did.

    outputs, steps: by the ids of the step and of those that it is part of, joined by `/`.
    jobs: result by job id, of a called workflow's jobs too. summary: of all steps, in order.
    log: what a person sees of the run. calls: the same of each called workflow alone, by the id of the calling job.
    """

    exit_code: int
    annotations: tuple[Annotation, ...]
    outputs: dict[str, dict[str, str]]
    steps: dict[str, str]
    jobs: dict[str, str]
    summary: str
    log: str
    calls: "dict[str, ActRun]" = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """`act` with a home of its own and the product to serve. home: an empty folder."""

    home: Path
    product: Path

    def run(
        self,
        repository: Path,
        workflow: str,
        event: str,
        *,
        payload: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> ActRun:
        """Run one workflow file of a repository for an event, on a copy of its work tree.

        payload: of the event; a dispatch's inputs are its `inputs`. environment: for every step.
        """
        event_file = self.home / "event.json"
        event_file.write_text(json.dumps(payload or {}))
        secrets = secrets or {}
        command = [str(ACT), event, "--json", "--no-cache-server", "--platform", "ubuntu-latest=-self-hosted"]
        command += ["--workflows", f".github/workflows/{workflow}", "--eventpath", str(event_file)]
        for reference, folder in self.served():
            command += ["--local-repository", f"{reference}={folder}"]
        for name, value in {"WAVEGATE_CACHE": str(CACHE), **(environment or {})}.items():
            command += ["--env", f"{name}={value}"]
        for name, value in (variables or {}).items():
            command += ["--var", f"{name}={value}"]
        for name in secrets:
            command += ["--secret", name]
        done = subprocess.run(
            command,
            cwd=repository,
            env={**self.surroundings(), **secrets},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return read_run(done.returncode, done.stdout.decode() + done.stderr.decode())

    def served(self) -> Iterator[tuple[str, Path]]:
        """Repositories that workflows call, and the folders that stand for them."""
        yield f"wavegate/wavegate@{REFERENCE}", self.product
        yield from stand_ins()

    def surroundings(self) -> dict[str, str]:
        """The environment of `act` itself: a bare Python first, nobody's settings, and no way out to the network."""
        nowhere = "http://127.0.0.1:9"
        # not the tests' own environment: it has packages that the lock of the product may lack
        python = Path(sys.base_prefix) / "bin"
        return {
            "HOME": str(self.home),
            "PATH": f"{python}{os.pathsep}{os.environ['PATH']}",
            "HTTP_PROXY": nowhere,
            "HTTPS_PROXY": nowhere,
            "NO_PROXY": "127.0.0.1,localhost",
        }


def stand_ins() -> Iterator[tuple[str, Path]]:
    """Third-party actions that the tests stand in for: `owner/name@commit`, and the folder."""
    for action in sorted(STAND_INS.glob("*/*/action.yml")):
        pin = action.read_text().splitlines()[0].removeprefix("# stands in for ").split()[0]
        yield pin, action.parent


def read_run(exit_code: int, text: str) -> ActRun:
    """The run that `act --json` reports."""
    reported = list(entries(text))
    calls: dict[str, list[Mapping[str, Any]]] = {}
    for entry in reported:
        # `caller/workflow/job`; a job that no other one calls has no caller
        caller, *called = entry.get("job", "").split("/")
        if len(called) > 1:
            calls.setdefault(caller, []).append(entry)
    told = {caller: told_by(own, exit_code) for caller, own in calls.items()}
    return replace(told_by(reported, exit_code), calls=told)


def told_by(reported: Sequence[Mapping[str, Any]], exit_code: int) -> ActRun:
    """What these lines of `act --json` say."""
    outputs: dict[str, dict[str, str]] = {}
    for entry in reported:
        if entry.get("command") == "set-output":
            outputs.setdefault(step_of(entry), {})[entry["name"]] = entry["arg"]
    return ActRun(
        exit_code=exit_code,
        annotations=tuple(annotation(each) for each in reported if each.get("command") in LEVELS),
        outputs=outputs,
        steps={
            step_of(each): each["stepResult"]
            for each in reported
            if each.get("stage") == "Main" and "stepResult" in each
        },
        jobs={each["jobID"]: each["jobResult"] for each in reported if "jobResult" in each},
        summary="".join(each["content"] for each in reported if each.get("command") == "summary"),
        log="\n".join(each["msg"].rstrip("\n") for each in reported),
    )


def step_of(entry: Mapping[str, Any]) -> str:
    """The ids of the step that a line is about, and of those that it is part of."""
    return "/".join(entry.get("stepID", ()))


def entries(text: str) -> Iterator[dict[str, Any]]:
    """The lines of `act --json`; the few that it prints as plain text are messages too."""
    for line in text.split("\n"):
        yield json.loads(line) if line.startswith("{") else {"msg": line}


def annotation(entry: Mapping[str, Any]) -> Annotation:
    """The annotation in a line of `act`."""
    given = entry.get("kvPairs") or {}
    line = int(given["line"]) if "line" in given else None
    return Annotation(level=entry["command"], message=entry["arg"], file=given.get("file"), line=line)


def leaked(secrets: Iterable[str], run: ActRun, folder: Path, *recorded: object) -> list[str]:
    """Secrets that are in a run's log, summary or outputs, in what was recorded of it, or in a file it left."""
    everything = [run.log, run.summary, repr(run.outputs), *map(repr, recorded)]
    everything += [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]
    return [secret for secret in secrets if any(secret in text for text in everything)]
