"""Build hook: the wheel knows the commit that it was built from.

`wavegate init` pins workflows to that commit, so a wrong one is worse than none: a checkout with changed files
gets none. A source distribution holds the commit in a file, which a wheel that is built from it takes over.
"""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "commit.txt"


class CommitHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `wavegate/commit.txt` to the distribution."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the commit aside, and have it included."""
        root = Path(self.root)
        recorded = root / "src" / "wavegate" / NAME
        commit = recorded.read_text() if recorded.is_file() else of_checkout(root)
        if version == "editable" or not commit:
            return
        self._folder = tempfile.TemporaryDirectory()
        written = Path(self._folder.name, NAME)
        written.write_text(commit)
        target = "wavegate" if self.target_name == "wheel" else "src/wavegate"
        build_data["force_include"][str(written)] = f"{target}/{NAME}"


def of_checkout(root: Path) -> str:
    """The full SHA of HEAD; '' where there is no repository, or tracked files differ from it."""
    if not (root / ".git").exists():
        return ""
    try:
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
        return "" if changed else _git(root, "rev-parse", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout.strip()
