"""Print what CHANGELOG.md says of a version; fail where the version is not the product's own.

`python3 .ci/release_notes.py 0.1.0`. Standard library only.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION_FILE = "src/wavegate/__init__.py"


def notes(version: str, changelog: str) -> str:
    """The text under the version's heading, `## 0.1.0` or `## [0.1.0] - 2026-01-31`; '' where it has none."""
    found = re.search(rf"(?ms)^## \[?{re.escape(version)}\]?(?:[ -].*?)?$\n(.*?)(?=^## |^\[[^\]]+\]: |\Z)", changelog)
    return found.group(1).strip() if found else ""


def main(version: str) -> int:
    """Print the notes; 1 with a message where there is nothing to release under that version."""
    found = re.search(r'(?m)^__version__ = "(.+)"$', (ROOT / VERSION_FILE).read_text())
    if not found or version != found[1]:
        print(f"{VERSION_FILE} does not say {version}: change one of them.", file=sys.stderr)
        return 1
    text = notes(version, (ROOT / "CHANGELOG.md").read_text())
    if not text:
        print(f"CHANGELOG.md says nothing under '## {version}': write what changed.", file=sys.stderr)
        return 1
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
