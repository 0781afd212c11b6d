"""Records the evidence of a smoke run: judges runs as they finish, logs them, and writes the observations."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from wavegate.census.values import NOTHING_KNOWN, Census
from wavegate.cli import actions
from wavegate.errors import ExitCode, ServiceError, WavegateError
from wavegate.evidence.observation import Observation, Subject
from wavegate.evidence.transcript import Transcript
from wavegate.evidence.write import LinesFile
from wavegate.files.pattern_search import PatternSearch
from wavegate.findings.selection import MAX_ANNOTATIONS
from wavegate.redaction.personal_data import redact
from wavegate.smoke.job import Job
from wavegate.smoke.report import RunReport, count_tests, observations, remarks, report_run
from wavegate.smoke.summary import markdown_summary, text_lines
from wavegate.smoke.values import FinishedRun, PlannedRun
from wavegate.text import one_line


class SmokeRunRecorder:
    """The results of a job so far.

    error: what stopped it early. unsettled: why no observation may count as a pass, or ''.
    """

    def __init__(self, job: Job, search: PatternSearch, transcripts: LinesFile | None) -> None:
        self.error: WavegateError | None = None
        self.unsettled = ""
        self._job = job
        self._search = search
        self._transcripts = transcripts
        self._reports: list[RunReport] = []
        self._observed: list[Observation] = []
        self._planned = self._counted = 0

    @property
    def is_complete(self) -> bool:
        """Whether all results are known, so that another smoke run would add nothing."""
        return self.error is None and not self._open_runs()

    def follow(self, planned: Sequence[PlannedRun], runs: Iterator[FinishedRun]) -> None:
        """Record every planned run as it finishes. An error stops this early; `finish` raises it."""
        self._planned += len(planned)
        try:
            for finished in runs:
                self._record(finished)
        except WavegateError as error:
            self.error = error
            known = {report.planned for report in self._reports}
            for run in planned:
                if run not in known:
                    self._record(FinishedRun(planned=run, problem=error.message, resumable=True))

    def write(self, subjects: dict[str, Subject], pinned: Census = NOTHING_KNOWN) -> None:
        """Write all observations so far, so that a later crash does not lose them.

        subjects: by suite. pinned: the test definitions that ran, which may pin a version.
        """
        unsettled = bool(self.unsettled)
        self._observed = list(observations(self._reports, subjects, unsettled=unsettled, pinned=pinned))
        with LinesFile(self._job.options.output) as file:
            for observation in self._observed:
                file.write(observation if self._job.options.quotes else replace(observation, quote=""))

    def newest(self) -> Iterator[Observation]:
        """The observations since the last call, without their subjects."""
        reports, self._counted = self._reports[self._counted :], len(self._reports)
        return (judged.observation for report in reports for judged in report.judged)

    def finish(self) -> ExitCode:
        """Report the observations. Returns the exit code. Raises the error that stopped the job early."""
        self._report_result(self._observed)
        if self.error:
            raise self.error
        if self._open_runs():
            raise ServiceError(
                f"{self._open_runs()} of {len(self._reports)} runs have not finished.",
                fix="Run the command again: it resumes them and never starts a run twice.",
            )
        return ExitCode.OK

    def _open_runs(self) -> int:
        return sum(report.resumable for report in self._reports)

    def _record(self, finished: FinishedRun) -> None:
        planned = finished.planned
        report = report_run(
            finished,
            self._job.packs[planned.suite],
            self._search,
            time=datetime.now(UTC),
            expected=self._job.census.of(planned.suite, planned.test),
        )
        self._reports.append(report)
        outcomes = [judged.observation.outcome.value for judged in report.judged]
        counts = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(outcomes))
        say(f"[{len(self._reports)}/{self._planned}] {finished.planned}: {counts}")
        for remark in remarks(report):
            say(f"  {remark}")
        if self._transcripts:
            for case in finished.cases:
                if case.transcript:
                    self._transcripts.write(_redacted(case.transcript))

    def _report_result(self, observed: list[Observation]) -> None:
        notes = [self.unsettled] if self.unsettled else []
        notes += [remark for report in self._reports for remark in remarks(report)]
        tests, environment = count_tests(observed), self._job.environment.name
        for line in text_lines(environment, tests):
            say(line)
        if actions.in_actions():
            for note in notes[:MAX_ANNOTATIONS]:
                print(actions.workflow_command("warning", one_line(note), title="wavegate smoke"), flush=True)
        actions.add_summary(
            markdown_summary(environment, tests, [*(each.progress() for each in self._job.waves), *notes])
        )
        actions.set_outputs(
            {
                "observations": str(self._job.options.output) if observed else "",
                "passed": str(sum(each.passed for each in tests)),
                "failed": str(sum(each.failed for each in tests)),
                "errors": str(sum(each.errors for each in tests)),
                "complete": str(self.is_complete).lower(),
            }
        )


def say(line: str) -> None:
    """Print one line of progress."""
    print(one_line(line), flush=True)


def _redacted(transcript: Transcript) -> Transcript:
    turns = tuple(replace(turn, text=redact(turn.text)) for turn in transcript.turns)
    return replace(transcript, turns=turns)
