"""The artifacts of a workflow run's jobs: which of them hold the evidence if jobs were run again.

`actions/download-artifact` with a pattern puts every artifact into a folder of its name. A job that is run again
uploads another artifact, since none is ever replaced; its name ends in `-attempt-N`, the attempt of the run. After
"Re-run failed jobs", the artifacts of the other jobs are those of an earlier attempt.
Source: actions/download-artifact v8.0.1, src/download-artifact.ts.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from wavegate.errors import InputError
from wavegate.text import one_line

_NAME = re.compile(r"(.+)-attempt-([1-9][0-9]{0,3})", re.DOTALL)


def newest_artifacts(names: Iterable[str]) -> tuple[str, ...]:
    """Of artifacts with these names, those of the highest attempt of each job, sorted.

    InputError: a name does not end in `-attempt-N`, so it is unknown which ones are of the same job.
    """
    newest: dict[str, int] = {}
    for name in names:
        match = _NAME.fullmatch(name)
        if match is None:
            raise InputError(
                f"{one_line(name, 200)} is not the name of a job's artifact.",
                fix="Upload it as NAME-attempt-N, where N is `github.run_attempt`, or pass it with --observations.",
            )
        newest[match[1]] = max(newest.get(match[1], 0), int(match[2]))
    return tuple(sorted(f"{base}-attempt-{attempt}" for base, attempt in newest.items()))


def artifact_folders(folder: str, *, root: Path) -> tuple[str, ...]:
    """The folders of the newest artifacts in a folder of downloaded ones; the folder itself if it has none.

    InputError: it cannot be read, or holds something else.
    """
    try:
        with os.scandir(root / folder) as opened:
            entries = list(opened)
    except OSError as error:
        fix = "Name the folder that the artifacts were downloaded to."
        raise InputError(f"The folder {folder} cannot be read: {error.strerror}.", fix=fix) from error
    stray = [entry.name for entry in entries if not entry.is_dir(follow_symlinks=False)]
    if stray:
        raise InputError(
            f"The folder {folder} contains {one_line(min(stray), 200)}, which is not a downloaded artifact.",
            fix="Download the artifacts into an empty folder, each into a folder of its own.",
        )
    names = newest_artifacts(entry.name for entry in entries)
    return tuple(str(Path(folder) / name) for name in names) or (folder,)
