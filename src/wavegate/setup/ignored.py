"""Keeps what wavegate's commands write into a checkout out of git."""

from pathlib import Path

from wavegate.errors import InputError
from wavegate.files.new_files import Written
from wavegate.files.whole import write_whole

OUTPUTS = (
    "/.wavegate/",
    "/observations.jsonl",
    "/wavegate-brief.md",
    "/wavegate-canary-decision.json",
    "/wavegate-decision.json",
    "/wavegate-plan/",
    "/wavegate-sums.json",
)
"""The commands' own folder, and the defaults of their `--output`."""
_COMMENT = "# written by wavegate's commands"


def ignore_outputs(root: Path) -> Written:
    """Add the outputs that `.gitignore` does not list yet. All its other lines stay as they are."""
    path = root / ".gitignore"
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return Written.DIFFERENT
    try:
        before = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise InputError(f".gitignore cannot be read: {error.strerror}.", fix="Check its mode.") from None
    old = before or b""
    listed = {line.strip().strip(b"/") for line in old.splitlines()}
    missing = [each for each in OUTPUTS if each.strip("/").encode() not in listed]
    if not missing:
        return Written.SAME
    end = b"\r\n" if b"\r\n" in old else b"\n"
    gap = end * ((not old.endswith(b"\n")) + 1) if old else b""
    write_whole(path, old + gap + b"".join(line.encode() + end for line in (_COMMENT, *missing)))
    return Written.NEW if before is None else Written.ADDED
