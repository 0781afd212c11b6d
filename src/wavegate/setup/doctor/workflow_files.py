"""Reads the workflows of a checkout, and who owns its files."""

from collections.abc import Mapping
from pathlib import Path

from wavegate.errors import InputError
from wavegate.files.folder import FILE_LIMIT
from wavegate.files.yaml_reader import read_yaml
from wavegate.release.readiness.code_owners import CODE_OWNERS_PLACES
from wavegate.setup.doctor.workflows import Workflow, workflow_of
from wavegate.setup.local.generated import FOLDER
from wavegate.text import one_line


def workflow_texts(root: Path) -> dict[str, str]:
    """The text of every workflow of a checkout, by file name."""
    try:
        found = sorted(
            path for path in (root / FOLDER).glob("*.y*ml") if path.is_file() and path.stat().st_size <= FILE_LIMIT
        )
        return {path.name: path.read_text("utf-8", errors="replace") for path in found}
    except OSError as refused:
        raise InputError(
            f"The workflows cannot be read: {refused.strerror}.",
            fix="Check the permissions of this file.",
            file=one_line(str(refused.filename), 300),
        ) from None


def code_owners_text(root: Path) -> str:
    """The text of the file that GitHub takes the code owners from; '' without one."""
    try:
        found = next((root / place for place in CODE_OWNERS_PLACES if (root / place).is_file()), None)
        text = found.read_bytes()[:FILE_LIMIT] if found else b""
    except OSError:
        return ""  # as if nobody owned anything: doctor says so
    return text.decode("utf-8", "replace")


def read_workflows(texts: Mapping[str, str]) -> list[Workflow]:
    """The workflows. texts: by file name."""
    return [_read(file, text) for file, text in texts.items()]


def _read(file: str, text: str) -> Workflow:
    document = read_yaml(text.encode("utf-8", "replace"), path=file)
    # a file of comments alone is empty, not malformed
    is_read = document.root is not None or all(each.rule == "file/empty" for each in document.findings)
    return workflow_of(file, document.root, is_read=is_read)
