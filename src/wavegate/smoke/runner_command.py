"""Any program as a runner: it is started once per run and prints one JSON line per case."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from wavegate.child_environment import for_test_program, is_withheld
from wavegate.errors import InputError
from wavegate.smoke.lines import read_case
from wavegate.smoke.values import CaseResult, FinishedRun, PlannedRun
from wavegate.text import one_line

MAX_BYTES = 16 * 1024 * 1024
"""Bytes that a program may print in one run."""
_POLL_INTERVAL = 0.02
"""Seconds between two checks of the program."""


class Command:
    """Starts a program for each planned run, without a shell.

    arguments: the program and its arguments. time_limit: seconds for all runs together. The program runs in the
    folder, and gets its task from WAVEGATE_RUN_SUITE, _TEST, _DEFINITION, _NUMBER and _ENVIRONMENT.
    redact: removes personal data and secrets from the program's error message. pass_env: names of variables that the
    program gets beside those of the allow-list. InputError: one is not set, or would let the program act as wavegate.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment_name: str,
        time_limit: float,
        redact: Callable[[str], str],
        pass_env: Sequence[str] = (),
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._arguments = list(arguments)
        self._folder = folder
        self._redact = redact
        self._end = time.monotonic() + time_limit
        _check_names(pass_env, environment)
        self._passed = [environment[name] for name in pass_env if environment[name]]
        kept = for_test_program(environment, pass_env)
        self._environment = {**kept, "WAVEGATE_RUN_ENVIRONMENT": environment_name}

    def run(self, planned: Sequence[PlannedRun]) -> Iterator[FinishedRun]:
        """The planned runs as they finish, one after the other."""
        for run in planned:
            with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
                problem = self._execute(run, output, errors)
                cases, complaint = _read(output, run)
            yield FinishedRun(planned=run, cases=cases, problem=problem or complaint)

    def _execute(self, planned: PlannedRun, output: IO[bytes], errors: IO[bytes]) -> str:
        """Run the program until it exits. Returns the problem, or ''."""
        if time.monotonic() >= self._end:
            return "it was not started: the time limit has passed"
        task = {
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
                env={**self._environment, **task},
                start_new_session=True,
            )
        except OSError as error:
            raise InputError(
                f"The program {one_line(self._arguments[0], 100)} cannot be started: {error.strerror}.",
                fix="Use a program on the PATH, or its path, and pass the arguments as separate values.",
            ) from None
        try:
            problem = self._watch(process, output)
        finally:
            _kill_group(process)
        if problem or process.returncode == 0:
            return problem
        reason = one_line(self._redact(self._without_passed(_last_line(errors))), 200)
        return f"the program exited with status {process.returncode}{': ' + reason if reason else ''}"

    def _without_passed(self, text: str) -> str:
        for value in self._passed:
            text = text.replace(value, "***")
        return text

    def _watch(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> str:
        while True:
            has_exited = process.poll() is not None
            if os.fstat(output.fileno()).st_size > MAX_BYTES:
                return f"the program printed more than {MAX_BYTES} bytes"
            if has_exited:
                return ""
            if time.monotonic() >= self._end:
                return "the program was killed at the time limit"
            time.sleep(_POLL_INTERVAL)


def _check_names(names: Sequence[str], environment: Mapping[str, str]) -> None:
    for name in names:
        if is_withheld(name):
            raise InputError(
                f"The variable {one_line(name, 100)} is not passed to a test program: with it, the program could act "
                "as wavegate in the workflow.",
                fix="Remove it from --pass-env; set what the program needs under another name.",
            )
        if name not in environment:
            raise InputError(
                f"The variable {one_line(name, 100)} of --pass-env is not set.",
                fix="Set it in the environment of this step, or remove the name.",
            )


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and every process that it left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - 4096))
    lines = errors.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _read(output: IO[bytes], planned: PlannedRun) -> tuple[tuple[CaseResult, ...], str]:
    """The cases in the output, and the problem with it, or ''."""
    output.seek(0)
    lines = [line for line in output.read(MAX_BYTES).split(b"\n") if line.strip()]
    cases: list[CaseResult] = []
    for number, line in enumerate(lines, start=1):
        try:
            cases.append(read_case(line, planned))
        except ValueError as error:
            problem = f"line {number} of the program's output is neither an observation nor a transcript: {error}"
            return tuple(cases), problem
    return tuple(cases), "" if cases else "the program printed no case"
