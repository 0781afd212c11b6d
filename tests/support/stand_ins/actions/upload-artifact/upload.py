"""Stores an artifact as the real action does: unique by name, immutable, with paths relative to a common folder."""

import os
import re
import shutil
import sys
from pathlib import Path

FORBIDDEN = re.compile(r'[":<>|*?\r\n\\/]')


def main() -> int:
    """Store the files; 1 if the real action would fail."""
    name, when_none = os.environ["NAME"], os.environ["WHEN_NONE"]
    if not name or FORBIDDEN.search(name):
        print(f"::error::The artifact name is not valid: {name}")
        return 1
    files = [Path(line.strip()) for line in os.environ["UPLOADED"].splitlines() if line.strip()]
    found = [path for path in files if path.is_file()]
    if not found:
        print(f"::{'error' if when_none == 'error' else 'warning'}::No files were found with the provided path")
        return int(when_none == "error")
    target = Path(os.environ["STAND_IN_ARTIFACTS"]) / name
    if target.exists():
        print("::error::An artifact with this name already exists on the workflow run")
        return 1
    aside = target.with_name(f".{name}.{os.getpid()}")
    aside.mkdir(parents=True)
    for path in found:
        shutil.copy(path, aside / path.name)
    aside.rename(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
