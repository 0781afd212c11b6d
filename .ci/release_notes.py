"""Print what CHANGELOG.md says of a version; fail where the version is not the one that pyproject.toml has.

`python3 .ci/release_notes.py 0.1.0`. Standard library only.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def notes(version: str, changelog: str) -> str:
    """The text under the version's heading, `## 0.1.0` or `## [0.1.0] - 2026-01-31`; '' where it has none."""
    found = re.search(rf"(?ms)^## \[?{re.escape(version)}\]?(?:[ -].*?)?$\n(.*?)(?=^## |^\[[^\]]+\]: |\Z)", changelog)
    return found.group(1).strip() if found else ""


def main(version: str) -> int:
    """Print the notes; 1 with a message where there is nothing to release under that version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    if version != project:
        print(f"pyproject.toml has version {project}, not {version}: change one of them.", file=sys.stderr)
        return 1
    text = notes(version, (ROOT / "CHANGELOG.md").read_text())
    if not text:
        print(f"CHANGELOG.md says nothing under '## {version}': write what changed.", file=sys.stderr)
        return 1
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
