"""Recorded transcripts instead of an org: what an agent said and did then is judged by today's policies."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from wavegate.errors import InputError
from wavegate.evidence.transcript import Transcript
from wavegate.smoke.lines import case_of, read_transcript
from wavegate.smoke.values import FinishedRun, PlannedRun

MAX_BYTES = 64 * 1024 * 1024
"""Of all recorded files together."""


class Replay:
    """Replays JSON Lines files of transcripts. paths: files, or folders of `*.jsonl` files."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._recorded: dict[tuple[str, int], list[Transcript]] = defaultdict(list)
        room = MAX_BYTES
        for path in _files(paths):
            room -= path.stat().st_size
            if room < 0:
                raise InputError(f"The recorded transcripts have over {MAX_BYTES} bytes.", fix="Replay fewer.")
            self._load(path)

    def run(self, planned: Sequence[PlannedRun]) -> Iterator[FinishedRun]:
        """Each planned run with the transcripts that were recorded of it."""
        for each in planned:
            transcripts = self._recorded.get((each.test, each.run), [])
            cases = tuple(case_of(transcript, each) for transcript in transcripts)
            yield FinishedRun(planned=each, cases=cases, problem="" if cases else "no transcript of it was recorded")

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
                fix="Name a JSON Lines file of transcripts, or a folder of such files.",
                file=str(path),
            )
        yield from files
