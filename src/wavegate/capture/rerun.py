"""Runs captured tests again now, with a program that talks to the agent."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from wavegate.capture.options import CaptureOptions
from wavegate.capture.values import Capture, CapturedTest
from wavegate.evidence.observation import Outcome
from wavegate.files.whole import write_whole
from wavegate.redaction.personal_data import redact
from wavegate.release.pack import PackTest
from wavegate.smoke.policies import Search
from wavegate.smoke.runner_command import Command
from wavegate.smoke.runs import judge_case
from wavegate.smoke.values import PlannedRun, Runner

FILES = "WAVEGATE_CAPTURED_FILES"
"""Tells the program the folder with the new files, which no branch has yet."""


def with_reruns(capture: Capture, options: CaptureOptions, search: Search) -> Capture:
    """The capture with the outcome of one run of each test. What the agent says now is not kept."""
    if not options.command or not capture.tests or options.dry_run:
        return capture
    with tempfile.TemporaryDirectory(prefix="wavegate-") as folder:
        for path, data in capture.files.items():
            write_whole(Path(folder) / path, data, private=True)
        command = Command(
            options.command,
            folder=options.root,
            environment_name=capture.environment,
            time_limit=options.timeout.total_seconds(),
            redact=redact,
            pass_env=(*options.pass_env, FILES),
            environment={**os.environ, FILES: folder},
        )
        reruns = {test.name: _rerun(test, capture.suite, command, search) for test in capture.tests}
    return replace(capture, reruns=reruns)


def _rerun(test: CapturedTest, suite: str, command: Command, search: Search) -> Outcome:
    """fail if any case fails; pass only if there are cases and every one passes."""
    planned = PlannedRun(suite=suite, test=test.name, run=1, definition=test.definition, runner=Runner.COMMAND)
    entry = PackTest(
        name=test.name, kind=test.kind, severity=test.severity, policies=tuple(each.name for each in test.policies)
    )
    outcomes: set[Outcome] = set()
    for finished in command.run([planned]):
        outcomes |= {judge_case(each, entry, test.policies, search).observation.outcome for each in finished.cases}
        if finished.problem or not finished.cases:
            outcomes.add(Outcome.ERROR)
    if Outcome.FAIL in outcomes:
        return Outcome.FAIL
    return Outcome.PASS if outcomes == {Outcome.PASS} else Outcome.ERROR
