"""Downloads artifacts as the real action does: one by its name, or all that match a pattern, in separate folders."""

import os
import shutil
import sys
from fnmatch import fnmatchcase
from pathlib import Path


def main() -> int:
    """Copy the files into place; 1 if the real action would fail."""
    name, pattern, target = os.environ["NAME"], os.environ["PATTERN"], Path(os.environ["TARGET"])
    kept = Path(os.environ["STAND_IN_ARTIFACTS"])
    if name:
        if not (kept / name).is_dir():
            print(f"::error::Unable to download artifact(s): Artifact not found for name: {name}")
            return 1
        shutil.copytree(kept / name, target, dirs_exist_ok=True)
        return 0
    for artifact in sorted(kept.glob("*")):
        if fnmatchcase(artifact.name, pattern):
            shutil.copytree(artifact, target / artifact.name, dirs_exist_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
