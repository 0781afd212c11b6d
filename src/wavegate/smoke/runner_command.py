"""Any program as a runner: it is started once for each run and prints a JSON line for each case."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from wavegate.errors import InputError
from wavegate.smoke.lines import read_case
from wavegate.smoke.values import CaseResult, FinishedRun, PlannedRun
from wavegate.text import one_line

MAX_BYTES = 16 * 1024 * 1024
"""That a program may print in one run."""
_LOOK = 0.02
"""Seconds between two looks at the program."""
_WITHHELD = ("GITHUB_TOKEN", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
"""What a test program has no business with: it could speak for wavegate in the workflow."""


class Command:
    """Starts a program for each planned run, without a shell.

    arguments: the program and its arguments. time_limit: seconds for all runs together. The program learns what to
    run from WAVEGATE_RUN_SUITE, _TEST, _DEFINITION, _NUMBER and _ENVIRONMENT, and runs in the folder.
    redact: takes personal data and secrets out of what it says when it fails.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment_name: str,
        time_limit: float,
        redact: Callable[[str], str],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._arguments = list(arguments)
        self._folder = folder
        self._redact = redact
        self._end = time.monotonic() + time_limit
        kept = {name: value for name, value in environment.items() if name not in _WITHHELD}
        self._environment = {**kept, "WAVEGATE_RUN_ENVIRONMENT": environment_name}

    def run(self, planned: Sequence[PlannedRun]) -> Iterator[FinishedRun]:
        """Each planned run as its program ends, one after the other."""
        for each in planned:
            with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
                problem = self._execute(each, output, errors)
                cases, complaint = _read(output, each)
            yield FinishedRun(planned=each, cases=cases, problem=problem or complaint)

    def _execute(self, planned: PlannedRun, output: IO[bytes], errors: IO[bytes]) -> str:
        """Run the program to its end; what is wrong with that, or ''."""
        if time.monotonic() >= self._end:
            return "it was not started: the time limit has passed"
        asked = {
            "WAVEGATE_RUN_SUITE": planned.suite,
            "WAVEGATE_RUN_TEST": planned.test,
            "WAVEGATE_RUN_DEFINITION": planned.definition,
            "WAVEGATE_RUN_NUMBER": str(planned.run),
        }
        try:
            process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                cwd=self._folder,
                env={**self._environment, **asked},
                start_new_session=True,
            )
        except OSError as error:
            raise InputError(
                f"The program {one_line(self._arguments[0], 100)} cannot be started: {error.strerror}.",
                fix="Name a program on the PATH, or its path, and give its arguments one by one.",
            ) from None
        try:
            problem = self._watch(process, output)
        finally:
            _end_group(process)
        if problem or process.returncode == 0:
            return problem
        told = one_line(self._redact(_last_line(errors)), 200)
        return f"the program ended with status {process.returncode}{': ' + told if told else ''}"

    def _watch(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> str:
        while True:
            over = process.poll() is not None
            if os.fstat(output.fileno()).st_size > MAX_BYTES:
                return f"the program printed more than {MAX_BYTES} bytes"
            if over:
                return ""
            if time.monotonic() >= self._end:
                return "the program was ended at the time limit"
            time.sleep(_LOOK)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the program and all that it started and left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - 4096))
    lines = errors.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _read(output: IO[bytes], planned: PlannedRun) -> tuple[tuple[CaseResult, ...], str]:
    """The cases that were printed, and what is wrong with the output, or ''."""
    output.seek(0)
    lines = [line for line in output.read(MAX_BYTES).split(b"\n") if line.strip()]
    cases: list[CaseResult] = []
    for number, line in enumerate(lines, start=1):
        try:
            cases.append(read_case(line, planned))
        except ValueError as error:
            return tuple(
                cases
            ), f"line {number} of the program's output is neither observation nor transcript: {error}"
    return tuple(cases), "" if cases else "the program printed no case"
