"""The evidence of a smoke run: judged as runs end, told on the log, written whole."""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec.structs import replace

from wavegate.cli import actions
from wavegate.errors import ExitCode, ServiceError, WavegateError
from wavegate.evidence.observation import Observation, Subject
from wavegate.evidence.transcript import Transcript
from wavegate.evidence.write import LinesFile
from wavegate.files.pattern_search import PatternSearch
from wavegate.findings.selection import MAX_ANNOTATIONS
from wavegate.smoke.job import Job
from wavegate.smoke.personal_data import redact
from wavegate.smoke.report import RunReport, count_tests, observations, remarks, report_run
from wavegate.smoke.summary import markdown_summary, text_lines
from wavegate.smoke.values import FinishedRun
from wavegate.text import one_line


class SmokeRunRecorder:
    """What came of a job so far.

    error: what ended it early. unsettled: why nothing that was observed may pass, or ''.
    """

    def __init__(self, job: Job, search: PatternSearch, transcripts: LinesFile | None) -> None:
        self.error: WavegateError | None = None
        self.unsettled = ""
        self._job = job
        self._search = search
        self._transcripts = transcripts
        self._reports: list[RunReport] = []

    @property
    def is_complete(self) -> bool:
        """Whether asking again can bring nothing more."""
        return self.error is None and not self._open_runs()

    def follow(self, runs: Iterator[FinishedRun]) -> None:
        """Take in every run. An error ends it early, and is kept until all that is known is written."""
        try:
            for ended in runs:
                self._take(ended)
        except WavegateError as error:
            self.error = error
            known = {report.planned for report in self._reports}
            for planned in self._job.planned:
                if planned not in known:
                    self._take(FinishedRun(planned=planned, problem=error.message, resumable=True))

    def write(self, subjects: dict[str, Subject]) -> None:
        """Write the observations, and say what they are. subjects: by suite."""
        seen = list(observations(self._reports, subjects, unsettled=bool(self.unsettled)))
        with LinesFile(self._job.options.output) as file:
            for each in seen:
                file.write(each)
        self._tell(seen)

    def finish(self) -> ExitCode:
        """The exit code; raises what ended the job early."""
        if self.error:
            raise self.error
        if self._open_runs():
            raise ServiceError(
                f"{self._open_runs()} of {len(self._reports)} runs have not ended.",
                fix="Run the command again: it takes them up and starts none twice.",
            )
        return ExitCode.OK

    def _open_runs(self) -> int:
        return sum(report.resumable for report in self._reports)

    def _take(self, ended: FinishedRun) -> None:
        report = report_run(ended, self._job.packs[ended.planned.suite], self._search, time=datetime.now(UTC))
        self._reports.append(report)
        outcomes = [judged.observation.outcome.value for judged in report.judged]
        counts = ", ".join(f"{outcomes.count(each)} {each}" for each in dict.fromkeys(outcomes))
        say(f"[{len(self._reports)}/{len(self._job.planned)}] {ended.planned}: {counts}")
        for remark in remarks(report):
            say(f"  {remark}")
        if self._transcripts:
            for case in ended.cases:
                if case.transcript:
                    self._transcripts.write(_redacted(case.transcript))

    def _tell(self, seen: list[Observation]) -> None:
        told = [self.unsettled] if self.unsettled else []
        told += [remark for report in self._reports for remark in remarks(report)]
        tests, environment = count_tests(seen), self._job.environment.name
        for line in text_lines(environment, tests):
            say(line)
        if actions.in_actions():
            for remark in told[:MAX_ANNOTATIONS]:
                print(actions.workflow_command("warning", one_line(remark), title="wavegate smoke"), flush=True)
        actions.add_summary(markdown_summary(environment, tests, told))
        actions.set_outputs(
            {
                "observations": str(self._job.options.output),
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
