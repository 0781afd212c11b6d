"""The commit that a command is about, if none is named."""

from pathlib import Path

from wavegate.cli.actions import current_run
from wavegate.errors import InputError
from wavegate.git.repository import Git


def commit_of(root: Path) -> str:
    """The checked-out commit, else the workflow run's; '' if neither is known."""
    try:
        return Git(root).resolve("HEAD")
    except InputError:
        return current_run().sha
