"""wavegate's own workflows and templates, and the commit that it was installed from."""

import json
from importlib import metadata
from pathlib import Path
from typing import Any

from wavegate import __version__
from wavegate.errors import ServiceError
from wavegate.git.process import GitProcess
from wavegate.setup.local.generated import ACTIONS

_PACKAGE, _CHECKOUT = Path(__file__).parents[1], Path(__file__).parents[3]
_COMMIT = _PACKAGE / "commit.txt"
_FOLDER = "workflows-templates"
_REUSABLE = "reusable-workflows"
"""Folder of the installed package; in the checkout, they are where GitHub looks for workflows."""


def workflow_templates() -> dict[str, str]:
    """The templates by file name, from the installed package or the checkout."""
    return _texts(_PACKAGE / _FOLDER, _CHECKOUT / _FOLDER)


def reusable_workflows() -> dict[str, str]:
    """The reusable workflows by name, such as `promote`, from the installed package or the checkout."""
    texts = _texts(_PACKAGE / _REUSABLE, _CHECKOUT / ".github" / "workflows")
    return {name.removesuffix(".yml"): text for name, text in texts.items() if "\n  workflow_call:\n" in text}


def _texts(installed: Path, checkout: Path) -> dict[str, str]:
    folder = installed if installed.is_dir() else checkout
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


def is_released() -> bool:
    """Whether `own_commit` is known to be a release's.

    It is if the checkout's has the release's tag, or the package came from an index, from the release's tag or from
    the page of a release. A wheel from elsewhere, or a folder, may be of any commit.
    """
    if (_CHECKOUT / "launch.py").is_file() and (_CHECKOUT / ".git").exists():
        try:
            return f"v{__version__}" in GitProcess(_CHECKOUT).text("tag", "--points-at", "HEAD").splitlines()
        except ServiceError:
            return False
    try:
        recorded = metadata.distribution("wavegate").read_text("direct_url.json")
        return recorded is None or _is_a_releases(json.loads(recorded))
    except (metadata.PackageNotFoundError, ValueError, AttributeError, TypeError):
        return False


def _is_a_releases(source: dict[str, Any]) -> bool:
    """Whether an installer's record of a source names a release. Source: packaging.python.org, "Direct URL"."""
    if "vcs_info" in source:
        return str(source["vcs_info"].get("requested_revision")) == f"v{__version__}"
    return str(source.get("url")).startswith(f"https://github.com/{ACTIONS}/releases/download/v{__version__}/")
