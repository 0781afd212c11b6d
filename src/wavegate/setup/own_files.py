"""wavegate's own workflow templates, and the commit that it was installed from."""

import json
from importlib import metadata
from pathlib import Path

from wavegate.errors import ServiceError
from wavegate.git.process import GitProcess

_PACKAGE, _CHECKOUT = Path(__file__).parents[1], Path(__file__).parents[3]
_COMMIT = _PACKAGE / "commit.txt"
_FOLDER = "workflows-templates"


def workflow_templates() -> dict[str, str]:
    """The templates by file name, from the installed package or the checkout."""
    folder = _PACKAGE / _FOLDER if (_PACKAGE / _FOLDER).is_dir() else _CHECKOUT / _FOLDER
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.yml"))}


def own_commit() -> str | None:
    """The full SHA of wavegate's own commit; None if it is unknown.

    It is that of the checkout, else the one that the wheel was built from, else the one that pip recorded when it
    installed wavegate from git.
    """
    if (_CHECKOUT / "launch.py").is_file() and (_CHECKOUT / ".git").exists():
        try:
            return GitProcess(_CHECKOUT).text("rev-parse", "HEAD")
        except ServiceError:
            return None
    if _COMMIT.is_file():
        return _COMMIT.read_text("ascii").strip()
    try:
        recorded = metadata.distribution("wavegate").read_text("direct_url.json")
        commit = json.loads(recorded or "{}").get("vcs_info", {}).get("commit_id")
    except (metadata.PackageNotFoundError, ValueError, AttributeError):
        return None
    return commit if isinstance(commit, str) else None
