"""Replays recorded transcripts instead of testing in an org, and judges them by the current policies."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from wavegate.errors import InputError
from wavegate.evidence.transcript import Transcript
from wavegate.smoke.lines import case_of, read_transcript
from wavegate.smoke.values import FinishedRun, PlannedRun

MAX_BYTES = 64 * 1024 * 1024
"""Bytes of all recorded files together."""


class Replay:
    """Replays JSON Lines files of transcripts. paths: files, or folders of `*.jsonl` files."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._recorded: dict[tuple[str, int], list[Transcript]] = defaultdict(list)
        room = MAX_BYTES
        for path in _files(paths):
            room -= path.stat().st_size
            if room < 0:
                message = f"The recorded transcripts are larger than {MAX_BYTES} bytes."
                raise InputError(message, fix="Replay fewer of them at once.")
            self._load(path)

    @property
    def most_runs(self) -> int:
        """The highest recorded run number."""
        return max((run for _, run in self._recorded), default=0)

    def run(self, planned: Sequence[PlannedRun]) -> Iterator[FinishedRun]:
        """The planned runs with their recorded transcripts."""
        for run in planned:
            transcripts = self._recorded.get((run.test, run.run), [])
            cases = tuple(case_of(transcript, run) for transcript in transcripts)
            yield FinishedRun(planned=run, cases=cases, problem="" if cases else "it has no recorded transcript")

    def _load(self, path: Path) -> None:
        for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
            if line.strip():
                transcript = read_transcript(line, path=str(path), line=number)
                self._recorded[transcript.test, transcript.run].append(transcript)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not files or not files[0].is_file():
            raise InputError(
                "There are no recorded transcripts here.",
                fix="Pass a JSON Lines file of transcripts, or a folder of such files.",
                file=str(path),
            )
        yield from files
