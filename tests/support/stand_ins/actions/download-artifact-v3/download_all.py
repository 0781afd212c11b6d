"""Downloads artifacts as version 3 of the action does: one by its name, or all of the run, in separate folders."""

import os
import shutil
import sys
from pathlib import Path


def main() -> int:
    """Copy the files into place; 1 if the real action would fail."""
    name, target, kept = os.environ["NAME"], Path(os.environ["TARGET"]), Path(os.environ["STAND_IN_ARTIFACTS"])
    if name and not (kept / name).is_dir():
        print(f"::error::Unable to find any artifacts for the associated workflow: {name}")
        return 1
    for artifact in [kept / name] if name else sorted(kept.glob("*")):
        shutil.copytree(artifact, target if name else target / artifact.name, dirs_exist_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
