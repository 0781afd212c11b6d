"""Makes the pictures of docs/screens from what the commands write on the doubles.

Run it from the repository: `npm ci --prefix tests/screens && .venv/bin/python tests/screens/make.py [NAME …]`. It
needs Chromium (CHROMIUM, by default /usr/bin/chromium) and a font with emoji. SCREENS lists what there is.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.screens.scenes import SCREENS  # noqa: E402


def main(names: Sequence[str]) -> None:
    """Make the named pictures, or all. Their Markdown is kept in the folder that is printed."""
    written = Path(tempfile.mkdtemp(prefix="wavegate-screens-"))
    for name in names or SCREENS:
        with tempfile.TemporaryDirectory() as folder:
            (written / f"{name}.md").write_text(SCREENS[name](Path(folder)), encoding="utf-8")
    render = ["node", str(ROOT / "tests/screens/render.mjs"), str(written), str(ROOT / "docs/screens")]
    subprocess.run(render, check=True)
    print(written)


if __name__ == "__main__":
    main(sys.argv[1:])
