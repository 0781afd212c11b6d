"""Runs the real workflow files under `act`, on this host and without network, and returns the results as values."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.support.environments import MIRROR, as_act_reads, prefixed
from tests.support.product import REFERENCE, ROOT

ACT = Path(sys.executable).parent / "act"
STAND_INS = ROOT / "tests" / "support" / "stand_ins"
SHELL = ROOT / "tests" / "support" / "shell"
CACHE = ROOT / ".venv" / "wavegate-cache"
SECONDS = 400
LEVELS = ("error", "warning", "notice")


@dataclass(frozen=True, kw_only=True, slots=True)
class Annotation:
    """An annotation by a step. level: error, warning or notice."""

    level: str
    message: str
    file: str | None
    line: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ActRun:
    """The result of a workflow run.

    outputs, steps: by the step's id, after the ids of the steps that contain it, joined by `/`.
    jobs: result by job id, including jobs of called workflows. summary: of all steps, in order.
    log: what a person sees of the run. calls: the result of each called workflow, by the id of the calling job.
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
    """`act` with its own home folder and a copy of the product. home: an empty folder."""

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
        environment_secrets: Mapping[str, Mapping[str, str]] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> ActRun:
        """Run one workflow file of a repository for an event, on a copy of its work tree.

        payload: of the event, with a dispatch's inputs as `inputs`. environment: for every step. secrets: of the
        repository. environment_secrets: of its GitHub environments, by the environment's name.
        """
        kept = environment_secrets or {}
        repository = as_act_reads(repository, self.home / "repository", kept)
        event_file = self.home / "event.json"
        event_file.write_text(json.dumps(payload or {}))
        secrets = {**(secrets or {}), **prefixed(kept)}
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
        """The repositories that workflows call, and the folders that replace them."""
        for repository in ("wavegate/wavegate", MIRROR):
            yield f"{repository}@{REFERENCE}", self.product
        yield from stand_ins()

    def surroundings(self) -> dict[str, str]:
        """The environment of `act` itself: a patient shell and a bare Python on the PATH, no settings, no network."""
        nowhere = "http://127.0.0.1:9"
        # not the tests' own environment: it has packages that the product's lock may lack
        python = Path(sys.base_prefix) / "bin"
        return {
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(SHELL), str(python), os.environ["PATH"]]),
            "HTTP_PROXY": nowhere,
            "HTTPS_PROXY": nowhere,
            "NO_PROXY": "127.0.0.1,localhost",
        }


def stand_ins() -> Iterator[tuple[str, Path]]:
    """The third-party actions that the tests replace: `owner/name@commit`, and the replacement's folder."""
    for action in sorted(STAND_INS.glob("*/*/action.yml")):
        for pin in re.findall(r"(?m)^# stands in for (\S+)", action.read_text()):
            yield pin, action.parent


def read_run(exit_code: int, text: str) -> ActRun:
    """The run that `act --json` reports."""
    reported = list(entries(text))
    calls: dict[str, list[Mapping[str, Any]]] = {}
    for entry in reported:
        # `caller/workflow/job`; a job of the workflow itself has no caller
        caller, *called = entry.get("job", "").split("/")
        if len(called) > 1:
            calls.setdefault(caller, []).append(entry)
    called_runs = {caller: _run(own, exit_code) for caller, own in calls.items()}
    return replace(_run(reported, exit_code), calls=called_runs)


def _run(reported: Sequence[Mapping[str, Any]], exit_code: int) -> ActRun:
    """The run described by these lines of `act --json`."""
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
    """The ids of the steps that contain a line's step, and its own id, joined by `/`."""
    return "/".join(entry.get("stepID", ()))


def entries(text: str) -> Iterator[dict[str, Any]]:
    """The lines of `act --json`; the few plain-text lines become messages too."""
    for line in text.split("\n"):
        yield json.loads(line) if line.startswith("{") else {"msg": line}


def annotation(entry: Mapping[str, Any]) -> Annotation:
    """The annotation in a line of `act`."""
    given = entry.get("kvPairs") or {}
    line = int(given["line"]) if "line" in given else None
    return Annotation(level=entry["command"], message=entry["arg"], file=given.get("file"), line=line)


def leaked(secrets: Iterable[str], run: ActRun, folder: Path, *recorded: object) -> list[str]:
    """The secrets that occur in a run's log, summary, outputs or files, or in the recorded values."""
    everything = [run.log, run.summary, repr(run.outputs), *map(repr, recorded)]
    everything += [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]
    return [secret for secret in secrets if any(secret in text for text in everything)]
